"""Taking rows out: the removal list, the allow-list, and which files they concern.

Lives here: the list's form (`kind,sha256` lines; never a URL), adding to it, judging the rows
of a batch, finding the files that hold a listed row. Not here: how a removed row is written
(`sql/cleaning/judge_rows.sql`), the proof that nothing is left (`core.build.invariants`).
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from laion_assets.core.base.errors import BadUsage, UserError
from laion_assets.core.base.files import sha256_file, sha256_json, write_bytes
from laion_assets.core.base.sql import literal_path, query
from laion_assets.core.cleaning.hosts import registrable_domain, unify_host
from laion_assets.core.cleaning.urls import canonical_url

KINDS = ("domain", "id", "url")
_HEADER = ("kind", "sha256")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_INTEGER = re.compile(r"-?\d{1,20}")

#: (kind, hexadecimal sha256 of the canonical URL, the registrable domain or the decimal id)
Entry = tuple[str, str]


@dataclass(frozen=True)
class Removal:
    """What has to go: listed hashes, and (when there is an allow-list) every id not on it."""

    entries: frozenset[Entry] = frozenset()
    allowed: frozenset[int] | None = None

    def hashes(self, kind: str) -> frozenset[str]:
        """Return the listed hashes of one kind."""
        return frozenset(digest for found, digest in self.entries if found == kind)


def digest_of(text: str) -> str:
    """Return the hash by which the list knows a canonical URL, a domain or an id."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def url_digest(url: str) -> str:
    """Return the hash of a URL in its canonical form."""
    return digest_of(canonical_url(url))


def url_entry(url: str) -> Entry:
    """Return the entry of one URL, whatever its scheme, port or entities."""
    if "://" not in url:
        raise BadUsage(f"{url!r} is no URL; it has to start with http:// or https://")
    return "url", url_digest(url)


def id_entry(image_id: str) -> Entry:
    """Return the entry of one image id, a signed decimal number."""
    if not _INTEGER.fullmatch(image_id):
        raise BadUsage(f"{image_id!r} is no image id; ids are whole numbers")
    return "id", digest_of(str(int(image_id)))


def domain_entry(domain: str) -> Entry:
    """Return the entry of one registrable domain; a host below one is refused as too easily said.

    Raises BadUsage for `me.blogspot.com`: removing it would remove all of blogspot.com.
    """
    host = unify_host(domain.strip())
    if host is None:
        raise BadUsage(f"{domain!r} is no domain")
    registrable = registrable_domain(host)
    if registrable != host:
        raise BadUsage(
            f"{host} is a host of {registrable}; name {registrable} to remove all of it, "
            "or give the URLs with --url or --file"
        )
    return "domain", digest_of(host)


def line_entry(line: str) -> Entry:
    """Return the entry of a line of a list: a URL, an id, or a domain."""
    if "://" in line:
        return url_entry(line)
    return id_entry(line) if _INTEGER.fullmatch(line) else domain_entry(line)


def entries_of_file(path: Path) -> list[Entry]:
    """Read URLs, ids and domains, one a line; `#` starts a comment line."""
    entries = []
    for number, line in enumerate(_lines(path), start=1):
        text = line.strip()
        if text and not text.startswith("#"):
            try:
                entries.append(line_entry(text))
            except BadUsage as error:
                raise BadUsage(f"{path}, line {number}: {error}") from error
    return entries


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadUsage(f"{path}: {error}") from error


def read_removals(path: Path) -> frozenset[Entry]:
    """Read a removal list; empty when there is none. Raises UserError with the line number."""
    if not path.exists():
        return frozenset()
    entries = set()
    for number, row in enumerate(csv.reader(_lines(path)), start=1):
        if number == 1 and tuple(row) == _HEADER:
            continue
        if len(row) != len(_HEADER) or row[0] not in KINDS or not _DIGEST.fullmatch(row[1]):
            raise UserError(f"{path}, line {number}: not a `kind,sha256` entry")
        entries.add((row[0], row[1]))
    return frozenset(entries)


def add_removals(path: Path, entries: Iterable[Entry]) -> int:
    """Add entries to a removal list, sorted and atomically; return how many are new."""
    before = read_removals(path)
    after = before | set(entries)
    if after != before:
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="\n").writerows([_HEADER, *sorted(after)])
        write_bytes(path, buffer.getvalue().encode())
    return len(after) - len(before)


@cache
def _allowed_ids(path: Path, _digest: str) -> frozenset[int]:
    ids = set()
    for number, line in enumerate(_lines(path), start=1):
        text = line.strip()
        if text and not text.startswith("#"):
            if not _INTEGER.fullmatch(text):
                raise UserError(f"{path}, line {number}: {text[:40]!r} is no image id")
            ids.add(int(text))
    return frozenset(ids)


def load_removal(removals: Path, allow: Path | None) -> Removal:
    """Read the removal list and, when there is one, the allow-list of ids (one a line)."""
    if allow is None:
        return Removal(read_removals(removals))
    if not allow.is_file():
        raise UserError(f"{allow}: no such allow-list")
    return Removal(read_removals(removals), _allowed_ids(allow, sha256_file(allow)))


def removed_rows(rows: pa.Table, removal: Removal) -> pa.Table:
    """Return the (row) of a batch's rows that have to go.

    `rows` has row, image_id, url_sha256 and domain (the last two null where there is none).
    """
    gone = np.zeros(rows.num_rows, bool)
    ids = rows["image_id"].to_pylist()
    if removal.allowed is not None:
        gone |= np.array([image_id not in removal.allowed for image_id in ids], bool)
    by_id, by_url, by_domain = (removal.hashes(kind) for kind in ("id", "url", "domain"))
    if by_id:
        gone |= np.array([digest_of(str(image_id)) in by_id for image_id in ids], bool)
    if by_url:
        gone |= np.array([digest in by_url for digest in rows["url_sha256"].to_pylist()], bool)
    if by_domain:
        domains = rows["domain"].to_pylist()
        listed = {d for d in set(domains) if d is not None and digest_of(d) in by_domain}
        gone |= np.array([domain in listed for domain in domains], bool)
    return pa.table({"row": rows["row"].filter(pa.array(gone))})


@dataclass(frozen=True)
class Hits:
    """Which entries of a list concern one source file, and which of its rows."""

    rows: frozenset[int] = frozenset()
    entries: frozenset[Entry] = field(default_factory=frozenset)

    @property
    def digest(self) -> str:
        """Digest of the entries: what the file's images depend on."""
        return sha256_json(sorted(self.entries))[:16]


@cache
def find_hits(keys: Path, _version: str, entries: frozenset[Entry]) -> Hits:
    """Return what a list has to do with the file whose row keys lie at `keys`.

    `_version` is the digest of the keys table; the answer is remembered for it.
    """
    if not entries or not keys.exists():
        return Hits()
    listed = sorted(entries)
    with duckdb.connect() as connection:
        connection.register(
            "listed",
            pa.table(
                {
                    "kind": pa.array([kind for kind, _ in listed], pa.string()),
                    "sha256": pa.array([digest for _, digest in listed], pa.string()),
                }
            ),
        )
        found = connection.sql(
            query("cleaning/find_removed"), params={"keys": literal_path(keys)}
        ).fetchall()
    rows = frozenset(row for _, _, row in found)
    return Hits(rows, frozenset((kind, digest) for kind, digest, _ in found))
