"""Merged tables where DuckDB works in parallel: threads change no byte of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from laion_assets.core.base.parquet import write_table
from laion_assets.core.cleaning.counts import CleaningCounts
from laion_assets.core.cleaning.schemas import IMAGES, ROW_KEYS
from laion_assets.core.index.segment import write_segment
from laion_assets.core.names.lists import Entity, Platform
from laion_assets.core.names.mentions import MENTIONS, VARIANT_COUNTS
from laion_assets.core.names.registry import ENTITY_LISTS, LISTS
from laion_assets.core.tables.domains import make_domains
from laion_assets.core.tables.duplicates import make_duplicates
from laion_assets.core.tables.entities import make_entities
from laion_assets.core.tables.nsfw import make_nsfw
from laion_assets.core.tables.quality import make_quality
from laion_assets.core.tables.rows import FileParts
from laion_assets.core.tables.study import make_study
from laion_assets.core.tables.words import make_words
from laion_assets.core.tables.years import make_years
from tests.row_tables import completed, entity, rows_of, tables_of, with_derived, write_tables

FILES = ("a", "b", "c")
#: Rows full of ties and fractions; DuckDB reads their files in parallel.
ROWS = """
SELECT
    n AS row,
    CASE WHEN n % 5 = 0 THEN 7 ELSE (hash(n) // 4096)::BIGINT END AS image_id,
    'http' || (CASE n % 3 WHEN 0 THEN 's' ELSE '' END) || '://h' || n % 901 || '.com/' || n % 70001
        AS url,
    concat('caption ', k, ' w', k % 20, ' y', k % 20, ' x', k % 10, ' v', k % 11) AS caption,
    (n % 4001)::INTEGER AS width,
    (n % 3001 + 1)::INTEGER AS height,
    (hash(n + 1) % 1000) / 1000 AS similarity,
    CASE WHEN n % 11 > 0 THEN (hash(n + 2) % 1001) / 1000 END AS punsafe,
    (hash(n + 3) % 1000) / 1000 AS pwatermark,
    CASE WHEN n % 13 > 0 THEN (hash(n + 4) % 70) / 7 END AS aesthetic,
    'h' || n % 901 || '.com' AS host,
    'h' || n % 901 || '.com' AS domain,
    CASE WHEN n % 7 = 0 THEN (2000 + n % 20)::INTEGER END AS url_year,
    CASE WHEN n % 11 > 0 AND hash(n + 2) % 1001 > 990 THEN 'withheld' ELSE 'shown' END
        AS visibility,
    NULL AS plain_http, NULL AS caption_words, NULL AS url_digest, NULL AS caption_digest
FROM (SELECT range AS n, hash(range) % 40009 AS k FROM range($first, $first + 40000))
ORDER BY n
"""
KEYS = """
    SELECT row, image_id, left(md5(url), 16) AS url_key, NULL AS first_url_key, domain,
        FALSE AS removed, NULL AS url_mark, NULL AS first_url_mark, NULL AS domain_mark,
        0 AS repaired, 0 AS out_of_range, NULL::BIGINT AS line
    FROM read_parquet($images)
"""
#: Ten names go with the words of captions; forty have the same count or one less.
MENTIONED = """
SELECT
    row,
    unnest(['artists', 'celebrities', 'characters', 'platforms']) AS list,
    unnest([named, named, named, 'P' || row % 3]) AS name
FROM (
    SELECT row, printf('Nora N%02d', split_part(caption, ' ', 2)::BIGINT % 10) AS named
    FROM read_parquet($images)
)
UNION ALL
SELECT
    row,
    unnest(['artists', 'celebrities', 'characters']),
    printf('Nora N%d', 10 + row // 11 % 40)
FROM read_parquet($images)
WHERE row % 11 = 0 -- never withheld
ORDER BY ALL
"""
VARIANTS = """
SELECT
    unnest(['artists', 'celebrities', 'characters']) AS list,
    printf('Nora N%02d', range) AS name,
    'joined' AS kind,
    printf('noran%02d', range) AS spelling,
    range % 3 + 1 AS images,
    range % 2 AS beyond
FROM range(60)
"""
KINDS = ("internet", "actor", "actor|internet", "")


def said(list_name: str, number: int) -> dict[str, str]:
    """Return what a list says of a name: few kinds and genders, so that many share them."""
    if list_name == "characters":
        return {"franchise": f"Saga {number % 7}|Crossover" if number % 5 else f"Saga {number % 7}"}
    kind = KINDS[number % len(KINDS)]
    return {LISTS[list_name].kind: kind, "gender": ("female", "male", "")[number % 3]}


def names(list_name: str) -> list[Entity]:
    """Return sixty names of several kinds, every fifth ambiguous; the last ten nobody names."""
    return [
        entity(
            list_name,
            f"Nora N{number:02}",
            context=("v3", "v5") if number % 5 == 0 else (),
            **said(list_name, number),
        )
        for number in range(60)
    ]


@pytest.fixture
def parts(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> FileParts:
    """Three files of 40,000 rows, and who they name."""
    images, mentions, variants = (
        [tmp_path / part / f"{key}.parquet" for key in FILES]
        for part in ("images", "mentions", "variant_counts")
    )
    for number, path in enumerate(images):
        rows = connection.sql(ROWS, params={"first": number * 40_000}).to_arrow_table()
        write_table(path, with_derived(rows), IMAGES)
        named = connection.sql(MENTIONED, params={"images": str(path)}).to_arrow_table()
        write_table(mentions[number], named, MENTIONS)
        write_table(variants[number], connection.sql(VARIANTS).to_arrow_table(), VARIANT_COUNTS)
    return completed(tmp_path, images, mentions, variants)


def test_threads_change_no_byte(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection, parts: FileParts
) -> None:
    """One thread or four: every merged table of rows is the same file."""
    counts = CleaningCounts(read=120_000, kept=120_000).as_dict()
    made = []
    for threads in (1, 4):
        connection.execute(f"SET threads = {threads}")
        folder = tmp_path / str(threads)
        write_tables(make_duplicates(connection, parts, threads), folder)
        write_tables(make_domains(connection, parts, [], folder), folder)
        write_tables(make_years(connection, parts, folder), folder)
        write_tables(make_nsfw(connection, parts), folder)
        write_tables(make_quality(connection, parts, counts), folder)
        made.append({path.name: path.read_bytes() for path in sorted(folder.iterdir())})
    assert len(made[0]) == 8
    assert made[0] == made[1]


def test_threads_change_no_byte_of_names_and_study(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection, parts: FileParts
) -> None:
    """One thread or four: words, every table of names and the study are the same files."""
    words = [write_words_of(tmp_path, connection, path) for path in parts.images]
    platforms = [Platform(f"h{number}.com", f"P{number % 5}", "stock") for number in range(9)]
    made = []
    for threads in (1, 4):
        connection.execute(f"SET threads = {threads}")
        folder = tmp_path / str(threads)
        write_tables(make_words(connection, replace(parts, words=words)), folder)
        for list_name in ENTITY_LISTS:
            write_tables(
                make_entities(connection, parts, list_name, names(list_name), folder, threads),
                folder,
            )
        write_tables(make_study(connection, parts, platforms, folder), folder)
        made.append({path.stem: path.read_bytes() for path in sorted(folder.iterdir())})
    tables = [table for list_name in ENTITY_LISTS for table in tables_of(list_name)]
    assert set(made[0]) == {"words", *tables, *tables_of("study")}
    assert all(rows_of(tmp_path / "1" / f"{table}.parquet") for table in made[0])
    assert [table for table in made[0] if made[0][table] != made[1][table]] == []


def write_words_of(folder: Path, connection: duckdb.DuckDBPyConnection, images: Path) -> Path:
    """Write the index segment of an images table; return its words."""
    keys, part = folder / "row_keys" / images.name, folder / "segments" / images.stem
    table = connection.sql(KEYS, params={"images": str(images)}).to_arrow_table()
    write_table(keys, table, ROW_KEYS)
    paths = {name: part / f"{name}.parquet" for name in ("documents", "words")}
    write_segment(connection, images, keys, **paths, description=part / "segment.json")
    return paths["words"]
