"""Hosts: one spelling for each, its registrable domain, and what is no host at all."""

from __future__ import annotations

import pytest

from laion_assets.core.cleaning import hosts
from laion_assets.core.cleaning.hosts import Host, parse_authority, registrable_domain, unify_host


@pytest.mark.parametrize(
    ("authority", "host", "domain"),
    [
        ("WWW.Example.COM", "www.example.com", "example.com"),
        ("example.com:443", "example.com", "example.com"),
        ("example.com:", "example.com", "example.com"),
        ("example.com:00080", "example.com", "example.com"),
        ("example.com:65535", "example.com", "example.com"),
        ("example.com.", "example.com", "example.com"),
        ("my_shop.example.com", "my_shop.example.com", "example.com"),
        ("_x.example.com", "_x.example.com", "example.com"),
        ("a.b.example.co.uk", "a.b.example.co.uk", "example.co.uk"),
        ("www.ck", "www.ck", "www.ck"),
    ],
)
def test_spellings_of_a_host_become_one(authority: str, host: str, domain: str) -> None:
    """Case, port and trailing dot make no difference; underscores pass."""
    assert parse_authority(authority) == Host(host, domain)


@pytest.mark.parametrize(
    ("authority", "host", "domain"),
    [
        ("bücher.example.de", "xn--bcher-kva.example.de", "example.de"),
        ("BÜCHER.de", "xn--bcher-kva.de", "xn--bcher-kva.de"),
        ("xn--bcher-kva.de", "xn--bcher-kva.de", "xn--bcher-kva.de"),
        ("例え。jp", "xn--r8jz45g.jp", "xn--r8jz45g.jp"),
        ("例え。jp。", "xn--r8jz45g.jp", "xn--r8jz45g.jp"),
        ("ｅｘａｍｐｌｅ.com", "example.com", "example.com"),
    ],
)
def test_unicode_and_punycode_are_one_host(authority: str, host: str, domain: str) -> None:
    """A name typed in Unicode, full width or with an ideographic dot is its punycode."""
    assert parse_authority(authority) == Host(host, domain)


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("someone.blogspot.com", "blogspot.com"),
        ("someone.github.io", "github.io"),
        ("bucket.s3.amazonaws.com", "amazonaws.com"),
        ("shop.wordpress.com", "wordpress.com"),
    ],
)
def test_private_suffixes_are_ordinary_domains(host: str, domain: str) -> None:
    """Only the ICANN part of the Public Suffix List counts: blogspot.com is one domain."""
    assert registrable_domain(host) == domain


@pytest.mark.parametrize("host", ["co.uk", "com", "localhost", "intranet", "93.184.216.34"])
def test_what_has_no_registrable_domain_is_its_own(host: str) -> None:
    """IP addresses, local names and bare public suffixes stand for themselves."""
    assert parse_authority(host) == Host(host, host)


@pytest.mark.parametrize("authority", ["[2001:DB8::1]", "[2001:db8:0:0::1]:8080", "[2001:db8::1]:"])
def test_ipv6_addresses_have_one_spelling(authority: str) -> None:
    """An IPv6 address is compressed, keeps its brackets and is its own domain."""
    assert parse_authority(authority) == Host("[2001:db8::1]", "[2001:db8::1]")


@pytest.mark.parametrize(
    "authority",
    [
        "",
        ":80",
        "user@example.com",
        "user:secret@example.com",
        "example.com:65536",
        "example.com:http",
        "example.com:-1",
        "example.com:80:80",
        "example.com:８０",
        "example.com:" + "1" * 5_000,
        "a..b",
        "example.com..",
        ".example.com",
        ".",
        "-",
        "-example.com",
        "exa mple.com",
        "example.com\n",
        "example.com:80\n",
        "exam%70le.com",
        "a<b>.com",
        "a'b.com",
        "\u202eexample.com",
        "xn--\u00fc.com",
        "a" * 254,
        "é" * 200,
        "é." * 200,
        "ü" * 100_000,
        "a\ud800.com",
        "[::1",
        "[::1]x",
        "[::1]:99999",
        "[::1]:" + "1" * 5_000,
        "[nonsense]",
        "[1.2.3.4]",
        "::1",
    ],
)
def test_what_is_no_host_is_none(authority: str) -> None:
    """Userinfo, unparsable ports, empty labels and foreign characters are refused, not raised."""
    assert parse_authority(authority) is None


def test_unifying_is_idempotent() -> None:
    """A unified host is its own unified form."""
    for authority in ("BÜCHER.de.", "WWW.Example.COM", "例え。jp", "my_shop.example.com"):
        once = unify_host(authority)
        assert once is not None
        assert unify_host(once) == once


def test_the_cache_holds_no_long_texts() -> None:
    """An authority longer than any host is judged without being remembered."""
    before = hosts._parse.cache_info().currsize
    assert parse_authority("x" * 100_000) is None
    assert hosts._parse.cache_info().currsize == before


def test_domains_never_touch_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bundled Public Suffix List is the only one asked."""
    monkeypatch.setattr("socket.socket", None)
    hosts._extractor.cache_clear()
    assert registrable_domain("www.never-seen-before.co.uk") == "never-seen-before.co.uk"
