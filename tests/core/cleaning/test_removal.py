"""The removal list: its form, what counts as the same address, and which rows it hits."""

from __future__ import annotations

import hashlib
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from laion_assets.core.base.errors import BadUsage, UserError
from laion_assets.core.cleaning.counts import CleaningCounts
from laion_assets.core.cleaning.removal import Removal
from laion_assets.core.cleaning.removal_list import (
    Named,
    RemovalKey,
    RemovalList,
    digits_of,
    name_domain,
    name_id,
    name_line,
    name_url,
    names_of_file,
)
from laion_assets.core.cleaning.rules import Judged, judge_batch
from laion_assets.core.cleaning.thresholds import Thresholds
from laion_assets.core.cleaning.urls import first_canonical_url


@pytest.mark.parametrize(
    "same",
    [
        "https://example.com/a.jpg",
        "http://EXAMPLE.com:80/a.jpg",
        "https://example.com:443/a.jpg#top",
        "https://example.com./a.jpg",
        "example.com/a.jpg",
        "//example.com/a.jpg",
        " <https://example.com/%61.jpg> ",
        '"https://example.com/./a.jpg",',
        "[mine](https://example.com/a.jpg)",
        "http:\\\\example.com\\a.jpg",
    ],
)
def test_spellings_of_one_address_are_one_entry(same: str) -> None:
    """Scheme, case, port, escapes, fragment and what a paste brings along do not matter."""
    assert name_url(same) == name_url("https://example.com/a.jpg")
    assert name_line(same) == name_url(same)


@pytest.mark.parametrize("other", ["https://example.com/A.jpg", "https://example.com/a.jpg?x=1"])
def test_another_path_or_query_is_another_address(other: str) -> None:
    """Paths are case-sensitive, and a query asks for something else."""
    assert name_url(other) != name_url("https://example.com/a.jpg")


def test_a_host_below_a_domain_is_refused() -> None:
    """The message names the domain and the way to remove single addresses."""
    with pytest.raises(BadUsage, match=r"name blogspot\.com to remove all of it"):
        name_domain("me.blogspot.com")
    assert name_domain("Blogspot.COM.") == name_domain("blogspot.com")
    assert name_domain("münchen.de") == name_domain("xn--mnchen-3ya.de")


@pytest.mark.parametrize(
    "same", ["https://Example.com/", "//example.com", "*.example.com", "'example.com'"]
)
def test_a_domain_may_be_pasted_as_a_url(same: str) -> None:
    """Its own address is the domain; a page of it is not, and the message says what to do."""
    assert name_domain(same) == name_domain("example.com")
    with pytest.raises(BadUsage, match=r"give it with --url, or name example\.com"):
        name_domain("https://example.com/a.jpg")


def test_arguments_that_are_no_text_name_something() -> None:
    """A shell passes any bytes; they are no URL that anybody has, and no error either."""
    named = name_url("http://a.com/caf\udce9.jpg")
    assert named.said == "http://a.com/caf?.jpg"
    assert named == name_url("http://a.com/caf\ufffd.jpg")


@pytest.mark.parametrize(
    "wrong", ["", "me", "/a.jpg", "?", "192.0.2.256/a.jpg", "a b.com/x", "http://", "'//'"]
)
def test_what_is_no_url_is_told(wrong: str) -> None:
    """Without a scheme it has to begin with a host, with one something has to follow."""
    assert name_url("[2001:db8::1]/a.jpg") == name_url("http://[2001:DB8::1]/a.jpg")
    with pytest.raises(BadUsage, match="is no URL"):
        name_url(wrong)


@pytest.mark.parametrize("wrong", ["12.5", "abc", "", "1e5"])
def test_an_id_is_a_whole_number(wrong: str) -> None:
    """Anything else is bad usage; leading zeros are not another id."""
    with pytest.raises(BadUsage):
        name_id(wrong)
    assert name_id("-007") == name_id("-7")


def test_a_list_file_says_which_line_is_wrong(tmp_path: Path) -> None:
    """Addresses, ids and domains may be mixed."""
    listing = tmp_path / "list.txt"
    listing.write_text("https://a.example/x.jpg\n# comment\n\n-5\nexample.com\n")
    assert [named.kind for named in names_of_file(listing)] == ["url", "id", "domain"]
    listing.write_text("example.com\nnot a domain\n")
    with pytest.raises(BadUsage, match="line 2"):
        names_of_file(listing)


KEY = RemovalKey(b"a key of a test, of 32 bytes ....")


def _list(folder: Path, name: str = "removals") -> RemovalList:
    return RemovalList(folder / f"{name}.csv", folder / "removals.key")


def test_adding_twice_changes_nothing(tmp_path: Path) -> None:
    """The list is sorted, each entry once, whatever the order of adding."""
    first, second = _list(tmp_path, "first"), _list(tmp_path, "second")
    named = [name_url("https://a.example/x"), name_id("7"), name_domain("example.com")]
    assert first.add(named) == 3
    assert first.add(named) == 0
    for each in reversed(named):
        second.add([each])
    assert first.path.read_bytes() == second.path.read_bytes()
    key = first.ensure_key()
    assert first.entries(key) == {key.entry(each) for each in named}


def test_two_lists_of_the_same_have_nothing_in_common(tmp_path: Path) -> None:
    """Each has a key of its own, so that nobody can test a list for an address without it."""
    lists = [RemovalList(tmp_path / f"{n}.csv", tmp_path / f"{n}.key") for n in range(2)]
    for each in lists:
        each.add([name_url("https://a.example/x"), name_domain("example.com")])
    first, second = (set(each.path.read_text().split()[1:]) for each in lists)
    assert len(first) == 3
    assert first.isdisjoint(second)
    for path in (lists[0].path, lists[0].key_path):
        assert path.stat().st_mode & 0o077 == 0, f"{path} may be read by others"


def test_a_list_of_plain_hashes_is_still_read(tmp_path: Path) -> None:
    """An older version wrote `kind,sha256`; its entries mean what they meant, and become keyed."""
    listed = _list(tmp_path)
    plain = hashlib.sha256(b"a.example/x").hexdigest()
    listed.path.write_text(f"kind,sha256\nurl,{plain}\n")
    key = listed.ensure_key()
    assert listed.entries(key) == {key.entry(name_url("https://a.example/x"))}
    assert listed.add([name_id("7")]) == 1
    assert plain not in listed.path.read_text()
    assert len(listed.entries(key)) == 2


def test_a_damaged_list_is_an_error_with_its_line(tmp_path: Path) -> None:
    """Guessing at a removal list would publish what must not be."""
    listed = _list(tmp_path)
    listed.path.write_text("kind,hmac_sha256\nurl,nonsense\n")
    with pytest.raises(UserError, match="line 2"):
        listed.entries(KEY)


def test_a_list_without_its_key_is_an_error(tmp_path: Path) -> None:
    """With another key every removed row would come back."""
    listed = _list(tmp_path)
    listed.add([name_id("7")])
    listed.key_path.unlink()
    for ask in (listed.ensure_key, lambda: listed.entries(None)):
        with pytest.raises(UserError, match="needs the key it was made with"):
            ask()
    listed.key_path.write_text("ab" * 32)
    with pytest.raises(UserError, match="is not the key that"):
        listed.entries(listed.key())
    listed.key_path.write_text("nonsense")
    with pytest.raises(UserError, match="not a key"):
        listed.key()


ROWS = [
    (b"https://Shop.Example.com/a.jpg", b"one"),
    (b"http://shop.example.com:80/a.jpg", b"two"),
    (b"https://shop.example.com/?a=1&amp;b=2", b"three"),
    ("https://bücher.de/x".encode(), b"four"),
    (b"ftp://shop.example.com/a.jpg", b"five"),
    (None, b"six"),
    (b"https://other.org/a.jpg", b"caf\xe9"),
    ("https://caf\u00e9.org/My photo%7e\u00e9.jpg".encode(), b"seven"),
    (b"http://xn--caf-dma.org:80/My%20photo~%c3%A9.jpg", b"eight"),
]


def _removal(*named: Named) -> Removal:
    return Removal(frozenset(KEY.entry(each) for each in named), KEY)


def _judged(connection: duckdb.DuckDBPyConnection, removal: Removal) -> Judged:
    batch = pa.table(
        {
            "row": pa.array(range(len(ROWS)), pa.int64()),
            "url": pa.array([url for url, _ in ROWS], pa.large_binary()),
            "caption": pa.array([caption for _, caption in ROWS], pa.large_binary()),
        }
    )
    return judge_batch(connection, batch, Thresholds(), CleaningCounts(), removal)


def _keys(connection: duckdb.DuckDBPyConnection, removal: Removal) -> pa.Table:
    return _judged(connection, removal).keys


def _judge(connection: duckdb.DuckDBPyConnection, removal: Removal) -> list[int]:
    judged = _judged(connection, removal)
    return [row["row"] for row in judged.rejected.to_pylist() if row["reason"] == "removed"]


@pytest.mark.parametrize(
    ("named", "rows"),
    [
        (name_url("https://shop.example.com/a.jpg"), [0, 1]),
        (name_url("https://shop.example.com/?a=1&b=2"), [2]),
        (name_url("https://bücher.de/x"), [3]),
        (name_url("ftp://shop.example.com/a.jpg"), [4]),
        (name_domain("example.com"), [0, 1, 2, 4]),
        (name_domain("bücher.de"), [3]),
        (name_domain("nowhere.example"), []),
        (name_url("https://café.org/My photo~é.jpg"), [7, 8]),
        (name_url("xn--caf-dma.org/My%20photo%7E%C3%A9.jpg"), [7, 8]),
        (name_domain("http://CAFÉ.org/"), [7, 8]),
    ],
)
def test_a_listed_row_is_removed_before_any_other_reason(
    connection: duckdb.DuckDBPyConnection, named: Named, rows: list[int]
) -> None:
    """Every spelling of the address is hit, rows that would be rejected anyway included."""
    assert _judge(connection, _removal(named)) == rows


def test_an_id_removes_its_row_even_when_the_text_is_broken(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """The id is that of the row as found."""
    from laion_assets.core.cleaning.rules import image_id

    named = name_id(str(image_id(*ROWS[6])))
    assert _judge(connection, _removal(named)) == [6]


@pytest.mark.parametrize(("url", "row"), [(url, row) for row, (url, _) in enumerate(ROWS) if url])
def test_what_an_older_list_calls_a_url_is_still_removed(
    connection: duckdb.DuckDBPyConnection, url: bytes, row: int
) -> None:
    """Its entries are hashes of the first form, which nobody can turn into one of this."""
    old = Named("url", digits_of(first_canonical_url(url.decode())), "")
    assert row in _judge(connection, _removal(old))


def test_a_row_removed_by_an_older_entry_is_known_by_it(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """Its keys keep a mark of both forms and no digits, so that it stays removed."""
    url = ROWS[7][0]
    assert url is not None
    old = Named("url", digits_of(first_canonical_url(url.decode())), "")
    for named in (old, name_url(url.decode())):
        keys = _keys(connection, _removal(named)).filter(pc.field("removed"))
        assert set(keys["url_key"].to_pylist() + keys["first_url_key"].to_pylist()) == {None}
        marks = zip(keys["url_mark"].to_pylist(), keys["first_url_mark"].to_pylist(), strict=True)
        assert KEY.entry(named)[1] in {mark for pair in marks for mark in pair}
