"""Which rows have to go: those the removal list names, and those an allow-list does not.

Lives here: the allow-list, and finding the rows of a batch or a file that an entry hits. Not here:
the list itself (`removal_list`), how a removed row is written (`taking_out`), the proof that
nothing is left (`core.build.invariants`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from laion_assets.core.base.errors import UserError
from laion_assets.core.base.files import sha256_file, sha256_json
from laion_assets.core.base.sql import literal_path, query
from laion_assets.core.cleaning.removal_list import (
    INTEGER,
    Entry,
    RemovalKey,
    RemovalList,
    digits_of,
    read_lines,
    why_no_id,
)
from laion_assets.core.cleaning.schemas import ROW_KEYS

#: (mark of a removed row, kind on the list, what it is the keyed hash of).
_MARKS = (
    ("url_mark", "url", "url_key"),
    ("first_url_mark", "url", "first_url_key"),
    ("domain_mark", "domain", "domain"),
)


@dataclass(frozen=True)
class Removal:
    """What has to go: listed entries, and (when there is an allow-list) every id not on it."""

    entries: frozenset[Entry] = frozenset()
    key: RemovalKey | None = None  # None: nothing has to go
    allowed: frozenset[int] | None = None


@cache
def _allowed_ids(path: Path, _digest: str) -> frozenset[int]:
    ids = set()
    for number, text in read_lines(path):
        if not INTEGER.fullmatch(text):
            said = f"{text[:40]!r} is no image id; {why_no_id(text)}"
            raise UserError(f"{path}, line {number}: {said}")
        ids.add(int(text))
    return frozenset(ids)


def load_removal(removals: RemovalList, allow: Path | None) -> Removal:
    """Read the removal list and, when there is one, the allow-list of ids (one a line)."""
    key = removals.key()
    entries = removals.entries(key)
    if allow is None:
        return Removal(entries, key)
    if not allow.is_file():
        raise UserError(f"{allow}: no such allow-list")
    return Removal(entries, key, _allowed_ids(allow, sha256_file(allow)))


@dataclass(frozen=True)
class Hits:
    """Which entries of a list concern which rows of one source file.

    `entries` are all that concern it; `pending` the rows that have not been taken out yet;
    `applied` the entries that concern rows which have.
    """

    entries: frozenset[Entry] = field(default_factory=frozenset)
    pending: frozenset[int] = frozenset()
    applied: frozenset[Entry] = field(default_factory=frozenset)

    @property
    def digest(self) -> str:
        """Digest of the entries: what the file's images depend on."""
        return digest_entries(self.entries)


def digest_entries(entries: frozenset[Entry]) -> str:
    """Return a digest of some entries, empty when there are none."""
    return sha256_json(sorted(entries))[:16] if entries else ""


def find_hits(keys: Path, removal: Removal) -> Hits:
    """Return what a list has to do with the file whose row keys lie at `keys`.

    Raises UserError when they are damaged.
    """
    if not removal.entries or removal.key is None or is_of_older_form(keys):
        return Hits()  # an older version's are made anew before anything is made of them
    if not keys.exists():
        return Hits()
    if not is_of_this_form(keys):
        raise UserError(f"{keys}: damaged; run `laion-assets build --rehash`")
    stat = keys.stat()
    version = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
    return _find_hits(keys, version, removal.entries, removal.key)


def is_of_this_form(keys: Path) -> bool:
    """Tell whether row keys are there, and were written by a version that notes what is removed."""
    try:
        return bool(pq.read_schema(keys).equals(ROW_KEYS))
    except (OSError, pa.ArrowException):
        return False


def is_of_older_form(keys: Path) -> bool:
    """Tell whether row keys can be read, and are those of another version."""
    try:
        return not pq.read_schema(keys).equals(ROW_KEYS)
    except (OSError, pa.ArrowException):
        return False


@cache
def _find_hits(
    keys: Path, _version: tuple[int, ...], entries: frozenset[Entry], key: RemovalKey
) -> Hits:
    try:
        with duckdb.connect() as connection:
            connection.read_parquet(literal_path(keys), hive_partitioning=False).create_view("keys")
            found = _find_rows(connection, entries, key)
    except duckdb.Error as error:
        raise UserError(f"{keys}: damaged; run `laion-assets build --rehash`") from error
    return Hits(
        entries=frozenset((kind, mark) for kind, mark, _, _ in found),
        pending=frozenset(row for _, _, row, taken_out in found if not taken_out),
        applied=frozenset((kind, mark) for kind, mark, _, taken_out in found if taken_out),
    )


def _find_rows(
    connection: duckdb.DuckDBPyConnection, entries: frozenset[Entry], key: RemovalKey
) -> list[tuple[str, str, int, bool]]:
    """Return (kind, mark, row, taken out) of every row of the relation `keys` that is hit."""
    listed = sorted(entries)
    inner, outer = (pad.hex() for pad in key.pads)
    connection.execute(
        # HMAC of RFC 2104, as `RemovalKey.mark` computes it.
        "CREATE OR REPLACE TEMP MACRO mark(kind, digits) AS sha256("
        f"unhex('{outer}') || unhex(sha256(unhex('{inner}') || encode(kind || ':' || digits))))"
    )
    connection.register(
        "listed",
        pa.table(
            {
                "kind": pa.array([kind for kind, _ in listed], pa.string()),
                "mark": pa.array([mark for _, mark in listed], pa.string()),
            }
        ),
    )
    found = connection.sql(query("cleaning/find_removed")).fetchall()
    connection.unregister("listed")
    return found


def removed_rows(
    connection: duckdb.DuckDBPyConnection, keys: pa.Table, removal: Removal
) -> frozenset[int]:
    """Return the rows of a batch that have to go; `keys` are its row keys, nothing taken out."""
    gone: set[int] = set()
    if removal.allowed is not None:
        ids = zip(keys["row"].to_pylist(), keys["image_id"].to_pylist(), strict=True)
        gone.update(row for row, image_id in ids if image_id not in removal.allowed)
    if removal.entries and removal.key is not None:
        connection.register("keys", keys)
        gone.update(row for _, _, row, _ in _find_rows(connection, removal.entries, removal.key))
        connection.unregister("keys")
    return frozenset(gone)


def forget_keys(keys: pa.Table, gone: frozenset[int], key: RemovalKey | None) -> pa.Table:
    """Leave of the keys of removed rows keyed hashes, by which the list still knows them."""
    if not gone:
        return keys
    is_gone = pc.is_in(keys["row"], pa.array(sorted(gone), pa.int64()))
    marks: Mapping[str, dict[str, str]] = defaultdict(dict)
    for column, kind, name in _MARKS:
        known = marks[kind]
        values = []
        for value, hit, before in zip(
            keys[name].to_pylist(), is_gone.to_pylist(), keys[column].to_pylist(), strict=True
        ):
            if not hit or value is None or key is None:
                values.append(before)
                continue
            digits = value if kind == "url" else digits_of(value)
            values.append(known.get(digits) or known.setdefault(digits, key.mark(kind, digits)))
        keys = _replace(keys, column, pa.array(values, pa.string()))
        nothing = pa.scalar(None, keys[name].type)
        keys = _replace(keys, name, pc.if_else(is_gone, nothing, keys[name]))
    for name in ("repaired", "out_of_range"):  # what is counted is what was done to kept rows
        zero = pa.scalar(0, keys[name].type)
        keys = _replace(keys, name, pc.if_else(is_gone, zero, keys[name]))
    unknown = pa.scalar(None, keys["line"].type)
    return _replace(keys, "line", pc.if_else(is_gone, unknown, keys["line"]))


def _replace(table: pa.Table, name: str, column: pa.ChunkedArray | pa.Array) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, column)
