"""Fields: their names, how their values stand in the index, and which documents have each.

Lives here: series `f`: the one spelling of every field's value, shared with the client, and the
terms of every document. A domain or a host stands by its labels reversed, so that hosts follow
their domain: most are all there is of it, and stand for it. Not here: URLs and ids (`hashes`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from laion_assets.core.base.compiled import compiled
from laion_assets.core.index.documents import Ranking
from laion_assets.core.index.invert import Stream
from laion_assets.core.names.lists import Platform, fold_name
from laion_assets.core.names.registry import LISTS, PLATFORM

#: The fields of the query language, in the order in which they are explained.
FIELDS = (
    "domain", "host", "url", PLATFORM, *(entry.singular for entry in LISTS.values()), "year", "id",
)  # fmt: skip

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

    Term i has `counts[i]` documents; where `alias[i]` is not -1 it stands for that term, has none
    of its own and is in no document.
    """

    terms: list[bytes]
    counts: npt.NDArray[np.int64]
    alias: npt.NDArray[np.int64]
    stream: Stream


def gather_fields(
    segments: Sequence[Path],
    mentions: Sequence[Path],
    platforms: Sequence[Platform],
    other_names: Mapping[tuple[str, str], Sequence[str]],
    ranking: Ranking,
) -> Fields:
    """Find the field terms of all documents.

    `other_names` are other spellings of names, by list and name.
    """
    hosts, domains, years = _read_columns(segments, ranking)
    owner = {p.domain: fold_name(p.platform) for p in platforms}
    domain_names, domain_codes = domains
    host_names, host_codes = hosts
    domain_of_host = np.full(len(host_names), -1, np.int64)
    domain_of_host[host_codes] = domain_codes
    counts = np.bincount(domain_codes, minlength=len(domain_names))
    whole = np.bincount(host_codes, minlength=len(host_names)) == counts[domain_of_host]
    domain_terms = [domain_term(name).encode() for name in domain_names]
    host_terms = [host_term(name).encode() for name in host_names]
    stands_for = {
        host_terms[i]: domain_terms[domain_of_host[i]] for i in np.flatnonzero(whole).tolist()
    }
    kept = np.where(whole, -1, np.arange(len(host_names))).astype(np.int32)
    platform_names = sorted({owner[name] for name in domain_names if owner.get(name)})
    position = {name: i for i, name in enumerate(platform_names)}
    of_domain = np.array([position.get(owner.get(n, ""), -1) for n in domain_names], np.int32)
    year_names, year_codes = years
    columns = [
        (domain_terms, domain_codes),
        (host_terms, kept[host_codes]),
        ([field_term("year", name).encode() for name in year_names], year_codes),
        ([field_term(PLATFORM, name).encode() for name in platform_names], of_domain[domain_codes]),
    ]
    named = _named(mentions, ranking)
    own = {key: _name_term(*key) for key in named}
    terms = {term for values, _ in columns for term in values} | set(own.values())
    for list_name, name in sorted(named):
        for spelling in other_names.get((list_name, name), ()):
            other = _name_term(list_name, spelling)
            if other not in terms:
                stands_for.setdefault(other, own[list_name, name])
    numbers = {term: n for n, term in enumerate(sorted(terms | set(stands_for)))}
    names = {own[key]: ranks for key, ranks in named.items()}
    return _number(numbers, stands_for, columns, names, ranking.total)


def _name_term(list_name: str, name: str) -> bytes:
    return field_term(LISTS[list_name].singular, fold_name(name)).encode()


def _number(
    terms: Mapping[bytes, int],
    stands_for: Mapping[bytes, bytes],
    columns: Iterable[tuple[list[bytes], _Codes]],
    names: Mapping[bytes, npt.NDArray[np.uint32]],
    total: int,
) -> Fields:
    alias = np.full(len(terms), -1, np.int64)
    for other, term in stands_for.items():
        alias[terms[other]] = terms[term]
    numbered = []
    for values, codes in columns:
        numbers = np.array([terms[value] for value in values] + [-1], np.int32)
        numbered.append(numbers[codes])  # a code of -1 takes the last
    whole = np.stack(numbered) if total else np.empty((len(numbered), 0), np.int32)
    ranks = [np.empty(0, np.uint32), *names.values()]
    ids = [np.full(len(r), terms[term], np.int32) for term, r in names.items()]
    at = np.concatenate(ranks)
    order = np.argsort(at, kind="stable")
    of_names = np.concatenate([np.empty(0, np.int32), *ids])[order]
    stream = Stream(*_interleave(whole, at[order], of_names))
    counts = np.bincount(stream.terms, minlength=len(terms)).astype(np.int64)
    return Fields(list(terms), counts, alias, stream)


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


def _read_columns(
    segments: Sequence[Path], ranking: Ranking
) -> tuple[tuple[list[str], _Codes], ...]:
    """Return host, domain and year: the values of each, and by rank the place of one's own."""
    wanted = ["host", "domain", "url_year"]
    whole = (
        pa.concat_tables(
            pq.read_table(path, columns=wanted, read_dictionary=["host", "domain"])
            for path in segments
        )
        if segments
        else _NO_COLUMNS
    )
    ranks = np.concatenate([np.empty(0, np.uint32), *ranking.ranks])
    found = []
    for name in wanted:
        column = whole[name]
        if not pa.types.is_dictionary(column.type):
            column = column.cast(pa.string()).dictionary_encode()
        column = column.unify_dictionaries()
        values = column.chunk(0).dictionary.to_pylist() if column.num_chunks else []
        codes = np.full(ranking.total, -1, np.int32)
        start = 0
        for chunk in column.chunks:
            codes[ranks[start : start + len(chunk)]] = np.asarray(chunk.indices.fill_null(-1))
            start += len(chunk)
        found.append((values, codes))
    return tuple(found)


def _named(
    mentions: Sequence[Path], ranking: Ranking
) -> dict[tuple[str, str], npt.NDArray[np.uint32]]:
    """Return the ranks of the documents of every name that is mentioned, ascending."""
    found: dict[tuple[str, str], list[npt.NDArray[np.uint32]]] = {}
    for number, path in enumerate(mentions):
        of_rows = ranking.of_rows(number)
        wanted = [("list", "in", list(LISTS))]  # a platform is searched by its domains
        table = pq.read_table(path, columns=["list", "name", "row"], filters=wanted)
        rows = np.asarray(table["row"])
        ranks = np.full(len(rows), -1, np.int64)
        inside = rows < len(of_rows)
        ranks[inside] = of_rows[rows[inside]]
        keys = table.select(["list", "name"]).append_column("at", pa.array(np.arange(len(rows))))
        grouped = keys.group_by(["list", "name"], use_threads=False).aggregate([("at", "list")])
        for group in grouped.to_batches():
            names = zip(group["list"].to_pylist(), group["name"].to_pylist(), strict=True)
            at = group["at_list"]
            for key, low, high in zip(names, at.offsets[:-1], at.offsets[1:], strict=True):
                mine = ranks[np.asarray(at.values[low.as_py() : high.as_py()])]
                mine = mine[mine >= 0]
                if len(mine):
                    found.setdefault(key, []).append(mine.astype(np.uint32))
    return {key: np.sort(np.concatenate(parts)) for key, parts in found.items()}
