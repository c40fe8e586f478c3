"""What is published from hostile text: slugs, links, CSV cells and script strings."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laion_assets.core.site.safety import (
    PICTURE_CSP,
    STRICT_CSP,
    csv_cell,
    safe_link,
    script_string,
    search_link,
    search_value,
)
from laion_assets.core.tables.slugs import MAX_SLUG, RESERVED_SLUGS, assign_slugs

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")


def test_a_plain_name_keeps_its_readable_slug():
    """Letters and digits stay, everything else becomes one hyphen, accents go."""
    names = ["Vincent van Gogh", "Georgia O’Keeffe", "Jean-Michel Basquiat", "Łódź", "i.pinimg.com"]
    expected = ["vincent-van-gogh", "georgia-o-keeffe", "jean-michel-basquiat", "lodz"]
    assert assign_slugs(names) == [*expected, "i-pinimg-com"]


@pytest.mark.parametrize(
    "name",
    ["CON", "nul", "COM1", "lpt9", "Index", "INDEX", "404", "", "...", "葛飾北斎", "a" * 200],
)
def test_an_unusable_slug_gets_a_hash(name: str):
    """Device names, index, empty and overlong slugs end in a hash of the name."""
    (slug,) = assign_slugs([name])
    assert SLUG.fullmatch(slug)
    assert len(slug) <= MAX_SLUG
    assert slug not in RESERVED_SLUGS
    assert re.search(r"-[0-9a-f]{8}$", slug)


def test_names_that_share_a_slug_all_get_a_hash_whatever_their_order():
    """a.b and a-b are told apart, and neither depends on who comes first."""
    names = ["a.b", "A b", "a-b", "other"]
    forward = dict(zip(names, assign_slugs(names), strict=True))
    backward = dict(zip(names[::-1], assign_slugs(names[::-1]), strict=True))
    assert forward == backward
    assert len(set(forward.values())) == 4
    assert forward["other"] == "other"


def test_a_name_that_looks_like_anothers_suffix_is_told_apart():
    """A name may spell out another's hashed slug without taking its page."""
    (_, taken) = assign_slugs(["x.y", "x-y"])
    names = ["x.y", "x-y", taken]
    slugs = assign_slugs(names)
    assert len(set(slugs)) == 3


@given(st.lists(st.text(max_size=30)))
def test_slugs_are_safe_and_distinct_for_any_names(names: list[str]):
    """No slug leaves its folder, collides by case or is reserved, even for equal names."""
    slugs = assign_slugs(names)
    assert len(slugs) == len(names)
    assert len({slug.lower() for slug in slugs}) == len(slugs)
    for slug in slugs:
        assert SLUG.fullmatch(slug)
        assert len(slug) <= MAX_SLUG
        assert slug not in RESERVED_SLUGS


@given(st.lists(st.text(max_size=8), unique=True))
def test_slugs_do_not_depend_on_the_order_of_names(names: list[str]):
    """A page keeps its address when the ranking changes."""
    shuffled = sorted(names, key=lambda name: name[::-1])
    first = dict(zip(names, assign_slugs(names), strict=True))
    assert first == dict(zip(shuffled, assign_slugs(shuffled), strict=True))


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/a.jpg",
        "HTTPS://Example.COM:443/a.jpg?x=1&amp;y=2#z",
        "https://under_score.example.com/",
        "http://192.0.2.1:8080/a",
        "http://[2001:db8::1]/a",
        "https://bücher.example/ü.jpg",
        "http://a.example/http://b.example/x.jpg",
        "http://a.example/@user.jpg",
    ],
)
def test_an_absolute_web_address_is_linked_as_it_is(url: str):
    """Odd but honest addresses stay links, unchanged."""
    assert safe_link(url) == url


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "ftp://example.com/a",
        "//example.com/a",
        "/a.jpg",
        "http:/example.com/a",
        "http:///a",
        "http://",
        "http://.",
        "http://user@example.com/a",
        "http://user:secret@example.com/a",
        "http://good.example\\@evil.example/a",
        "http://example.com\\a",
        "http://example.com/a b.jpg",
        "http://example.com/a\tb",
        "http://example.com/\na",
        "http://example.com/\x00",
        "http://example.com/\u00a0",
        "http://example.com/\u202egpj.exe",
        "http://example.com/\u200b",
        "http://exa%6dple.com/",
        "http://example.com:99999/",
        "http://example.com:80:80/",
        "http://[::1/",
        "http://exam<ple.com/",
        " http://example.com/",
        "http://example.com/" + "a" * 8192,
    ],
)
def test_anything_else_is_never_linked(url: str | None):
    """Other schemes, user information, hidden characters and backslashes are refused."""
    assert safe_link(url) is None


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_cell_that_a_spreadsheet_would_run_is_guarded(start: str):
    """Every start named in the contract gets an apostrophe."""
    assert csv_cell(f"{start}1") == f"'{start}1"
    assert csv_cell(start) == f"'{start}"


@pytest.mark.parametrize("start", "＝＋－＠﹦﹢﹣﹫⁼⁺⁻₌₊₋﬩−")
def test_a_cell_that_starts_with_the_like_is_guarded(start: str):
    """Wide, small, raised and lowered forms, Hebrew's plus, and the minus sign."""
    assert csv_cell(f"{start}1") == f"'{start}1"


@pytest.mark.parametrize(
    "unseen", [" ", "\u3000", "\xa0", "\u200b", "\ufeff", "\x00", "\x0b", "  \t"]
)
def test_what_is_not_seen_in_front_hides_no_formula(unseen: str):
    """Some programs drop spaces, marks of byte order and controls."""
    assert csv_cell(f"{unseen}=1") == f"'{unseen}=1"
    assert csv_cell(f"{unseen}＝1") == f"'{unseen}＝1"
    assert csv_cell(f"{unseen}1=1") == f"{unseen}1=1"
    assert csv_cell(unseen) == unseen


@pytest.mark.parametrize(
    "text", ["a=b", "", "'quoted'", '"=1', "²=", "漢字=1", "—=", "(=1)", "#1", "1-2", "…@", "·+"]
)
def test_other_cells_are_left_alone(text: str):
    """Text that merely holds such characters is not changed."""
    assert csv_cell(text) == text


def test_a_script_string_cannot_be_left():
    """Quotes, backslashes, line ends and closing tags are escaped."""
    assert script_string("it's \\ </script>\u2028\n") == r"'it\'s \\ <\/script>\u2028\n'"


def test_search_values_are_quoted_when_they_are_more_than_one_word():
    """Names are quoted, domains are not, and a quotation mark cannot end the value."""
    assert search_value("pinimg.com") == "pinimg.com"
    assert search_value("Vincent van Gogh") == '"Vincent van Gogh"'
    assert search_value('The "King"') == '"The King"'
    assert search_value("-x") == '"-x"'
    assert search_link("../", "artist", "O’Keeffe & Co") == (
        "../search.html?q=artist%3A%22O%E2%80%99Keeffe%20%26%20Co%22"
    )


def test_the_policies_are_the_contracts():
    """The two policies differ in where pictures may come from and in nothing else."""
    expected = (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
        "img-src 'self' http: https:; connect-src 'self'; worker-src 'self'; "
        "manifest-src 'self'; base-uri 'none'; form-action 'self'; object-src 'none'"
    )
    assert expected == PICTURE_CSP
    assert PICTURE_CSP.replace(" http: https:", "") == STRICT_CSP
