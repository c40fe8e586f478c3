"""Pseudo-terms: one spelling for every field's value, the same one that the client makes."""

from __future__ import annotations

import hashlib

import pytest

from laion_assets.core.cleaning.urls import canonical_url
from laion_assets.core.index.fields import FIELDS
from laion_assets.core.index.terms import field_term
from laion_assets.core.text.tokens import tokenise
from tests.row_tables import url_value


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("http://example.com/a.jpg", "example.com/a.jpg"),
        ("https://example.com/a.jpg", "example.com/a.jpg"),
        ("HTTPS://Example.COM/A.jpg", "example.com/A.jpg"),
        ("example.com/a.jpg", "example.com/a.jpg"),
        ("http://example.com", "example.com/"),
        ("http://example.com?q", "example.com?q"),
        ("http://example.com:80/", "example.com/"),
        ("https://example.com:443/", "example.com/"),
        ("http://example.com:8080/", "example.com:8080/"),
        ("http://example.com:1443/", "example.com:1443/"),
        ("http://example.com.:80/", "example.com/"),
        ("http://example.com/a.jpg#top", "example.com/a.jpg"),
        ("http://example.com#top", "example.com/"),
        ("http://example.com/a//b/../c%20d", "example.com/a//b/../c%20d"),
        ("http://a.com/http://B.com:80/x", "a.com/http://B.com:80/x"),
        ("http://good.example\\@evil.example/", "good.example\\@evil.example/"),
        ("http://[2001:DB8::1]:80/x", "[2001:db8::1]/x"),
        ("http://BÜCHER.de/Ü", "bücher.de/Ü"),
        ("", "/"),
    ],
)
def test_scheme_case_port_and_fragment_make_no_difference(url: str, canonical: str) -> None:
    """What does not tell two pictures apart is dropped; the rest stays as it is."""
    assert canonical_url(url) == canonical


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("a.com/?x=1&amp;y=2&AMP;z", "a.com/?x=1&y=2&z"),
        ("a.com/&lt;&gt;&quot;&apos;", "a.com/<>\"'"),
        ("a.com/&#39;&#x27;&#X2F;&#0038;", "a.com/''/&"),
        ("a.com/&amp;amp;", "a.com/&amp;"),
        ("a.com&#47;b", "a.com/b"),
        ("http&#58;//a.com/", "a.com/"),
        ("a.com/?q=1&#35;top", "a.com/?q=1"),
    ],
)
def test_entities_are_decoded_once(url: str, canonical: str) -> None:
    """The entities of XML and printable ASCII by number become their characters, first of all."""
    assert canonical_url(url) == canonical


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("a.com/?x=1&region=2&copy=3&amp", "a.com/?x=1&region=2&copy=3&amp"),
        ("a.com/&nbsp;&eacute;&Lang;", "a.com/&nbsp;&eacute;&Lang;"),
        ("a.com/&\u017fgt;&apo\u017f;", "a.com/&\u017fgt;&apo\u017f;"),
        ("a.com/x&#233;y", "a.com/x&"),
        ("a.com/x&#32;y", "a.com/x&"),
        ("a.com/x&#\u0663\u0669;y", "a.com/x&"),
        ("a.com/x&#" + "1" * 5_000 + ";y", "a.com/x&"),
    ],
)
def test_what_the_client_does_not_decode_stays(url: str, canonical: str) -> None:
    """`&region=` is a parameter and no ®; the # of a reference left alone starts a fragment."""
    assert canonical_url(url) == canonical


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


def test_platforms_come_after_domains_and_before_urls() -> None:
    """The merge gathers a platform's documents as its domains pass by, and needs that order."""
    assert field_term("domain", "\U0010ffff") < field_term("platform", "")
    assert field_term("platform", "\U0010ffff") < field_term("url", "")
