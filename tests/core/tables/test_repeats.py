"""What repeats is found exactly, whatever values share a bit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from laion_assets.core.tables import repeats
from laion_assets.core.tables.repeats import find_repeats
from tests.row_tables import Row, write_images

_VALUES = st.integers(0, 6)
_ROWS = st.lists(
    st.tuples(_VALUES, _VALUES, _VALUES, st.sampled_from(["shown", "no_image", "withheld"])),
    max_size=30,
)


def _row(url: int, caption: int, image_id: int, visibility: str) -> Row:
    return {
        "url": f"http://example.com/{url}.jpg", "caption": f"caption {caption}",
        "image_id": image_id, "visibility": visibility, "url_year": 2000 + url,
    }  # fmt: skip


@pytest.mark.parametrize("bits", [6, 30])
@given(files=st.lists(_ROWS, min_size=1, max_size=3))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_value_that_two_published_rows_have_is_found_and_no_other(
    tmp_path: Path,
    connection: duckdb.DuckDBPyConnection,
    monkeypatch: pytest.MonkeyPatch,
    files: Sequence[Sequence[tuple[int, int, int, str]]],
    bits: int,
) -> None:
    """With bits enough for all, and with so few that every value shares its own."""
    monkeypatch.setattr(repeats, "_MOST_BITS", bits)
    rows = {f"{n}": [_row(*values) for values in file] for n, file in enumerate(files)}
    find_repeats(connection, write_images(tmp_path, rows), threads=2)
    published = [row for file in rows.values() for row in file if row["visibility"] != "withheld"]
    for kind, column in (("url", "url"), ("caption", "caption"), ("image_id", "image_id")):
        counts = Counter(row[column] for row in published)
        found = connection.sql(
            f"SELECT images FROM repeated WHERE kind = '{kind}' ORDER BY images"
        ).fetchall()
        assert [n for (n,) in found] == sorted(n for n in counts.values() if n > 1)
