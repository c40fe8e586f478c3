"""A site built by the real command from a small sample, and one from real rows, with referees.

Lives here: building them, what SQLite says of their rows. Not here: the fixtures (`conftest`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from laion_assets.core.build import code_version
from laion_assets.sample import write_sample
from tests.building import Builder, use_small_lists
from tests.repository import SHARED

REAL_ROWS = SHARED / "data" / "laion_urls_captions_5k.parquet"
PAGE = 20


@dataclass
class Published:
    """A built site with the referee over the rows it publishes."""

    builder: Builder
    referee: sqlite3.Connection

    @property
    def folder(self) -> Path:
        """Return the site's folder."""
        return self.builder.root / "site"

    def expected(self, match: str | None, where: str) -> tuple[int, list[tuple[str, str, str]]]:
        """Return FTS5's total and the first page in rank order, as (id, url, caption)."""
        matching = "" if match is None else " AND n IN (SELECT rowid FROM c WHERE c MATCH :match)"
        query = f"FROM r WHERE {where}{matching}"
        values = {"match": match}
        (total,) = self.referee.execute(f"SELECT count(*) {query}", values).fetchone()
        first = self.referee.execute(
            f"SELECT image_id, url, caption {query} ORDER BY aesthetic DESC NULLS LAST, image_id, "
            f"source_file, row LIMIT {PAGE}",
            values,
        ).fetchall()
        return total, [(str(image_id), url, caption) for image_id, url, caption in first]


def _referee(tables: Path) -> sqlite3.Connection:
    """Load the published rows into SQLite."""
    rows: list[dict[str, Any]] = []
    for path in sorted((tables / "images").glob("*.parquet")):
        table = pq.read_table(path)
        rows += table.append_column(
            "source_file", pa.array([path.stem] * table.num_rows)
        ).to_pylist()
    rows = [row for row in rows if row["visibility"] != "withheld"]
    database = sqlite3.connect(":memory:")
    database.execute(
        "CREATE VIRTUAL TABLE c USING fts5(t, tokenize='unicode61 remove_diacritics 2')"
    )
    columns = [
        "image_id", "url", "caption", "aesthetic", "source_file", "row", "domain", "host",
        "url_year",
    ]  # fmt: skip
    database.execute(f"CREATE TABLE r (n INTEGER PRIMARY KEY, {', '.join(columns)})")
    for number, row in enumerate(rows, start=1):
        database.execute("INSERT INTO c (rowid, t) VALUES (?, ?)", (number, row["caption"]))
        marks = ", ".join("?" * (len(columns) + 1))
        database.execute(
            f"INSERT INTO r VALUES ({marks})", [number, *(row[name] for name in columns)]
        )
    return database


@contextmanager
def published_sample(folder: Path) -> Iterator[Published]:
    """Build a small sample with its duplicates, ties and dirt."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        use_small_lists(folder / "lists", monkeypatch)
        write_sample(folder / "source", rows=6_000, files=3)
        builder = Builder(folder / "build", folder / "source")
        builder.build("--source", str(builder.source))
        yield Published(builder, _referee(builder.root / "tables"))
    code_version.forget()


def published_rows(folder: Path) -> Published | None:
    """Build the 5,000 real rows (URL and caption only); None where they are not at hand."""
    if not REAL_ROWS.exists():
        return None
    with pytest.MonkeyPatch.context() as monkeypatch:
        use_small_lists(folder / "lists", monkeypatch)
        builder = Builder(folder / "build", REAL_ROWS)
        result = builder.build("--source", str(REAL_ROWS))
    code_version.forget()
    assert "Rows: 5,000 read, 4,999 kept, 1 rejected (shifted_columns 1)." in result.output
    return Published(builder, _referee(builder.root / "tables"))
