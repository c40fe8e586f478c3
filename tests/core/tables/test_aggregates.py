"""Merged tables: every query on a handful of rows counted by hand; withheld rows left out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from laion_assets.core.names.lists import Platform
from laion_assets.core.tables import domains, duplicates
from laion_assets.core.tables.domains import make_domains
from laion_assets.core.tables.duplicates import make_duplicates
from laion_assets.core.tables.nsfw import make_nsfw
from laion_assets.core.tables.platforms import make_platforms
from laion_assets.core.tables.quality import sum_counts
from laion_assets.core.tables.rows import open_rows
from laion_assets.core.tables.years import make_years
from tests.row_tables import (
    Row,
    parts_of,
    picked,
    repeated,
    rows_of,
    write_images,
    write_tables,
)

PLATFORMS = [
    Platform("flickr.com", "Flickr", "user-generated"),
    Platform("nobody.com", "Nobody", "stock"),
    Platform("staticflickr.com", "Flickr", "user-generated"),
]
#: Two files: five published rows and one withheld.
FILES: dict[str, Sequence[Row]] = {
    "a": [
        {"domain": "flickr.com", "url": "http://flickr.com/1", "caption": "one", "url_year": 2020},
        {"domain": "flickr.com", "url": "https://flickr.com/2", "caption": "one", "url_year": 2020},
        {"domain": "flickr.com", "url": "HTTP://flickr.com/1", "caption": "hide",
         "url_year": 2019, "punsafe": 1.0, "visibility": "withheld"},
    ],
    "b": [
        {"domain": "flickr.com", "url": "http://flickr.com/1", "caption": "two", "url_year": 2021},
        {"domain": "staticflickr.com", "url": "https://x.staticflickr.com/1", "caption": "one"},
        {"domain": "a.com", "url": "https://a.com/1", "caption": "one", "url_year": 2021},
    ],
}  # fmt: skip


# -- domains and platforms -------------------------------------------------------------------------


def test_domains_are_counted_and_ranked(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """Rows, distinct URLs and captions, plain http in any case; most rows first, then by name."""
    write_tables(
        make_domains(
            connection,
            repeated(connection, parts_of(tmp_path, FILES), tmp_path),
            PLATFORMS,
            tmp_path,
        ),
        tmp_path,
    )
    rows = rows_of(tmp_path / "domains.parquet")
    columns = (
        "rank", "domain", "platform", "category", "images", "unique_urls", "unique_captions",
        "plain_http",
    )  # fmt: skip
    assert picked(rows, *columns) == [
        (1, "flickr.com", "Flickr", "user-generated", 3, 2, 2, 2),
        (2, "a.com", None, None, 1, 1, 1, 0),
        (3, "staticflickr.com", "Flickr", "user-generated", 1, 1, 1, 0),
    ]
    assert picked(rows, "share", "denominator") == [(0.6, 5), (0.2, 5), (0.2, 5)]
    assert sum(row["images"] for row in rows) == 5
    assert len({row["slug"] for row in rows}) == 3


def test_only_the_largest_domains_get_a_page(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the budget a domain is counted but has neither slug nor rows of its own."""
    monkeypatch.setattr(domains, "MOST_DOMAIN_PAGES", 2)
    write_tables(
        make_domains(
            connection,
            repeated(connection, parts_of(tmp_path, FILES), tmp_path),
            PLATFORMS,
            tmp_path,
        ),
        tmp_path,
    )
    slugs = [row["slug"] is not None for row in rows_of(tmp_path / "domains.parquet")]
    assert slugs == [True, True, False]
    listed = {row["domain"] for row in rows_of(tmp_path / "domain_rows.parquet")}
    assert listed == {"flickr.com", "a.com"}


def test_platforms_join_their_domains(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """A platform's URLs and captions are distinct over all its domains; zeros are listed too."""
    write_tables(
        make_platforms(
            connection,
            repeated(connection, parts_of(tmp_path, FILES), tmp_path),
            PLATFORMS,
            tmp_path,
        ),
        tmp_path,
    )
    rows = rows_of(tmp_path / "platforms.parquet")
    columns = (
        "rank", "platform", "category", "domains", "images", "share", "denominator",
        "unique_urls", "unique_captions",
    )  # fmt: skip
    assert picked(rows, *columns) == [
        (1, "Flickr", "user-generated", 2, 4, 0.8, 5, 3, 2),
        (2, "Nobody", "stock", 0, 0, 0.0, 5, 0, 0),
    ]


# -- best rows -------------------------------------------------------------------------------------


def test_best_rows_come_in_the_order_of_the_contract(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """Score descending, unknown last, then the signed id, the file, the row."""
    files: dict[str, Sequence[Row]] = {
        "b": [
            {"aesthetic": 6.0, "image_id": 3, "caption": "4"},
            {"aesthetic": 6.0, "image_id": -(2**63), "caption": "1"},
            {"aesthetic": None, "image_id": -(2**63), "caption": "7"},
        ],
        "a": [
            {"aesthetic": 6.0, "image_id": 3, "caption": "2"},
            {"aesthetic": 6.0, "image_id": 3, "caption": "3"},
            {"aesthetic": 7.0, "image_id": 9, "caption": "0"},
            {"aesthetic": 5.9, "image_id": -9, "caption": "5"},
            {"aesthetic": -1.0, "image_id": -9, "caption": "6"},
            {"aesthetic": 9.9, "visibility": "withheld", "caption": "never"},
        ],
    }
    write_tables(
        make_domains(
            connection,
            repeated(connection, parts_of(tmp_path, files), tmp_path),
            PLATFORMS,
            tmp_path,
        ),
        tmp_path,
    )
    rows = rows_of(tmp_path / "domain_rows.parquet")
    assert [row["caption"] for row in rows] == [str(n) for n in range(8)]
    assert [row["position"] for row in rows] == list(range(1, 9))
    assert [row["source_file"] for row in rows[:3]] == ["a", "b", "a"]


def test_best_rows_are_one_page_of_each_group(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """At most 24 rows per domain, with every column a tile shows."""
    files: dict[str, Sequence[Row]] = {
        "a": [{"domain": f"d{n % 2}.com", "aesthetic": float(n)} for n in range(60)]
    }
    write_tables(
        make_domains(
            connection,
            repeated(connection, parts_of(tmp_path, files), tmp_path),
            PLATFORMS,
            tmp_path,
        ),
        tmp_path,
    )
    rows = rows_of(tmp_path / "domain_rows.parquet")
    assert [row["aesthetic"] for row in rows] == [
        float(n) for first in (58, 59) for n in range(first, first - 48, -2)
    ]
    assert set(rows[0]) == {
        "domain", "position", "image_id", "url", "caption", "width", "height", "similarity",
        "punsafe", "pwatermark", "aesthetic", "host", "url_year", "visibility", "source_file",
        "row",
    }  # fmt: skip


# -- nsfw ------------------------------------------------------------------------------------------


def test_nsfw_counts_every_kept_row(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    """Withheld rows count here and nowhere else; the denominator is all kept rows."""
    scores = [0.0, 0.049, 0.05, 0.5, 0.9, 0.99, 0.9999, 1.0, None, None]
    names = ["shown"] * 3 + ["blurred", "no_image"] + ["withheld"] * 3 + ["blurred"] * 2
    captions = ["a", "b", "c", "d", "e", "same", "other", "same", "f", "f"]
    files: dict[str, Sequence[Row]] = {
        "a": [
            {"punsafe": punsafe, "visibility": visibility, "caption": caption}
            for punsafe, visibility, caption in zip(scores, names, captions, strict=True)
        ]
    }
    write_tables(make_nsfw(connection, parts_of(tmp_path, files)), tmp_path)
    rows = rows_of(tmp_path / "nsfw.parquet")
    assert {row["denominator"] for row in rows} == {10}
    by_measure: dict[str, list[tuple[Any, ...]]] = {}
    for row in rows:
        by_measure.setdefault(row["measure"], []).append((row["label"], row["images"]))
    assert list(by_measure) == ["punsafe", "visibility", "threshold", "top_cluster"]
    histogram = by_measure["punsafe"]
    assert [images for _, images in histogram] == [2, 1, *[0] * 8, 1, *[0] * 7, 1, 3, 2]
    assert [label for label, _ in histogram][::20] == ["0.00 to 0.05", "unknown"]
    assert by_measure["visibility"] == [
        ("shown", 3), ("blurred", 3), ("no_image", 1), ("withheld", 3),
    ]  # fmt: skip
    assert by_measure["threshold"] == [
        (">= 0.5", 5), (">= 0.9", 4), (">= 0.99", 3), (">= 0.9999", 2), ("= 1", 1),
    ]  # fmt: skip
    assert by_measure["top_cluster"] == [("1", 2), ("2", 1)]


def test_nsfw_holds_no_text(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    """Neither caption nor address of any row is in the table."""
    files: dict[str, Sequence[Row]] = {"a": [{"punsafe": 1.0, "caption": "secret", "url": "x"}]}
    write_tables(make_nsfw(connection, parts_of(tmp_path, files)), tmp_path)
    values = {str(value) for row in rows_of(tmp_path / "nsfw.parquet") for value in row.values()}
    assert not {"secret", "x"} & values


# -- years, duplicates -----------------------------------------------------------------------------


def test_years_are_in_order_with_the_unknown_last(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """No year is a row of its own; a year with only withheld rows does not show."""
    write_tables(
        make_years(connection, repeated(connection, parts_of(tmp_path, FILES), tmp_path), tmp_path),
        tmp_path,
    )
    columns = ("url_year", "images", "share", "denominator", "unique_urls", "unique_captions")
    assert picked(rows_of(tmp_path / "years.parquet"), *columns) == [
        (2020, 2, 0.4, 5, 2, 1),
        (2021, 2, 0.4, 5, 2, 2),
        (None, 1, 0.2, 5, 1, 1),
    ]


def test_duplicates_are_counted_by_cluster_size(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """For URLs, captions and ids: how many clusters of each size, and the rows in them."""
    files: dict[str, Sequence[Row]] = {
        "a": [
            {"url": "u1", "caption": "x", "image_id": 1},
            {"url": "u1", "caption": "x", "image_id": 1},
            {"url": "u2", "caption": "x", "image_id": 2},
        ],
        "b": [
            {"url": "u3", "caption": "y", "image_id": 3},
            {"url": "u1", "caption": "y", "visibility": "withheld"},
        ],
    }
    write_tables(make_duplicates(connection, parts_of(tmp_path, files), 2), tmp_path)
    columns = ("kind", "cluster_size", "clusters", "images")
    assert picked(rows_of(tmp_path / "duplicates.parquet"), *columns) == [
        ("caption", 1, 1, 1), ("caption", 3, 1, 3),
        ("image_id", 1, 2, 2), ("image_id", 2, 1, 2),
        ("url", 1, 2, 2), ("url", 2, 1, 2),
    ]  # fmt: skip


def test_largest_clusters_come_with_their_best_row(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ranked by size, at most so many of each kind, each shown by its best row."""
    monkeypatch.setattr(duplicates, "DUPLICATE_CLUSTERS", 2)
    files: dict[str, Sequence[Row]] = {
        "a": [
            {"caption": "x", "aesthetic": 5.0},
            {"caption": "x", "aesthetic": None},
            {"caption": "y", "aesthetic": 1.0, "url": "http://y.com/2", "image_id": 8},
            {"caption": "z"},
        ],
        "b": [
            {"caption": "x", "aesthetic": 6.0, "image_id": 7, "url": "http://x.com/best"},
            {"caption": "y", "aesthetic": 1.0, "url": "http://y.com/1", "image_id": -8},
            {"caption": "z", "visibility": "withheld"},
        ],
    }
    write_tables(make_duplicates(connection, parts_of(tmp_path, files), 2), tmp_path)
    rows = [r for r in rows_of(tmp_path / "duplicate_clusters.parquet") if r["kind"] == "caption"]
    assert picked(rows, "rank", "images", "caption", "url", "image_id") == [
        (1, 3, "x", "http://x.com/best", 7),
        (2, 2, "y", "http://y.com/1", -8),
    ]


# -- all of them -----------------------------------------------------------------------------------


def test_withheld_rows_count_in_nsfw_alone(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """Adding withheld rows changes no table but nsfw."""
    extra: Row = {"domain": "a.com", "url_year": 2021, "caption": "one", "visibility": "withheld"}
    more = {**FILES, "b": [*FILES["b"], extra, extra], "c": [extra]}
    made = []
    for folder, files in ((tmp_path / "less", FILES), (tmp_path / "more", more)):
        parts = parts_of(folder, files)
        write_tables(make_duplicates(connection, parts, 2), folder)
        write_tables(make_domains(connection, parts, PLATFORMS, folder), folder)
        write_tables(make_platforms(connection, parts, PLATFORMS, folder), folder)
        write_tables(make_years(connection, parts, folder), folder)
        write_tables(make_nsfw(connection, parts), folder)
        made.append({path.name: path.read_bytes() for path in folder.glob("*.parquet")})
    assert {name for name in made[0] if made[0][name] != made[1][name]} == {"nsfw.parquet"}


def test_nothing_published_makes_empty_tables(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """A denominator of zero is no division; shares are unknown."""
    parts = parts_of(tmp_path, {"a": [], "b": [{"visibility": "withheld"}]})
    assert open_rows(connection, parts) == 0
    write_tables(make_duplicates(connection, parts, 2), tmp_path)
    write_tables(make_domains(connection, parts, PLATFORMS, tmp_path), tmp_path)
    write_tables(make_platforms(connection, parts, PLATFORMS, tmp_path), tmp_path)
    write_tables(make_years(connection, parts, tmp_path), tmp_path)
    empty = ("domains", "domain_rows", "years", "duplicates", "duplicate_clusters")
    assert [rows_of(tmp_path / f"{name}.parquet") for name in empty] == [[]] * 5
    assert {row["share"] for row in rows_of(tmp_path / "platforms.parquet")} == {None}


def test_source_file_is_the_key_whatever_the_folder(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """Folders that look like patterns or partitions leak into no table."""
    folder = tmp_path / "name=[ab]*"
    write_images(tmp_path / "name=a", {"k-1": [{}, {}, {}]})
    parts = parts_of(folder, {"k-1": [{}], "k-2": [{}]})
    assert open_rows(connection, parts) == 2
    named = "SELECT source_file, row FROM kept JOIN source_files ON file = place >> 32 ORDER BY ALL"
    assert connection.sql(named).fetchall() == [("k-1", 0), ("k-2", 0)]
    assert "name" not in connection.sql("FROM kept").columns


def test_counts_of_files_add_up_at_every_depth() -> None:
    """Nested counts are summed by name; what one file lacks counts as nothing."""
    parts = [
        {"read": 3, "rejected": {"bad_url": 1, "removed": 0}},
        {"read": 4, "rejected": {"bad_url": 2, "empty_caption": 1}},
    ]
    assert sum_counts(parts) == {
        "read": 7,
        "rejected": {"bad_url": 3, "removed": 0, "empty_caption": 1},
    }
    assert sum_counts([]) == {}
