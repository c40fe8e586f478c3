"""Merged tables where DuckDB works in parallel: threads change no byte of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from laion_assets.core.aggregates import (
    FileParts,
    make_domains,
    make_duplicates,
    make_nsfw,
    make_words,
    make_years,
    open_rows,
)
from laion_assets.core.cleaning import CleaningCounts
from laion_assets.core.entities import entity_tables, make_entities
from laion_assets.core.graph import ENTITY_LISTS
from laion_assets.core.index.segment import write_segment
from laion_assets.core.lists import Platform
from laion_assets.core.quality import make_quality
from laion_assets.core.study import make_study
from laion_assets.core.tables import (
    IMAGES,
    MENTIONS,
    ROW_KEYS,
    STUDY_TABLES,
    VARIANT_COUNTS,
    write_table,
)
from tests.row_tables import entity, rows_of

#: Rows full of ties and fractions; DuckDB reads their files in parallel.
ROWS = """
SELECT
    n AS row,
    CASE WHEN n % 5 = 0 THEN 7 ELSE (hash(n) // 4096)::BIGINT END AS image_id,
    'http' || (CASE n % 3 WHEN 0 THEN 's' ELSE '' END) || '://h' || n % 901 || '.com/' || n % 70001
        AS url,
    'caption ' || hash(n) % 40009 || ' w' || hash(n) % 40009 % 37 || ' v' || hash(n) % 40009 % 11
        AS caption,
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
#: Every row names somebody of every list, all about as often, and words go with names.
MENTIONED = """
SELECT row, list, name FROM (
    SELECT row, unnest(['artists', 'celebrities', 'characters']) AS list,
        'N' || lpad((hash(caption) % 40)::VARCHAR, 2, '0') AS name
    FROM read_parquet($images)
    UNION ALL
    SELECT row, 'characters', 'N' || lpad((40 + row % 10)::VARCHAR, 2, '0')
    FROM read_parquet($images)
    UNION ALL
    SELECT row, 'platforms', 'P' || row % 3 FROM read_parquet($images)
)
ORDER BY ALL
"""
#: Of fifty names every fourth is ambiguous; the last ten of people are never named.
NAMES = [f"N{number:02}" for number in range(50)]
VARIANTS = """
SELECT unnest(['artists', 'celebrities', 'characters']) AS list, 'N' || lpad(n::VARCHAR, 2, '0')
    || ' Longname' AS name, 'joined' AS kind, 'n' || lpad(n::VARCHAR, 2, '0') || 'longname'
    AS spelling, n % 3 + 1 AS images, n % 2 AS beyond
FROM range(50) AS t (n)
ORDER BY ALL
"""
