"""Hosts: one spelling for each, its registrable domain, and what is no host at all."""

from __future__ import annotations

import pytest

from laion_assets.core.cleaning import hosts
from laion_assets.core.cleaning.hosts import (
    Host,
    parse_authority,
    registrable_domain,
    stray_domain,
    unify_host,
)


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
        ("exam%70le.com", "example.com", "example.com"),
        ("-test.example", "-test.example", "-test.example"),
        ("www.-test.example", "www.-test.example", "-test.example"),
        ("test-.example.com", "test-.example.com", "example.com"),
        ("r3---sn.example.com", "r3---sn.example.com", "example.com"),
        ("my+shop.example.com", "my+shop.example.com", "example.com"),
        ("www..example.com", "www..example.com", "example.com"),
        ("xn--a.com", "xn--a.com", "xn--a.com"),
        ("-", "-", "-"),
        ("a.1e3", "a.1e3", "a.1e3"),
    ],
)
def test_spellings_of_a_host_become_one(authority: str, host: str, domain: str) -> None:
    """Case, port, escapes and trailing dot make no difference; what browsers accept passes."""
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
        ("i❤.ws", "xn--i-7iq.ws", "xn--i-7iq.ws"),
        ("xn--i-7iq.ws", "xn--i-7iq.ws", "xn--i-7iq.ws"),
        ("www.☃.co.uk", "www.xn--n3h.co.uk", "xn--n3h.co.uk"),
        ("I❤_-.ws", "xn--i_--4r6a.ws", "xn--i_--4r6a.ws"),
        ("faß.de", "xn--fa-hia.de", "xn--fa-hia.de"),
        ("exam\u00adple.com", "example.com", "example.com"),
        ("b%C3%BCcher.de", "xn--bcher-kva.de", "xn--bcher-kva.de"),
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


@pytest.mark.parametrize(
    ("authority", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("192.0.2.1.", "192.0.2.1"),
        ("0xC0.0.2.1", "192.0.2.1"),
        ("0300.0.2.1", "192.0.2.1"),
        ("3221225985:8080", "192.0.2.1"),
        ("１９２.０.２.１", "192.0.2.1"),
        ("0x7f.1", "127.0.0.1"),
        ("1.2.3", "1.2.0.3"),
    ],
)
def test_a_number_at_the_end_is_an_ipv4_address(authority: str, address: str) -> None:
    """However it is written, and then it is its own domain."""
    assert parse_authority(authority) == Host(address, address)


@pytest.mark.parametrize(
    "authority",
    ["192.0.2.256", "1.2.3.4.5", "example.256", "example.0x1", "09.1.1.1", "4294967296", "a.1."],
)
def test_a_number_at_the_end_is_no_domain(authority: str) -> None:
    """As in browsers: what ends in a number and is no address is no host, and `2.256` no domain."""
    assert parse_authority(authority) is None
    assert stray_domain(f"http://{authority}/x") is None


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
        ".",
        "exa mple.com",
        "example.com\n",
        "example.com:80\n",
        "exam%ple.com",
        "a%20b.com",
        "a%2Fb.com",
        "a%ff.com",
        "a*b.com",
        '"example.com',
        "(example.com)",
        "example.com,",
        "${host}",
        "a..com",
        "a<b>.com",
        "a'b.com",
        "\u202eexample.com",
        "xn--\u00fc.com",
        "a" * 254,
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
    for authority in (
        "BÜCHER.de.",
        "WWW.Example.COM",
        "例え。jp",
        "my_shop.example.com",
        "i❤.ws",
        "1.2",
    ):
        once = unify_host(authority)
        assert once is not None
        assert unify_host(once) == once


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ('http://"www.example.com/x', "example.com"),
        ("http://'+url+'/x", None),
        ("0.3289", None),
        ("ftp://192.0.2.1/x", "192.0.2.1"),
        ("see i❤.ws today", "xn--i-7iq.ws"),
    ],
)
def test_what_a_bad_address_means(url: str, domain: str | None) -> None:
    """Its domain, so that it goes when the domain is removed; numbers and scripts mean none."""
    assert stray_domain(url) == domain


def test_the_cache_holds_no_long_texts() -> None:
    """An authority longer than any host is judged without being remembered."""
    before = hosts._split_short.cache_info().currsize
    assert parse_authority("x" * 100_000) is None
    assert hosts._split_short.cache_info().currsize == before


def test_domains_never_touch_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bundled Public Suffix List is the only one asked."""
    monkeypatch.setattr("socket.socket", None)
    hosts._extractor.cache_clear()
    assert registrable_domain("www.never-seen-before.co.uk") == "never-seen-before.co.uk"
