"""What is near a URL, a domain or an id that concerns no row: perhaps that was meant.

Lives here: looking for it in the images tables. Not here: telling it (`commands.removal`), what
concerns a row (`removal`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import duckdb
import pyarrow as pa

from laion_assets.core.base.sql import ask, literal_path
from laion_assets.core.cleaning.hosts import registrable_domain
from laion_assets.core.cleaning.removal_list import Named
from laion_assets.core.cleaning.urls import canonical_url, typed_host


@dataclass(frozen=True)
class NearHit:
    """What somebody may have meant: in their words, and how many rows it would concern."""

    said: str
    near: str
    rows: int


def find_near_hits(
    connection: duckdb.DuckDBPyConnection, images: Sequence[Path], named: Sequence[Named]
) -> list[NearHit]:
    """Return what is near each of some names, the nearest first, a few for each.

    For a URL: those of the same domain with the same file name, whatever case, escapes, query and
    folder; then how many rows its host and its domain have. For a domain without rows: those
    spelled nearly so, or of the same name under another suffix. For an id: those it is after
    rounding to 53 bits, as spreadsheets and JavaScript do.
    """
    if not images:
        return []
    tables = [literal_path(path) for path in images]
    connection.read_parquet(tables, hive_partitioning=False).create_view("images")
    urls = [_meant(each) for each in named if each.kind == "url"]
    domains = [{"said": each.said, "domain": each.said} for each in named if each.kind == "domain"]
    ids = [{"said": each.said} for each in named if each.kind == "id"]
    asked = (
        ("cleaning/find_near_urls", urls),
        ("cleaning/find_near_domains", urls + domains),
        ("cleaning/find_near_ids", ids),
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
    host = typed_host(named.said)[0] or ""
    path = canonical_url(named.said).partition("?")[0].partition("/")[2]
    return {
        "said": named.said,
        "host": host,
        "domain": registrable_domain(host) if host else "",
        "path": f"/{unquote(path, errors='replace').lower()}".rstrip("/"),
    }
