"""Batches with dictionaries are cut by what their texts come to."""

from __future__ import annotations

from itertools import pairwise

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from laion_assets.core.reading.kept_texts import cut

TEXTS = st.lists(st.none() | st.text("aé", max_size=8), max_size=30)


@given(texts=TEXTS, kept=st.booleans(), most=st.integers(1, 40))
def test_parts_hold_every_row_and_no_more_than_allowed(
    texts: list[str | None],
    kept: bool,  # noqa: FBT001
    most: int,
) -> None:
    """In order, each within the bound or of one row; none could take the next row too."""
    column = pa.array(texts, pa.string())
    batch = pa.record_batch({"caption": column.dictionary_encode() if kept else column})
    parts = [part.column("caption").to_pylist() for part in cut(batch, ["caption"], most)]
    assert [text for part in parts for text in part] == texts
    sizes = [[len((text or "").encode()) for text in part] for part in parts]
    assert all(len(size) == 1 or sum(size) <= most for size in sizes)
    assert all(sum(one) + two[0] > most for one, two in pairwise(sizes))
