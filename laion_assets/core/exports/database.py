"""The SQLite database that brings back the browser of 2022: `datasette images.db`.

Lives here: its tables, and loading them in bulk, rows in rank order. Not here: what Datasette is
told of them (`browser`), which queries give the rows (`sql/exports`).

Same tables, same bytes, by the same SQLite: one connection inserts in a total order, whatever the
threads of the engine that sorts. Memory is bounded: the engine spills, and so does SQLite.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from laion_assets.core.base.errors import UserError
from laion_assets.core.base.open_files import FILE_BITS, read_files
from laion_assets.core.base.sql import Connection, query
from laion_assets.core.names.registry import ENTITY_LISTS
from laion_assets.core.tables.columns import shared
from laion_assets.core.tables.declarations import COUNT, TEXT, Column, Table
from laion_assets.core.tables.registry import TABLES
from laion_assets.core.tables.rows import FileParts, open_rows

#: What the tables were called in 2022, and which of ours they are.
DOMAINS = "domain"
LISTED: dict[str, Table] = {
    DOMAINS: TABLES["domains"],
    **{name: TABLES[name] for name in ENTITY_LISTS},
}
IMAGES, IMAGE_NAMES, FULL_TEXT = "images", "image_names", "images_fts"

_KEY = Column("id", COUNT, "place in the table, 1 first")
_IMAGE_COLUMNS = (
    Column("rank", COUNT, "place among all images, by aesthetic score, unknown last; 1 first"),
    Column("image_id", TEXT, "mmh3 hash of URL and caption as text; not unique"),
    *shared(
        "url", "caption", "width", "height", "similarity", "punsafe", "pwatermark", "aesthetic",
        "host",
    ),
    Column("domain_id", COUNT, "registrable domain: its row in the table domain"),
    *shared(
        "url_year", "visibility", "source_file", "row",
        url_year="year found in the URL, empty where there is none",
    ),
)  # fmt: skip
_NAME_COLUMNS = (
    Column("image", COUNT, "rank of the image"),
    Column("list", TEXT, "artists, celebrities, characters or platforms"),
    Column("name", TEXT, "the listed name that the caption has, or an alias of it"),
)
#: Every table of the database, its columns in order.
COLUMNS: dict[str, tuple[Column, ...]] = {
    IMAGES: _IMAGE_COLUMNS,
    **{
        name: (_KEY, *(column for column in table.columns if column.name != "rank"))
        for name, table in LISTED.items()
    },
    IMAGE_NAMES: _NAME_COLUMNS,
}
#: What is filtered and counted by; sorting by the score itself needs none, rows lie in its order.
_INDEXED = (
    "image_id",
    "domain_id",
    "url_year",
    "visibility",
    "similarity",
    "punsafe",
    "pwatermark",
)
_BATCH = 2_048  # rows at once; a hostile caption has 100,000 characters
_CACHE_KIB = 64 << 10
_TYPES = {pa.string(): "TEXT", pa.float64(): "REAL"}


@dataclass(frozen=True)
class Loaded:
    """What the database holds: images, names of images, domains."""

    images: int
    names: int
    domains: int


def write_database(
    connection: Connection,
    parts: FileParts,
    tables: Path,
    path: Path,
    progress: Callable[[int, int], None],
) -> Loaded:
    """Write the database to `path`, a new file; `progress` is told of images done, and of all.

    `connection` is the engine that sorts, `tables` the folder of merged tables. Raises UserError
    when tables and rows are not of one build, or the disk refuses.
    """
    total = open_rows(connection, parts)
    read_files(connection, parts.mentions, placed=True).create_view("all_mentions", replace=True)
    connection.execute(query("exports/rank_rows"))
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        try:
            _set_up(database)
            domains = _load_listed(database, connection, tables)
            ranked = connection.sql(query("exports/list_images"), params={"bits": FILE_BITS})
            images = _load(
                database, IMAGES, ranked.to_arrow_reader(_BATCH), lambda n: progress(n, total)
            )
            if images != total:
                raise UserError(
                    f"{total:,} rows are published and {images:,} of them are of a domain that is "
                    "counted; run `laion-assets build` first"
                )
            named = connection.sql(query("exports/list_names"))
            names = _load(database, IMAGE_NAMES, named.to_arrow_reader(_BATCH), lambda _: None)
            _index(database)
        except sqlite3.Error as error:
            raise UserError(
                f"{path.parent}: the database cannot be written there ({error})"
            ) from error
    return Loaded(images, names, domains)


def _set_up(database: sqlite3.Connection) -> None:
    """Load as fast as the disk goes: a crash leaves a temporary file that nobody reads.

    Indexes are sorted in the folder of temporary files that SQLite chooses (SQLITE_TMPDIR); its own
    setting would be that of every other database of this process, Dagster's among them.
    """
    for setting in ("journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE",
                    f"cache_size = -{_CACHE_KIB}", "temp_store = FILE"):  # fmt: skip
        database.execute(f"PRAGMA {setting}")
    database.execute("BEGIN")
    for name, columns in COLUMNS.items():
        database.execute(_create(name, columns))


def _create(name: str, columns: Sequence[Column]) -> str:
    """Return the statement that creates a table; rows come in the order of their keys."""
    said = {
        (IMAGES, "rank"): "PRIMARY KEY",
        (IMAGES, "domain_id"): f"NOT NULL REFERENCES {DOMAINS} (id)",
        (IMAGE_NAMES, "image"): f"NOT NULL REFERENCES {IMAGES} (rank)",
        **{(table, "id"): "PRIMARY KEY" for table in LISTED},
        **{(table, label(table)): "NOT NULL UNIQUE" for table in LISTED},
    }
    lines = [
        " ".join(
            (
                _name(column.name),
                _TYPES.get(column.type, "INTEGER"),
                said.get((name, column.name), ""),
            )
        )
        for column in columns
    ]
    if name == IMAGE_NAMES:
        lines.append("PRIMARY KEY (image, list, name)")
    without = " WITHOUT ROWID" if name == IMAGE_NAMES else ""
    return f"CREATE TABLE {_name(name)} ({', '.join(map(str.strip, lines))}){without}"


def label(table: str) -> str:
    """Return the column by which a row of a listed table is called."""
    return "domain" if table == DOMAINS else "name"


def _load_listed(database: sqlite3.Connection, connection: Connection, tables: Path) -> int:
    """Load domains and names, each in the order of its table; return how many domains."""
    rows = {}
    for name, declared in LISTED.items():
        listed = pq.read_table(tables / f"{declared.name}.parquet")
        key = pa.array(range(1, listed.num_rows + 1), pa.int64())
        keyed = listed.append_column("id", key).select([each.name for each in COLUMNS[name]])
        rows[name] = _load(database, name, keyed.to_batches(_BATCH), lambda _: None)
        if name == DOMAINS:
            ids = keyed.select(["id", "domain"]).rename_columns(["domain_id", "domain"])
            connection.register("domain_ids", ids)
    return rows[DOMAINS]


def _load(
    database: sqlite3.Connection,
    table: str,
    batches: Iterable[pa.RecordBatch],
    progress: Callable[[int], None],
) -> int:
    """Insert rows that come in the order of the table's key; return how many."""
    marks = ", ".join("?" * len(COLUMNS[table]))
    done = 0
    for batch in batches:
        database.executemany(f"INSERT INTO {_name(table)} VALUES ({marks})", _rows(batch))  # noqa: S608 - ours
        done += batch.num_rows
        progress(done)
    return done


def _rows(batch: pa.RecordBatch) -> Iterator[tuple[Any, ...]]:
    return zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _index(database: sqlite3.Connection) -> None:
    """Make what is looked up by: indexes, and the words of captions.

    Datasette finds a full-text table by the very spelling of `content="images"`.
    """
    for column in _INDEXED:
        database.execute(f"CREATE INDEX {IMAGES}_{column} ON {IMAGES} ({column})")
    database.execute(f"CREATE INDEX {IMAGE_NAMES}_name ON {IMAGE_NAMES} (list, name)")
    database.execute(
        f'CREATE VIRTUAL TABLE {FULL_TEXT} USING fts5(caption, content="{IMAGES}", '
        'content_rowid="rank", tokenize="unicode61 remove_diacritics 2")'
    )
    database.execute(f"INSERT INTO {FULL_TEXT} ({FULL_TEXT}) VALUES ('rebuild')")  # noqa: S608 - ours
    database.execute("COMMIT")
    database.execute("ANALYZE")


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
