"""The SQLite database: every published row once, in rank order, with who is named in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest

from laion_assets.core.base.errors import UserError
from laion_assets.core.exports.database import COLUMNS, write_database
from laion_assets.core.exports.folder import READ_IDS
from tests.exports_fixture import (
    HIDDEN,
    HIDDEN_ID,
    NUL_AND_BIDI,
    QUOTED,
    export_parts,
    export_rows,
    write_export,
)
from tests.site_fixture import write_table


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Export the hostile rows once."""
    folder = tmp_path_factory.mktemp("database")
    write_export(folder, folder / "images.db")
    return folder / "images.db"


@pytest.fixture
def opened(database: Path) -> Iterator[sqlite3.Connection]:
    """Open it, to read."""
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        yield connection


def _published() -> list[dict[str, Any]]:
    rows = [
        {"aesthetic": None, **row, "source_file": key, "row": number}
        for key, rows in export_rows().items()
        for number, row in enumerate(rows)
        if row.get("visibility") != "withheld"
    ]
    unknown_last = float("-inf")
    return sorted(
        rows,
        key=lambda row: (
            -(unknown_last if row["aesthetic"] is None else row["aesthetic"]),
            row["image_id"],
            row["source_file"],
            row["row"],
        ),
    )


def test_rows_are_in_rank_order(opened: sqlite3.Connection) -> None:
    """Score descending, unknown last, then id as a signed number, source file, row."""
    found = opened.execute("SELECT * FROM images ORDER BY rank").fetchall()
    wanted = _published()
    assert [row["rank"] for row in found] == list(range(1, len(wanted) + 1))
    for name in ("source_file", "row", "caption", "aesthetic"):
        assert [row[name] for row in found] == [row[name] for row in wanted], name


def test_ids_are_text(opened: sqlite3.Connection) -> None:
    """A browser's numbers cannot hold them."""
    found = [row["image_id"] for row in opened.execute("SELECT image_id FROM images ORDER BY rank")]
    assert found == [str(row["image_id"]) for row in _published()]


def test_nothing_withheld_is_inside(database: Path, opened: sqlite3.Connection) -> None:
    """Neither its caption, id nor who it names; nor in the bytes of the file."""
    content = database.read_bytes()
    assert HIDDEN.encode() not in content
    assert str(HIDDEN_ID).encode() not in content
    names = {name for (name,) in opened.execute("SELECT name FROM image_names")}
    assert names == {QUOTED, "Pinterest"}


def test_texts_are_as_they_are(opened: sqlite3.Connection) -> None:
    """Quotes, NUL, bidi characters and formulas are data: nothing is guarded or cut."""
    captions = {row["caption"] for row in opened.execute("SELECT caption FROM images")}
    assert captions == {row["caption"] for row in _published()}
    assert NUL_AND_BIDI in captions
    assert [row["name"] for row in opened.execute("SELECT name FROM artists")] == [QUOTED]


def test_every_reference_leads_somewhere(opened: sqlite3.Connection) -> None:
    """Foreign keys hold, and SQLite finds the file whole."""
    assert opened.execute("PRAGMA foreign_key_check").fetchall() == []
    assert [tuple(row) for row in opened.execute("PRAGMA integrity_check")] == [("ok",)]
    domains = opened.execute(
        "SELECT domain.domain, domain.images, count(*) AS found "
        "FROM images JOIN domain ON domain.id = domain_id GROUP BY 1"
    ).fetchall()
    assert [row["images"] for row in domains] == [row["found"] for row in domains]


def test_names_are_of_the_images_that_have_them(opened: sqlite3.Connection) -> None:
    """The same pair twice is two images, each with the name."""
    found = opened.execute(
        "SELECT images.source_file, images.row FROM image_names "
        "JOIN images ON images.rank = image WHERE name = ? ORDER BY 1, 2",
        (QUOTED,),
    )
    assert [tuple(row) for row in found] == [
        ("a-11111111", 10),
        ("b-22222222", 0),
        ("b-22222222", 2),
    ]


def test_the_full_text_search_finds_words_without_accents(opened: sqlite3.Connection) -> None:
    """By the tokens of the site's own search; the table is told to Datasette by its spelling."""
    search = (
        "SELECT caption FROM images WHERE rank IN (SELECT rowid FROM images_fts WHERE images_fts "
        "MATCH ?)"
    )
    assert [row[0] for row in opened.execute(search, ("cafe",))] == ["Café crème"]
    assert len(opened.execute(search, ('"starry night"',)).fetchall()) == 3
    ((sql,),) = opened.execute("SELECT sql FROM sqlite_master WHERE name = 'images_fts'")
    assert 'content="images"' in sql


def test_every_column_is_there_as_declared(opened: sqlite3.Connection) -> None:
    """What Datasette is told of the columns is told of those that are there."""
    for table, columns in COLUMNS.items():
        found = [row["name"] for row in opened.execute(f"PRAGMA table_info({table})")]
        assert found == [column.name for column in columns], table


def test_same_tables_same_bytes(database: Path, tmp_path: Path) -> None:
    """Whatever the number of threads, and a second time."""
    for threads in (1, 2):
        again = tmp_path / f"{threads}.db"
        write_export(tmp_path / str(threads), again, threads)
        assert again.read_bytes() == database.read_bytes(), threads


def test_the_scan_reads_its_ids(database: Path) -> None:
    """The check that looks for rows that must not be there sees every id."""
    found = READ_IDS[".db"](database)
    assert sorted(found.tolist()) == sorted(row["image_id"] for row in _published())


def test_tables_of_another_build_are_refused(tmp_path: Path) -> None:
    """A row whose domain nobody counted is a mix of two builds: told, never left out."""
    parts = export_parts(tmp_path)
    write_table(tmp_path / "merged", "domains", [])
    with duckdb.connect() as engine, pytest.raises(UserError, match="laion-assets build"):
        write_database(engine, parts, tmp_path / "merged", tmp_path / "x.db", lambda *_: None)
