"""Merged tables where DuckDB works in parallel: threads change no byte of them."""

from __future__ import annotations

from pathlib import Path

import duckdb

from laion_assets.core.aggregates import (
    FileParts,
    make_domains,
    make_duplicates,
    make_nsfw,
    make_years,
)
from laion_assets.core.cleaning import CleaningCounts
from laion_assets.core.quality import make_quality
from laion_assets.core.tables import IMAGES, write_table

#: Rows full of ties and fractions; DuckDB reads their files in parallel.
ROWS = """
SELECT
    n AS row,
    CASE WHEN n % 5 = 0 THEN 7 ELSE (hash(n) // 4096)::BIGINT END AS image_id,
    'http' || (CASE n % 3 WHEN 0 THEN 's' ELSE '' END) || '://h' || n % 901 || '.com/' || n % 70001
        AS url,
    'caption ' || hash(n) % 40009 AS caption,
    (n % 4001)::INTEGER AS width,
    (n % 3001 + 1)::INTEGER AS height,
    (hash(n + 1) % 1000) / 1000 AS similarity,
    CASE WHEN n % 11 > 0 THEN (hash(n + 2) % 1001) / 1000 END AS punsafe,
    (hash(n + 3) % 1000) / 1000 AS pwatermark,
    CASE WHEN n % 13 > 0 THEN (hash(n + 4) % 70) / 7 END AS aesthetic,
    'h' || n % 901 || '.com' AS host,
    'h' || n % 901 || '.com' AS domain,
    CASE WHEN n % 7 = 0 THEN (2000 + n % 20)::INTEGER END AS url_year,
    CASE WHEN n % 11 > 0 AND hash(n + 2) % 1001 > 990 THEN 'withheld' ELSE 'shown' END AS visibility
FROM range($first, $first + 40000) AS t (n)
ORDER BY n
"""


def test_threads_change_no_byte(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    """One thread or four: every merged table is the same file."""
    images = [tmp_path / "images" / f"{key}.parquet" for key in ("a", "b", "c")]
    for number, path in enumerate(images):
        rows = connection.sql(ROWS, params={"first": number * 40_000}).to_arrow_table()
        write_table(path, rows, IMAGES)
    parts, counts = FileParts(images), CleaningCounts(read=120_000, kept=120_000).as_dict()
    made = []
    for threads in (1, 4):
        connection.execute(f"SET threads = {threads}")
        folder = tmp_path / str(threads)
        make_domains(connection, parts, [], folder)
        make_years(connection, parts, folder)
        make_duplicates(connection, parts, folder)
        make_nsfw(connection, parts, folder)
        make_quality(connection, parts, counts, folder)
        made.append({path.name: path.read_bytes() for path in sorted(folder.iterdir())})
    assert len(made[0]) == 7
    assert made[0] == made[1]
