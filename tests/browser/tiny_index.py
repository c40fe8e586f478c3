"""A tiny writer of the search index, for tests of the client alone and as referee of the builder.

It is written from the format's page (`laion_assets/core/index/FORMAT.md`), independently of the
real writer, in plain Python, and takes its tokens from SQLite FTS5 itself. It keeps everything in
memory and makes files, slots, chunks and thresholds as small as the test wants them. Building a
real index is `laion_assets.core.index`; units and lists are in `tiny_units`, the codes of rows in
`tiny_rows`, what documents hold is in `tiny_terms`.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.browser.tiny_rows import RowCodes, cell_of
from tests.browser.tiny_terms import (
    COLUMNS,
    VISIBILITIES,
    Document,
    Runs,
    beginnings_of,
    characters_of,
    in_rank_order,
    runs_of,
    site_term,
    tokens_of,
)
from tests.browser.tiny_units import (
    CHECK_UNITS,
    HEAD_PLACE,
    Lists,
    best_k,
    counted,
    encode_list,
    front_code,
    pack,
    rice,
    slice_of,
    units_of_bits,
    units_of_bytes,
    write_script,
    write_units,
)

FIELDS = ("domain", "host", "url", "platform", "artist", "celebrity", "character", "year", "id")
#: Fields whose values are suggested.
SUGGESTED = ("domain", "platform", "artist", "celebrity", "character")
#: The index's folder, named by a digest in real ones, and its directory.
FOLDER = "tiny"
DIRECTORY = f"{FOLDER}/directory.js"

_WITH_ROWS, _WITH_PLACES, _WITH_LISTS = "wfx", "bc", "wbfc"


@dataclass(frozen=True)
class Sizes:
    """The numbers of the format, small; what each is stands on the format's page."""

    places: int = 16
    slot: int = 320  # units
    first: int = 3  # slots of the first file of documents
    more: int = 2
    run: int = 2  # files of so many slots
    page: int = 20
    inline: int = 6
    local: int = 1
    chunk: int = 32
    rare: int = 2
    often: int = 12
    common: int = 40  # a common term has more documents
    commons: int = 40
    hot: int = 100  # a hot one has more documents
    hots: int = 8
    span: int = 192  # whole chunks
    block: int = 6  # terms
    file: int = 3  # blocks
    hashed: int = 3  # files of series `u` and `i`
    head: int | None = None  # units to read for a head; None: the longest
    prefix: int = 2  # beginnings whose words take more blocks are in series `x`
    suggestions: int = 12  # texts of a file


@dataclass
class TinyIndex:
    """Documents in rank order with their postings (by rank), and the files made of them."""

    documents: list[Document]
    sizes: Sizes = field(default_factory=Sizes)
    #: Further names of terms of series `f`: alias -> term.
    aliases: Mapping[str, str] = field(default_factory=dict)
    postings: dict[str, list[int]] = field(init=False)
    #: Number of the document of each rank.
    numbers: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.documents = in_rank_order(self.documents)
        self.tokens = tokens_of([document.caption for document in self.documents])
        self.postings = self._postings()
        rows = [document.as_row() for document in self.documents]
        self.seal = zlib.crc32(repr(rows).encode()) & 0x3FFFFFFF
        self.codes = RowCodes(rows)
        self._rows = [self.codes.encode(row) for row in rows]
        self._slots = self._fill_slots()
        self.numbers = [
            slot * self.sizes.places + place
            for slot, ranks in enumerate(self._slots)
            for place in range(len(ranks))
        ]
        self.series: dict[str, dict[str, list[int]]] = {  # ranks by term; an alias has none
            "w": {term: ranks for term, ranks in self.postings.items() if term[0] != ":"},
            "f": self._fields(),
            "u": self._hashed("url"),
            "i": self._hashed("id"),
        }
        self.places: dict[str, Runs] = {"b": self._runs(), "c": characters_of(self.tokens)}
        for kind, runs in self.places.items():
            self.series[kind] = {term: sorted(found) for term, found in runs.items()}
        self.series["x"] = beginnings_of(self.series["w"], self.sizes.block, self.sizes.prefix)
        counts = sorted(
            (-len(ranks), kind, term)
            for kind in "fw"
            for term, ranks in self.series[kind].items()
            if len(ranks) > max(self.sizes.common, self.sizes.page)
        )[: self.sizes.commons]
        self.common = [(kind, term) for _, kind, term in counts]
        self.hot = [term for n, _, term in counts if -n > self.sizes.hot][: self.sizes.hots]

    # What is in the index, by rank.

    def _postings(self) -> dict[str, list[int]]:
        found: defaultdict[str, set[int]] = defaultdict(set)
        for rank, document in enumerate(self.documents):
            for token in self.tokens[rank]:
                found[token].add(rank)
            for name, value in (
                ("domain", document.domain),
                ("id", str(document.id)),
                *document.fields,
            ):
                found[f":{name}:{value}"].add(rank)
        return {term: sorted(ranks) for term, ranks in sorted(found.items())}

    def _fields(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {alias: [] for alias in self.aliases}
        self.alias_of: dict[str, str] = dict(self.aliases)
        for key, ranks in self.postings.items():
            if key[0] != ":":
                continue
            _, name, value = key.split(":", 2)
            if name in ("url", "id"):
                continue
            if name in ("domain", "host"):
                term = site_term(value, host=name == "host")
                domain = self.documents[ranks[0]].domain
                is_alias = name == "host" and ranks == self.postings[f":domain:{domain}"]
                if is_alias:
                    self.alias_of[term] = site_term(domain, host=False)
                found[term] = [] if is_alias else ranks
            else:
                found[key] = ranks
        return found

    def _hashed(self, name: str) -> dict[str, list[int]]:
        found: defaultdict[str, set[int]] = defaultdict(set)
        for rank, document in enumerate(self.documents):
            values = [f"{document.id & 0xFFFFFFFF:08x}"]
            if name == "url":
                values = [value[:8] for key, value in document.fields if key == "url"]
            for value in values:
                found[value].add(rank)
        return {term: sorted(ranks) for term, ranks in found.items()}

    def _runs(self) -> Runs:
        words = {term for term, r in self.postings.items() if len(r) > self.sizes.rare}
        twos, threes = (runs_of(self.tokens, length, words) for length in (2, 3))
        often = {run for run, found in twos.items() if len(found) > self.sizes.often}
        for run, found in threes.items():
            first, second, third = run.split(" ")
            if f"{first} {second}" in often or f"{second} {third}" in often:
                twos[run] = found
        return twos

    # Documents.

    def _cell(self, ranks: Sequence[int]) -> bytes:
        ids = [self.documents[rank].id for rank in ranks]
        return cell_of(ids, (self._rows[rank] for rank in ranks))

    def _fits(self, ranks: Sequence[int]) -> bool:
        return len(units_of_bytes(bytes(4) + self._cell(ranks))) + CHECK_UNITS <= self.sizes.slot

    def _fill_slots(self) -> list[list[int]]:
        slots: list[list[int]] = []
        for rank in range(len(self.documents)):
            last = slots[-1] if slots else []
            if last and len(last) < self.sizes.places and self._fits([*last, rank]):
                last.append(rank)
            else:
                slots.append([rank])
        return slots

    def _write_documents(self, folder: Path) -> None:
        over: list[int] = []
        number = written = 0
        first, more, run = self.sizes.first, self.sizes.more, self.sizes.run
        while written < len(self._slots):
            after = written + first + more * (number // run)
            units: list[int] = []
            for ranks in self._slots[written:after]:
                data = ranks[0].to_bytes(4, "big") + self._cell(ranks)
                if not self._fits(ranks):
                    cell = self._cell(ranks)
                    cell = len(cell).to_bytes(3, "big") + cell
                    long = slice_of("o0000000", len(over), units_of_bytes(cell), self.seal)
                    where = (0, len(over), len(long))
                    over += long
                    data = ranks[0].to_bytes(4, "big") + bytes(2)
                    data += b"".join(n.to_bytes(4, "big") for n in where)
                payload = units_of_bytes(data)
                payload += [0] * (self.sizes.slot - CHECK_UNITS - len(payload))
                units += slice_of(f"d{number:07}", len(units), payload, self.seal)
            write_units(folder, "d", number, units)
            number, written = number + 1, after
        if over:
            write_units(folder, "o", 0, over)

    # Terms.

    def write(self, folder: Path) -> None:
        """Write every file of the index below `folder` (the site's `search/`)."""
        folder /= FOLDER
        self._write_documents(folder)
        self.lists = Lists(self.sizes.chunk, self.sizes.span, self.seal)
        series = {kind: self._write_series(folder, kind) for kind in "wbfxcui"}
        for number, units in enumerate(self.lists.files):
            write_units(folder, "h", number, units)
        series["s"] = self._write_suggestions(folder)
        sizes = self.sizes
        directory = {
            "version": 3,
            "seal": self.seal,
            "documents": len(self.documents),
            "places": sizes.places,
            "columns": COLUMNS,
            "rows": self.codes.described(),
            "visibilities": VISIBILITIES,
            "fields": FIELDS,
            "page": sizes.page,
            "inline": sizes.inline,
            "local": sizes.local,
            "chunk": sizes.chunk,
            "rare": sizes.rare,
            "often": sizes.often,
            "hot": self.hot,
            "slots": {
                "units": sizes.slot,
                "count": len(self._slots),
                "first": sizes.first,
                "more": sizes.more,
                "run": sizes.run,
            },
            "spans": sizes.span,
            "series": series,
        }
        firsts = {kind: about.pop("first") for kind, about in series.items() if "first" in about}
        write_script(folder / "a" / "0.js", "a0000000", firsts)
        write_script(folder / "directory.js", "directory", directory)

    def _write_series(self, folder: Path, kind: str) -> dict[str, Any]:
        terms = sorted(self.series[kind])
        step = self.sizes.block * self.sizes.file
        files = [terms[i : i + step] for i in range(0, len(terms), step)]
        if kind in "ui":
            count = self.sizes.hashed
            files = [[t for t in terms if int(t, 16) * count >> 32 == f] for f in range(count)]
        heads = [self._write_terms(folder, kind, n, terms) for n, terms in enumerate(files)]
        head = max(heads, default=0) if self.sizes.head is None else self.sizes.head
        described: dict[str, Any] = {"head": head, "files": len(files)}
        if kind not in "ui":
            described["first"] = front_code([terms[0] for terms in files])
        return described

    def _write_terms(self, folder: Path, kind: str, number: int, terms: list[str]) -> int:
        """Write a file of a series; return the units of its head."""
        key = f"{kind}{number:07}"
        step = self.sizes.block
        blocks = [terms[i : i + step] for i in range(0, len(terms), step)]
        streams = {term: self._stream(kind, term) for term in terms}
        tails = {
            term: self.lists.append(self.lists.chunks(units)[self.sizes.local :])
            for term, (_, units) in streams.items()
        }
        body: list[int] = []
        sizes = []
        place = 0
        for block in blocks:
            entries = []
            for term in block:
                k, units = streams[term]
                if kind not in "ui":
                    entries.append(self._entry(kind, term, (place, k, tails[term])))
                own = self.lists.chunks(units)[: self.sizes.local]
                place += sum(len(chunk) + CHECK_UNITS for chunk in own)
            data = self._hashes(kind, block) if kind in "ui" else self._block(kind, block, entries)
            sizes.append(len(data) + CHECK_UNITS)
            body += slice_of(key, len(body), data, self.seal)
        head = units_of_bytes(pack([front_code([b[0] for b in blocks]), sizes, len(body)]))
        for _, units in streams.values():
            for chunk in self.lists.chunks(units)[: self.sizes.local]:
                body += slice_of(key, len(body), chunk, self.seal)
        size = CHECK_UNITS + 2 + len(head)
        head = slice_of(key, HEAD_PLACE, [size >> 15, size & 0x7FFF, *head], self.seal)
        write_units(folder, kind, number, [*head, *body])
        return size

    def _block(self, kind: str, terms: list[str], entries: list[Any]) -> list[int]:
        counts = [len(self.series[kind][term]) for term in terms]
        data = pack([*front_code(terms), counts, entries])
        if kind in _WITH_ROWS:
            page = self.sizes.page
            data += self._cell([r for term in terms for r in self.series[kind][term][:page]])
        return units_of_bytes(data)

    def _hashes(self, kind: str, terms: list[str]) -> list[int]:
        """Return a block of hashes."""
        documents = [
            (int(term, 16), self.numbers[rank])
            for term in terms
            for rank in self.series[kind][term]
        ]
        gaps = [b - a for (a, _), (b, _) in zip(documents[:1] + documents, documents, strict=False)]
        k = max(0, max(gaps).bit_length() - 4)
        width = (len(self._slots) * self.sizes.places).bit_length()
        bits = [
            rice(gap, k) + f"{number:0{width}b}"
            for gap, (_, number) in zip(gaps, documents, strict=True)
        ]
        return [len(documents) >> 15, len(documents) & 0x7FFF, k, *units_of_bits("".join(bits))]

    def _is_whole(self, kind: str, count: int) -> bool:
        """Whether a term's block names all its documents."""
        return count <= (self.sizes.page if kind in "wf" else self.sizes.inline)

    def _stream(self, kind: str, term: str) -> tuple[int, list[int]]:
        """Return the Rice parameter and the units of a term's list; none when its block has all."""
        ranks = self.series[kind][term]
        if self._is_whole(kind, len(ranks)) or kind not in _WITH_LISTS:
            return 0, []
        numbers = [self.numbers[rank] for rank in ranks]
        extras: list[str] = []
        if kind in _WITH_PLACES:
            places = [self.places[kind][term][rank] for rank in ranks]
            extras = [counted(each, len(each) - 1) for each in places]
        elif kind in "wf" and self.hot and (kind, term) not in self.common:
            sets = [self.hot_terms(rank) for rank in ranks]
            extras = [counted(each, len(each)) for each in sets]
        k = best_k(numbers)
        return k, encode_list(numbers, k, extras)

    @cached_property
    def _hot_ranks(self) -> list[set[int]]:
        return [set(self.series[kind][term]) for kind, term in self.common[: len(self.hot)]]

    def hot_terms(self, rank: int) -> list[int]:
        """Return the numbers of the hot terms of a document."""
        return [i for i, ranks in enumerate(self._hot_ranks) if rank in ranks]

    def _entry(self, kind: str, term: str, at: tuple[int, int, int]) -> Any:
        ranks = self.series[kind][term]
        if not ranks:
            return self.alias_of[term]
        numbers = [self.numbers[rank] for rank in ranks]
        gaps = [b - a for a, b in zip([0, *numbers], numbers, strict=False)]
        if kind == "x":
            return gaps[: self.sizes.page]
        if self._is_whole(kind, len(ranks)):
            if kind not in _WITH_PLACES:
                return gaps
            entry: list[int] = []
            for gap, rank in zip(gaps, ranks, strict=True):
                places = self.places[kind][term][rank]
                entry += [gap, len(places), *places]
            return entry
        place, k, tail = at
        _, stream = self._stream(kind, term)
        units = len(stream) + CHECK_UNITS * len(self.lists.chunks(stream))
        common = self.common.index((kind, term)) if (kind, term) in self.common else -1
        pairs = self._pairs(common) if common >= 0 else (0, 0)
        return [
            place,
            units,
            k,
            tail,
            common,
            *pairs,
            *(gaps[: self.sizes.page] if kind in "wf" else ()),
        ]

    def _pairs(self, common: int) -> tuple[int, int]:
        """Write the pair counts of a common term once; return their place and parameter."""
        if common not in self._pairs_at:
            ranks = [set(self.series[kind][term]) for kind, term in self.common[: common + 1]]
            sums, total = [], -1
            for each in ranks:
                total += len(each & ranks[-1]) + 1
                sums.append(total)
            k = best_k(sums)
            chunks = self.lists.chunks(encode_list(sums, k))
            self._pairs_at[common] = (self.lists.append(chunks), k)
        return self._pairs_at[common]

    @cached_property
    def _pairs_at(self) -> dict[int, tuple[int, int]]:
        return {}

    # Suggestions.

    @cached_property
    def suggested(self) -> list[tuple[str, str, int]]:
        """What is suggested, by text: the text, its kind, its documents."""
        found = [(term, "", len(ranks)) for term, ranks in self.series["w"].items()]
        for key, ranks in self.postings.items():
            _, _, name = key.partition(":")
            name, _, value = name.partition(":")
            if key[0] == ":" and name in SUGGESTED:
                found.append((value, name, len(ranks)))
        return sorted(found)

    def _write_suggestions(self, folder: Path) -> dict[str, Any]:
        found = self.suggested
        step = self.sizes.suggestions
        files = [found[i : i + step] for i in range(0, len(found), step)]
        beginnings: defaultdict[str, list[int]] = defaultdict(list)
        for i, (text, _, _) in enumerate(found):
            for end in range(1, len(text) + 1):
                beginnings[text[:end]].append(i)
        many = {}
        for start, places in beginnings.items():
            if len({i // step for i in places}) > 1:
                best = sorted(places, key=lambda i: (-found[i][2], i))[:10]
                many[start] = list(zip(*(found[i] for i in best), strict=True))
        write_script(folder / "s" / "0.js", "s0000000", many)
        for number, each in enumerate(files, 1):
            texts, kinds, counts = zip(*each, strict=True)
            write_script(
                folder / "s" / f"{number}.js", f"s{number:07}", [front_code(texts), kinds, counts]
            )
        return {"files": len(files) + 1, "first": front_code([each[0][0] for each in files])}
