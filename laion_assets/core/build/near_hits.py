"""What of some names concerns no row, and what is near it: perhaps that was meant.

Lives here: asking the tables of a build directory; nothing here can fail a removal. Not here:
telling it (`commands.removal`), taking rows out (`takedown`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_plus

import duckdb
import pyarrow as pa

from laion_assets.core.base.errors import UserError
from laion_assets.core.base.sql import ask, literal_path, query
from laion_assets.core.build.takedown import UNREADABLE
from laion_assets.core.build.workspace import Workspace
from laion_assets.core.cleaning.hosts import registrable_domain
from laion_assets.core.cleaning.removal import is_of_this_form
from laion_assets.core.cleaning.removal_list import Named, RemovalKey
from laion_assets.core.cleaning.urls import canonical_url, typed_host, unwrap

#: A URL with words in front, and what ends a sentence rather than a URL.
_URL = re.compile(r"https?:[/\\]{2}.*", re.IGNORECASE | re.ASCII | re.DOTALL)
_STOPS = " \t.,;:!?)]}>\"'\xbb\u2019\u201d\u2026"


@dataclass(frozen=True)
class NearHit:
    """What somebody may have meant: in their words, and how many rows it would concern."""

    said: str
    near: str
    rows: int


def concern_nothing(workspace: Workspace, named: Iterable[Named], key: RemovalKey) -> list[Named]:
    """Return what of it concerns no row that was ever read here, removed or not.

    Nothing at all where that cannot be told: no rows were read yet, or a table cannot be.
    """
    left = list(dict.fromkeys(named))
    keys = workspace.sources.built_keys()
    try:
        for each in keys:
            if left:
                found = _find_named(workspace.paths.table("row_keys", each), left, key)
                left = [name for name in left if name not in found]
    except UNREADABLE:
        return []
    return left if keys else []


def near_hits(workspace: Workspace, named: Sequence[Named]) -> list[NearHit]:
    """Return what is near names that concern no row; nothing when that cannot be told."""
    tables = [workspace.paths.table("images", key) for key in workspace.sources.built_keys()]
    try:
        with workspace.connect() as connection:
            return find_near_hits(connection, tables, named)
    except UNREADABLE:
        return []


def _find_named(keys: Path, named: Iterable[Named], key: RemovalKey) -> frozenset[Named]:
    """Return what of it concerns a row of the file whose row keys lie at `keys`, removed or not.

    Raises UserError when they are damaged, gone or of another version.
    """
    if not is_of_this_form(keys):
        raise UserError(f"{keys}: damaged; run `laion-assets build --rehash`")
    asked = list(named)
    columns = {
        "number": pa.array(range(len(asked)), pa.int64()),
        "kind": pa.array([each.kind for each in asked], pa.string()),
        "digits": pa.array([each.digits for each in asked], pa.string()),
        "said": pa.array([each.said for each in asked], pa.string()),
        "mark": pa.array([key.entry(each)[1] for each in asked], pa.string()),
    }
    with duckdb.connect() as connection:
        connection.read_parquet(literal_path(keys), hive_partitioning=False).create_view("keys")
        connection.register("named", pa.table(columns))
        found = connection.sql(query("build/find_named")).fetchall()
    return frozenset(asked[number] for (number,) in found)


def find_near_hits(
    connection: duckdb.DuckDBPyConnection, images: Sequence[Path], named: Sequence[Named]
) -> list[NearHit]:
    """Return what is near each of some names, the nearest first, a few for each.

    For a URL, also within other words: those of the same domain with the same file name, whatever
    case, escapes, `+`, query, folder and stops behind it; then how many rows its host and its
    domain have. For a domain without rows: those spelled nearly so, or of the same name under
    another suffix. For an id: those it is after rounding to 53 bits, as spreadsheets and JavaScript
    do.
    """
    if not images:
        return []
    tables = [literal_path(path) for path in images]
    connection.read_parquet(tables, hive_partitioning=False).create_view("images")
    urls = [_meant(each) for each in named if each.kind == "url"]
    domains = [{"said": each.said, "domain": each.said} for each in named if each.kind == "domain"]
    ids = [{"said": each.said} for each in named if each.kind == "id"]
    asked = (
        ("build/find_near_urls", urls),
        ("build/find_near_domains", urls + domains),
        ("build/find_near_ids", ids),
    )
    return [NearHit(*row) for name, missed in asked for row in _ask(connection, name, missed)]


def _ask(
    connection: duckdb.DuckDBPyConnection, name: str, missed: list[dict[str, str]]
) -> list[tuple[str, str, int]]:
    if not missed:
        return []
    connection.register("missed", pa.Table.from_pylist(missed))
    found = ask(connection, name).to_pylist()
    connection.unregister("missed")
    return [(row["said"], row["near"], row["rows"]) for row in found]


def _meant(named: Named) -> dict[str, str]:
    found = _URL.search(named.said)
    address = (found[0] if found else unwrap(named.said)).rstrip(_STOPS)
    host = typed_host(address)[0] or ""
    path = canonical_url(address).partition("?")[0].partition("/")[2]
    return {
        "said": named.said,
        "host": host,
        "domain": registrable_domain(host) if host else "",
        "path": f"/{unquote_plus(path, errors='replace').lower()}".rstrip("/"),
    }
