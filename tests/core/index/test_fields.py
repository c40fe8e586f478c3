"""Pseudo-terms: what a field's value is called in the index, the same as in the client."""

from __future__ import annotations

import hashlib
from itertools import pairwise
from pathlib import Path

import pyarrow as pa

from laion_assets.core.base.parquet import write_table
from laion_assets.core.index.documents import rank_documents
from laion_assets.core.index.fields import FIELDS, field_term, gather_fields
from laion_assets.core.names.lists import Platform
from laion_assets.core.text.tokens import tokenise
from tests.row_tables import url_value


def test_url_value_is_64_bits_of_sha256() -> None:
    """The first 16 hex digits, of the canonical form's UTF-8."""
    expected = hashlib.sha256(b"example.com/a.jpg").hexdigest()[:16]
    assert url_value("HTTP://example.com:80/a.jpg#x") == expected
    assert len(url_value("é")) == 16


def test_pseudo_terms_are_no_tokens() -> None:
    """No word, and no beginning of one, is the beginning of a field's value."""
    for field in FIELDS:
        term = field_term(field, "vincent van gogh")
        assert term == f":{field}:vincent van gogh"
        assert tokenise(f"a:b {term}:")[0] == "a"
        assert not any(token.startswith(":") for token in tokenise(f"a:b {term}:"))


def test_documents_have_the_terms_of_their_fields(tmp_path: Path) -> None:
    """A host that is all of its domain stands for it, and so does another spelling of a name."""
    documents, mentions = tmp_path / "documents.parquet", tmp_path / "mentions.parquet"
    rows = pa.table(
        {
            "row": [5, 6, 9],
            "aesthetic": [7.0, 6.0, None],
            "image_id": [1, 2, 3],
            "host": ["a.x.org", "x.org", "www.y.com"],
            "domain": ["x.org", "x.org", "y.com"],
            "url_year": pa.array([2001, None, 2001], pa.int32()),
        }
    )
    write_table(documents, rows)
    # Two names of one spelling, one of them twice in a document; a row that is not published.
    named = {
        "row": [5, 5, 5, 9, 7],
        "list": ["artists"] * 5,
        "name": ["Bo", "BO", "Bo", "Al", "Bo"],
    }
    write_table(mentions, pa.table(named))
    fields = gather_fields(
        [documents],
        [mentions],
        [Platform("x.org", "X", "shop"), Platform("z.org", "Z", "shop")],
        {("artists", "Al"): ["Alan", "bo"], ("artists", "Bo"): ["alan", "Bobby"]},
        rank_documents([documents]),
    )
    terms = [fields.text(n) for n in range(len(fields.counts))]
    assert terms == sorted(terms, key=str.encode)
    ends = [0, *fields.stream.ends.tolist()]
    own = [sorted(terms[n] for n in fields.stream.terms[low:high]) for low, high in pairwise(ends)]
    assert own == [
        [":artist:bo", ":platform:x", ":year:2001", "@org.x", "@org.x.a."],
        [":platform:x", "@org.x", "@org.x."],
        [":artist:al", ":year:2001", "@com.y"],
    ]
    stands_for = {terms[n]: terms[a] for n, a in enumerate(fields.alias.tolist()) if a >= 0}
    assert stands_for == {
        "@com.y.www.": "@com.y", ":artist:alan": ":artist:al", ":artist:bobby": ":artist:bo",
    }  # fmt: skip
    assert fields.counts.tolist() == [sum(term in each for each in own) for term in terms]
