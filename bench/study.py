"""The road of 2022: parquet to CSV, into SQLite, FTS5, a phrase query a name, domains counted.

What two people did by hand for twelve million rows (`STUDY.md` of the project's notes): no
cleaning, no site, no search without a server. Lives here: that, as plainly as they did it, as what
`bench.road` is compared with. Not here: our own way.
"""

from __future__ import annotations

import csv
import sqlite3
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pyarrow.parquet as pq

from laion_assets.core.names.lists import load_entities
from laion_assets.core.names.registry import LISTS

_ROWS = 65_536  # read at once


def study(source: Path, folder: Path) -> None:
    """Take one source file the way of 2022; everything is left in `folder`."""
    connection = sqlite3.connect(make_database(source, folder))
    try:
        _count_names(connection)
        _count_domains(connection)
        connection.commit()
    finally:
        connection.close()


def make_database(source: Path, folder: Path) -> Path:
    """Make the database of 2022 alone, rows with their full-text search; return where it lies."""
    folder.mkdir(parents=True, exist_ok=True)
    table, database = folder / "rows.csv", folder / "rows.sqlite"
    _to_csv(source, table)
    database.unlink(missing_ok=True)
    connection = sqlite3.connect(database)
    try:
        _load(connection, table)
        connection.commit()
    finally:
        connection.close()
    return database


def _to_csv(source: Path, target: Path) -> None:
    with target.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        for batch in pq.ParquetFile(source).iter_batches(_ROWS):
            columns = [column.to_pylist() for column in batch.columns]
            writer.writerows(zip(*columns, strict=True))


def _load(connection: sqlite3.Connection, table: Path) -> None:
    with table.open(encoding="utf-8", newline="") as stream:
        reader = csv.reader(stream)
        first = next(reader)
        connection.execute(f"CREATE TABLE images ({', '.join(f'c{n}' for n in range(len(first)))})")
        marks = ", ".join("?" * len(first))
        connection.execute(f"INSERT INTO images VALUES ({marks})", first)
        connection.executemany(f"INSERT INTO images VALUES ({marks})", reader)
    connection.execute(
        "CREATE VIRTUAL TABLE captions USING fts5(caption, content='', "
        "tokenize='unicode61 remove_diacritics 2')"
    )
    connection.execute("INSERT INTO captions (rowid, caption) SELECT rowid, c1 FROM images")


def _count_names(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE names (list, name, images)")
    for name in LISTS:
        for entity in load_entities(name):
            phrase = entity.name.replace('"', '""')
            (images,) = connection.execute(
                "SELECT count(*) FROM captions WHERE captions MATCH ?", (f'"{phrase}"',)
            ).fetchone()
            connection.execute("INSERT INTO names VALUES (?, ?, ?)", (name, entity.name, images))


def _count_domains(connection: sqlite3.Connection) -> None:
    counts: Counter[str] = Counter()
    for (url,) in connection.execute("SELECT c0 FROM images"):
        counts[".".join(_host(url).split(".")[-2:])] += 1
    connection.execute("CREATE TABLE domains (domain, images)")
    connection.executemany("INSERT INTO domains VALUES (?, ?)", counts.most_common())


def _host(url: str | None) -> str:
    try:
        return urlsplit(url or "").hostname or ""
    except ValueError:
        return ""
