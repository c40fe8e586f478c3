"""Pseudo-terms: what a field's value is called in the index, the same as in the client."""

from __future__ import annotations

import hashlib

from laion_assets.core.index.fields import FIELDS, field_term
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
