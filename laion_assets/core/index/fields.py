"""Fields: their names, how their values stand in the index, and which documents have each.

Lives here: series `f`: the one spelling of every field's value, shared with the client, and the
terms of every document. A domain or a host stands by its labels reversed, so that hosts follow
their domain: most are all there is of it, and stand for it. Not here: URLs and ids (`hashes`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from laion_assets.core.base.compiled import compiled, put
from laion_assets.core.index.documents import Ranking
from laion_assets.core.index.invert import Stream
from laion_assets.core.index.units import text_at
from laion_assets.core.names.lists import Platform, fold_name
from laion_assets.core.names.registry import LISTS, PLATFORM

#: The fields of the query language, in the order in which they are explained.
FIELDS = (
    "domain", "host", "url", PLATFORM, *(entry.singular for entry in LISTS.values()), "year", "id",
)  # fmt: skip

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int64]
_Codes = npt.NDArray[np.int32]
_NO_COLUMNS = pa.table({"host": pa.array([], pa.string()), "domain": pa.array([], pa.string()),
                        "url_year": pa.array([], pa.int32())})  # fmt: skip


def field_term(field: str, value: str) -> str:
    """Return the term of a field's value; names are given folded (`lists.fold_name`)."""
    return f":{field}:{value}"


def domain_term(domain: str) -> str:
    """Return the term of a registrable domain: its labels reversed."""
    return "@" + ".".join(reversed(domain.split(".")))


def host_term(host: str) -> str:
    """Return the term of a host: its labels reversed, and a dot."""
    return domain_term(host) + "."


def field_and_value(term: str) -> tuple[str, str]:
    """Return what a term is of: the field and its value."""
    if term.startswith(":"):
        _, field, value = term.split(":", 2)
        return field, value
    labels = term[1:].removesuffix(".").split(".")
    return "host" if term.endswith(".") else "domain", ".".join(reversed(labels))


@dataclass(frozen=True)
class Fields:
    """The terms of all fields, sorted, and those that each document has, in rank order.

    Term i is `data[starts[i]:starts[i + 1]]` and has `counts[i]` documents; where `alias[i]` is not
    -1 it stands for that term, has none of its own and is in no document.
    """

    data: Bytes
    starts: Offsets
    counts: Offsets
    alias: Offsets
    stream: Stream

    def text(self, n: int) -> str:
        """Return a term."""
        return text_at(self.data, self.starts, n)


def gather_fields(
    segments: Sequence[Path],
    mentions: Sequence[Path],
    platforms: Sequence[Platform],
    other_names: Mapping[tuple[str, str], Sequence[str]],
    ranking: Ranking,
) -> Fields:
    """Find the field terms of all documents.

    `other_names` are other spellings of names, by list and name. There are millions of hosts, so
    that these are never made objects of Python's.
    """
    columns = _read_columns(segments, ranking)
    (hosts, host_codes), (domains, domain_codes), (years, year_codes) = columns
    domain_of_host = np.full(len(hosts), -1, np.int64)
    domain_of_host[host_codes] = domain_codes
    counts = np.bincount(domain_codes, minlength=len(domains))
    whole = np.bincount(host_codes, minlength=len(hosts)) == counts[domain_of_host]
    platform_names, of_domain = _platforms_of(domains, platforms)
    named, own, named_ranks, named_ids = _named(mentions, ranking)
    others = {
        _name_term(list_name, spelling): n  # the first that has a spelling keeps it
        for (list_name, name), n in sorted(named.items(), reverse=True)
        for spelling in other_names.get((list_name, name), ())
    }
    for term in own:
        others.pop(term, None)
    year_terms = [field_term("year", name).encode() for name in years.to_pylist()]
    platform_terms = [field_term(PLATFORM, name).encode() for name in platform_names]
    groups = [
        _reversed(domains, dot=False), _reversed(hosts, dot=True),
        *(pa.array(each, pa.large_binary()) for each in (year_terms, platform_terms, own, others)),
    ]  # fmt: skip
    terms, found = _sorted(pa.concat_arrays(groups))
    of_domains, of_hosts, of_years, of_platforms, of_names, of_others = np.split(
        found, np.cumsum([len(group) for group in groups])[:-1]
    )
    alias = np.full(len(terms), -1, np.int64)
    alias[of_hosts[whole]] = of_domains[domain_of_host[whole]]
    alias[of_others] = of_names[np.fromiter(others.values(), np.int64, len(others))]
    by_rank = [
        _numbers(of_domains, domain_codes),
        _numbers(np.where(whole, -1, of_hosts), host_codes),
        _numbers(of_years, year_codes),
        _numbers(of_platforms, of_domain[domain_codes]),
    ]
    ids = of_names[named_ids].astype(np.int32)
    stream = Stream(*_interleave(np.stack(by_rank), named_ranks, ids))
    _, starts, data = terms.buffers()
    return Fields(
        # Not read-only, which is another type to Numba.
        np.array(np.frombuffer(data if data is not None else b"", np.uint8)),
        np.array(np.frombuffer(starts, np.int64, len(terms) + 1)),
        np.bincount(stream.terms, minlength=len(terms)).astype(np.int64),
        alias,
        stream,
    )


def _name_term(list_name: str, name: str) -> bytes:
    return field_term(LISTS[list_name].singular, fold_name(name)).encode()


def _platforms_of(
    domains: pa.Array, platforms: Sequence[Platform]
) -> tuple[list[str], npt.NDArray[np.int32]]:
    """Return the platforms that domains are of, sorted, and which of them each is of, or -1."""
    owner = {p.domain: fold_name(p.platform) for p in platforms}
    at = pc.index_in(pa.array(owner, domains.type), domains).fill_null(-1).to_pylist()
    there = {place: name for place, name in zip(at, owner.values(), strict=True) if name}
    there.pop(-1, None)
    names = sorted(set(there.values()))
    of_domain = np.full(len(domains), -1, np.int32)
    for place, name in there.items():
        of_domain[place] = names.index(name)
    return names, of_domain


def _sorted(terms: pa.Array) -> tuple[pa.Array, npt.NDArray[np.int32]]:
    """Return terms sorted by their bytes, each once, and where each of the given ones is."""
    order = pc.array_sort_indices(terms)
    ordered = terms.take(order)
    new = np.ones(len(terms), np.bool_)
    new[1:] = np.asarray(pc.not_equal(ordered[1:], ordered[:-1]))
    found = np.empty(len(terms), np.int32)
    found[np.asarray(order)] = np.cumsum(new) - 1
    return ordered.filter(pa.array(new)), found


def _numbers(of_values: npt.NDArray[np.int32], codes: _Codes) -> npt.NDArray[np.int32]:
    """Return the numbers of codes; -1 of a code of -1."""
    return np.append(of_values, np.int32(-1)).astype(np.int32)[codes]


def _reversed(names: pa.Array, *, dot: bool) -> pa.Array:
    """Return the terms of domains, or of hosts: `domain_term` and `host_term` of very many."""
    _, starts, data = names.buffers()
    out, ends = _reverse_labels(
        np.array(np.frombuffer(data if data is not None else b"", np.uint8)),
        np.array(np.frombuffer(starts, np.int64)[names.offset : names.offset + len(names) + 1]),
        dot,
    )
    return pa.Array.from_buffers(
        pa.large_binary(), len(names), [None, pa.py_buffer(ends), pa.py_buffer(out)]
    )


@compiled
def _reverse_labels(data: Bytes, starts: Offsets, dot: bool) -> tuple[Bytes, Offsets]:  # noqa: FBT001
    """Return names with `@` before their labels, the last of these first, and a dot after them."""
    size = len(starts) - 1
    out = np.empty(starts[size] - starts[0] + 2 * size, np.uint8)
    ends = np.zeros(size + 1, np.int64)
    at = np.int64(0)
    for n in range(size):
        out[at] = 64
        at += 1
        end = starts[n + 1]
        for i in range(starts[n + 1] - 1, starts[n] - 2, -1):
            if i < starts[n] or data[i] == 46:  # noqa: PLR2004 - a dot
                put(out, at, data[i + 1 : end])
                at += end - i - 1
                if i >= starts[n]:
                    out[at] = 46
                    at += 1
                end = i
        if dot:
            out[at] = 46
            at += 1
        ends[n + 1] = at
    return out[:at], ends


@compiled
def _interleave(
    columns: npt.NDArray[np.int32], ranks: npt.NDArray[np.uint32], ids: npt.NDArray[np.int32]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """Return the terms of each document: of its columns where there is one, and its names."""
    width, total = columns.shape
    out = np.empty(width * total + len(ids), np.int32)
    ends = np.empty(total, np.int64)
    at = n = 0
    for rank in range(total):
        for column in range(width):
            if columns[column, rank] >= 0:
                out[at] = columns[column, rank]
                at += 1
        while n < len(ids) and ranks[n] == rank:
            out[at] = ids[n]
            at += 1
            n += 1
        ends[rank] = at
    return out[:at].copy(), ends


def _read_columns(segments: Sequence[Path], ranking: Ranking) -> Iterator[tuple[pa.Array, _Codes]]:
    """Yield host, domain and year: the values of each, and by rank the place of one's own."""
    wanted = ["host", "domain", "url_year"]
    tables = (
        pq.read_table(path, columns=wanted, read_dictionary=["host", "domain"]) for path in segments
    )
    whole = pa.concat_tables(tables) if segments else _NO_COLUMNS
    ranks = np.concatenate([np.empty(0, np.uint32), *ranking.ranks])
    for name in wanted:
        column = whole[name]
        if not pa.types.is_dictionary(column.type):
            column = column.cast(pa.string()).dictionary_encode()
        column = column.unify_dictionaries()
        values = column.chunk(0).dictionary if column.num_chunks else pa.array([], pa.string())
        codes = np.full(ranking.total, -1, np.int32)
        start = 0
        for chunk in column.chunks:
            codes[ranks[start : start + len(chunk)]] = np.asarray(chunk.indices.fill_null(-1))
            start += len(chunk)
        yield values.cast(pa.large_string()), codes


def _named(
    mentions: Sequence[Path], ranking: Ranking
) -> tuple[dict[tuple[str, str], int], list[bytes], npt.NDArray[np.uint32], Offsets]:
    """Return which term each name (list, name) that is mentioned has, these, and the documents'.

    Those are pairs of rank and the place of a term, ascending, each once.
    """
    named: dict[tuple[str, str], int] = {}
    terms: dict[bytes, int] = {}
    pairs = [np.empty(0, np.int64)]
    for number, path in enumerate(mentions):
        of_rows = ranking.of_rows(number)
        wanted = [("list", "in", list(LISTS))]  # a platform is searched by its domains
        table = pq.read_table(path, columns=["list", "name", "row"], filters=wanted)
        rows = np.asarray(table["row"])
        ranks = np.full(len(rows), -1, np.int64)
        inside = rows < len(of_rows)
        ranks[inside] = of_rows[rows[inside]]
        table = table.filter(pa.array(ranks >= 0))
        ranks = ranks[ranks >= 0]
        lists, names = (
            table[each].combine_chunks().dictionary_encode() for each in ("list", "name")
        )
        keys = np.asarray(lists.indices, np.int64) * len(names.dictionary)
        keys += np.asarray(names.indices)
        distinct, places = np.unique(keys, return_inverse=True)
        list_texts, name_texts = lists.dictionary.to_pylist(), names.dictionary.to_pylist()
        own = []
        for key in distinct.tolist():
            name = list_texts[key // len(name_texts)], name_texts[key % len(name_texts)]
            if name not in named:
                named[name] = terms.setdefault(_name_term(*name), len(terms))
            own.append(named[name])
        pairs.append(ranks << 32 | np.array(own, np.int64)[places])
    every = np.sort(np.concatenate(pairs))
    every = every[np.append(True, every[1:] != every[:-1])[: len(every)]]
    return named, list(terms), (every >> 32).astype(np.uint32), every & 0xFFFFFFFF
