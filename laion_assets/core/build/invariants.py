"""Checks over what was made: plain functions that return what is wrong, one line each.

Lives here: the invariants of tables and of the published site. Not here: how Dagster
shows them (`laion_assets.checks`). An empty list means the invariant holds.
"""

from __future__ import annotations

import html
import posixpath
import re
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from laion_assets.core.base.errors import UserError
from laion_assets.core.base.open_files import read_files
from laion_assets.core.build.caption_sample import sample_captions
from laion_assets.core.build.graph import GRAPH
from laion_assets.core.build.workspace import Workspace
from laion_assets.core.cleaning.removal import is_of_this_form
from laion_assets.core.exports.folder import READ_IDS, exported_files
from laion_assets.core.names.lists import fold_name, load_entities
from laion_assets.core.publish.manifest import read_manifest
from laion_assets.core.publish.published_ids import count_ids
from laion_assets.core.reading.description import read_description
from laion_assets.core.tables.rows import FileParts, open_rows

_MOST_LINES = 20  # differences listed before the rest is only counted
_WITHHELD = "SELECT image_id FROM kept WHERE visibility = 'withheld'"
_REMOVED = "SELECT image_id FROM rejected WHERE reason = 'removed'"
_LINK = re.compile(r'(?:href|src|action)="([^"]*)"')


def kept_and_rejected(workspace: Workspace) -> list[str]:
    """Kept + rejected = read, for every file, by the row counts of the files themselves."""
    problems = []
    for key in workspace.sources.usable_keys():
        made, raw = workspace.stamps.read("images", key), workspace.stamps.read("raw_parquet", key)
        if made is None or raw is None or made.inputs.get(f"raw_parquet/{key}") != raw.digest:
            continue  # the file changed into one that cannot be read; its old rows stay
        read = read_description(workspace.paths.description(key)).rows
        kept, rejected = (
            pq.read_metadata(workspace.paths.table(name, key)).num_rows
            for name in ("images", "rejects")
        )
        if kept + rejected != read:
            problems.append(f"{key}: {kept} kept + {rejected} rejected is not {read} read")
    return problems


def rows_unique(workspace: Workspace) -> list[str]:
    """(source_file, row) occurs once over images and rejects together, each in order."""
    problems = []
    for key in workspace.sources.usable_keys():
        kept, rejected = (
            pq.read_table(workspace.paths.table(name, key), columns=["row"])["row"].to_numpy()
            for name in ("images", "rejects")
        )
        for name, rows in (("images", kept), ("rejects", rejected)):
            if np.any(rows[1:] <= rows[:-1]):
                problems.append(f"{key}: rows of {name} are out of order, or there twice")
        places = np.minimum(np.searchsorted(kept, rejected), max(len(kept) - 1, 0))
        both = int((kept[places] == rejected).sum()) if len(kept) else 0
        if both:
            problems.append(f"{key}: {both} row numbers are kept and rejected")
    return problems


def counts_within_rows(workspace: Workspace, table: str) -> list[str]:
    """No count of a merged table exceeds its denominator, or the rows it is a part of."""
    problems = []
    columns = pq.read_schema(workspace.paths.table(table)).names
    wanted = [name for name in columns if name in _COUNTS]
    for row in pq.read_table(workspace.paths.table(table), columns=wanted).to_pylist():
        limit = row.get("denominator")
        if limit is not None and row["images"] > limit:
            problems.append(f"{table}: {row['images']} images of {limit}")
        problems += [
            f"{table}: {name} {row[name]} is more than {row['images']} images"
            for name in ("unique_urls", "unique_captions", "images_in_context")
            if (row.get(name) or 0) > row["images"]
        ]
    return problems


def tables_as_declared(workspace: Workspace, asset: str) -> list[str]:
    """Every table of an asset has the columns, types and order that the registry declares."""
    problems = []
    for declared in GRAPH[asset].tables:
        path = workspace.paths.table(declared.name)
        found = pq.read_schema(path)
        for name in dict.fromkeys((*declared.schema.names, *found.names)):
            here = found.field(name).type if name in found.names else "not there"
            said = declared.schema.field(name).type if name in declared.schema.names else "nothing"
            if here != said:
                problems.append(f"{declared.name}: column {name} is {here}, declared is {said}")
        if not problems and declared.sort and not _is_sorted(path, declared.sort):
            problems.append(f"{declared.name}: not sorted by {', '.join(declared.sort)}")
    return problems


def _is_sorted(path: Path, keys: Sequence[str]) -> bool:
    """Tell whether rows are in order; a leading `-` is descending, nulls are last."""
    columns = [(key.lstrip("-"), "descending" if key[0] == "-" else "ascending") for key in keys]
    table = pq.read_table(path, columns=[name for name, _ in columns])
    place = pa.array(np.arange(table.num_rows))
    order = table.append_column("place", place).sort_by([*columns, ("place", "ascending")])
    return bool(order["place"].combine_chunks().equals(place))


_COUNTS = {"images", "denominator", "unique_urls", "unique_captions", "images_in_context"}


def domains_add_up(workspace: Workspace, connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The sum over domains is kept less withheld."""
    images = [workspace.paths.table("images", key) for key in workspace.sources.usable_keys()]
    published = open_rows(connection, FileParts(images))
    total = sum(
        pq.read_table(workspace.paths.table("domains"), columns=["images"])["images"].to_pylist()
    )
    return [] if total == published else [f"domains add up to {total}, published are {published}"]


def names_equal_fts5(workspace: Workspace, list_name: str) -> list[str]:
    """Every name's mentions equal SQLite FTS5's phrase count, on an even sample of captions."""
    keys = workspace.sources.usable_keys()
    images = {workspace.paths.table("images", key): key for key in keys}
    sampled = sample_captions(list(images))
    ours: Counter[str] = Counter()
    for path in dict.fromkeys(path for path, _, _ in sampled):
        rows = pa.array([row for other, row, _ in sampled if other == path], pa.int64())
        wanted = (pc.field("list") == list_name) & pc.field("row").isin(rows)
        mentions = workspace.paths.table("mentions", images[path])
        ours.update(pq.read_table(mentions, filters=wanted)["name"].to_pylist())
    referee = sqlite3.connect(":memory:")
    try:
        referee.execute(
            "CREATE VIRTUAL TABLE c USING fts5(caption, tokenize='unicode61 remove_diacritics 2')"
        )
        referee.executemany("INSERT INTO c VALUES (?)", [(text,) for _, _, text in sampled])
        problems = []
        for entity in load_entities(list_name, workspace.lists):
            wanted = " OR ".join(f'"{fold_name(phrase)}"' for phrase in entity.phrases)
            (theirs,) = referee.execute(
                "SELECT count(*) FROM c WHERE c MATCH ?", (wanted,)
            ).fetchone()
            if theirs != ours[entity.name]:
                problems.append(f"{entity.name}: {ours[entity.name]} here, {theirs} by FTS5")
        return problems
    finally:
        referee.close()


def links_resolve(site: Path) -> list[str]:
    """Every relative link of every page leads to a published file."""
    published = set(read_manifest(site)) | {"manifest.json"}
    problems = []
    good: dict[str, set[str]] = {}  # by folder: most links of a page are on those beside it too
    for page in sorted(name for name in published if name.endswith(".html")):
        text = (site / page).read_text(encoding="utf-8")
        known = good.setdefault(posixpath.dirname(page), set())
        for link in dict.fromkeys(_LINK.findall(text)):
            if link in known:
                continue
            target = _target(page, html.unescape(link))
            if target is None or target in published:
                known.add(link)
            else:
                problems.append(f"{page}: {link} leads nowhere")
    return problems


def _target(page: str, link: str) -> str | None:
    """Return the site path a link leads to; None for another host or the page itself."""
    if re.match(r"[a-z][a-z0-9+.-]*:|//", link, re.IGNORECASE):
        return None
    path = unquote(link.partition("#")[0].partition("?")[0])
    return posixpath.normpath(posixpath.join(posixpath.dirname(page), path)) if path else None


def nothing_withheld(workspace: Workspace, connection: duckdb.DuckDBPyConnection) -> list[str]:
    """No withheld row (unless a published row shares its id) stands in anything published."""
    return _ids_published(workspace, connection, _WITHHELD)


def nothing_unwanted_exported(
    workspace: Workspace, connection: duckdb.DuckDBPyConnection, asset: str | None = None
) -> list[str]:
    """No withheld or removed row stands in any export, or in that of one asset.

    Whatever an export was made from: it is compared with what must not be published now.
    """
    found = exported_files(workspace.paths.exports, *([asset] if asset else ()))
    if not found:
        return []
    rejects = [workspace.paths.table("rejects", key) for key in workspace.sources.usable_keys()]
    read_files(connection, rejects).create_view("rejected", replace=True)
    files = {path.relative_to(workspace.root).as_posix(): path for path in found}
    return _ids_in(workspace, connection, f"{_WITHHELD} UNION {_REMOVED}", files)


def nothing_removed(workspace: Workspace, connection: duckdb.DuckDBPyConnection) -> list[str]:
    """No removed row stands in anything published, and no published row is on the removal list."""
    keys = workspace.sources.built_keys()  # whatever became of their files
    unread = [key for key in keys if not is_of_this_form(workspace.paths.table("row_keys", key))]
    if unread:
        return [f"{key}: its row keys cannot be read; build with --rehash" for key in unread]
    if not keys:
        return []
    try:
        pending = {key: len(workspace.hits(key).pending) for key in keys}
    except UserError as error:
        return [str(error)]
    problems = [
        f"{key}: {count} rows on the removal list are still there; run `laion-assets build`"
        for key, count in pending.items()
        if count
    ]
    rejects = [workspace.paths.table("rejects", key) for key in keys]
    read_files(connection, rejects).create_view("rejected", replace=True)
    return problems + _ids_published(workspace, connection, _REMOVED)


def _ids_published(
    workspace: Workspace, connection: duckdb.DuckDBPyConnection, ids: str
) -> list[str]:
    """Scan everything published for ids that must not be there; `ids` is a query for them."""
    site = workspace.paths.site
    files = {path: site / path for path in sorted(read_manifest(site))}
    return _ids_in(workspace, connection, ids, files)


def _ids_in(
    workspace: Workspace,
    connection: duckdb.DuckDBPyConnection,
    ids: str,
    files: Mapping[str, Path],
) -> list[str]:
    images = [workspace.paths.table("images", key) for key in workspace.sources.usable_keys()]
    open_rows(connection, FileParts(images))
    unwanted = connection.sql(
        f"SELECT image_id FROM ({ids}) EXCEPT SELECT image_id FROM published ORDER BY image_id"  # noqa: S608 - ours
    ).to_arrow_table()["image_id"]
    if not len(unwanted):
        return []
    try:
        counts = count_ids(
            list(files.values()), unwanted.to_numpy(), workspace.settings.threads, READ_IDS
        )
    except UserError as error:
        return [str(error)]
    return [
        f"{path}: {count} rows that must not be published"
        for path, count in zip(files, counts, strict=True)
        if count
    ]


def first_lines(problems: list[str]) -> str:
    """Return the first problems as lines, the rest as a number."""
    lines = problems[:_MOST_LINES]
    if len(problems) > _MOST_LINES:
        lines.append(f"… and {len(problems) - _MOST_LINES:,} more")
    return "\n".join(lines)
