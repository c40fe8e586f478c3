"""Files of claims: ours, those of the user's folder, and what is wrong with an entry, in a line."""

from __future__ import annotations

from pathlib import Path

import pytest

from laion_assets.core.base.errors import BadUsage
from laion_assets.core.claims.claim_files import Claim, load_claims
from laion_assets.core.names.list_files import ListFiles

GOOD = """
[[claims]]
id = "first"
claim = "One."
published = 1
table = "domains"
where = { domain = "a.example" }
"""


def own(folder: Path, **texts: str) -> ListFiles:
    """Write files of claims, `more_claims` as more-claims.toml; return the folder's lists."""
    for name, text in texts.items():
        (folder / f"{name.replace('_', '-')}.toml").write_text(text, encoding="utf-8")
    return ListFiles(folder)


def test_ours_are_the_study_s() -> None:
    """Some sixty claims and more, each of the study's dataset or of a larger one."""
    claims = load_claims()
    assert len(claims) >= 60
    assert all(claim.datasets and claim.source and claim.topic for claim in claims)
    assert {"top100", "rutkowski", "rows-of-2-3-billion-in-the-update"} <= {c.id for c in claims}


def test_a_file_of_the_user_s_replaces_ours_or_adds_to_them(tmp_path: Path) -> None:
    """As with every list; what an added file says of an id that is there takes its place."""
    files = own(tmp_path, claims=GOOD)
    assert [claim.id for claim in load_claims(files)] == ["first"]
    other = GOOD.replace('"first"', '"second"') + GOOD.replace("One.", "Another.")
    files = own(tmp_path, more_claims=other)
    assert [(c.id, c.claim) for c in load_claims(files)] == [
        ("first", "Another."), ("second", "One."),
    ]  # fmt: skip
    (tmp_path / "claims.toml").unlink()
    assert len(load_claims(own(tmp_path))) == len(load_claims()) + 2


def test_what_stands_at_the_top_holds_for_claims_that_say_nothing_else(tmp_path: Path) -> None:
    """Who said it, and of which datasets; a claim may say that it is of any."""
    top = 'source = "Somebody"\ndatasets = ["a"]\n'
    other = GOOD.replace('"first"', '"second"') + 'source = "Me"\ndatasets = []\n'
    first, second = load_claims(own(tmp_path, claims=top + GOOD + other))
    assert (first.source, first.datasets) == ("Somebody", ("a",))
    assert (second.source, second.datasets) == ("Me", ())


def test_a_folder_of_claims_alone_is_a_folder_of_lists(tmp_path: Path) -> None:
    """And one whose claims have another name is refused, as a list would be."""
    own(tmp_path, more_claims=GOOD).check()
    for name in ("claim.toml", "my-claims.toml", "Claims.TOML.txt"):
        (tmp_path / name).write_text(GOOD, encoding="utf-8")
        with pytest.raises(BadUsage, match="no list has that name"):
            ListFiles(tmp_path).check()
        (tmp_path / name).unlink()
    (tmp_path / "dataset.toml").write_text("title = 'x'", encoding="utf-8")
    ListFiles(tmp_path).check()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("published = 1", "published = 1\npublishd = 2"), "did you mean published?"),
        (('"domains"', '"domain"'), "unknown table 'domain'; did you mean domains?"),
        (('"domains"', '"domain_rows"'), "unknown table"),
        (("domain =", "domian ="), "did you mean domain?"),
        (('"a.example"', "7"), "where: domain is '7', not a text"),
        (('"a.example"', "[]"), "where: domain is '[]', not a text"),
        (("published = 1", ""), "needs published"),
        (("published = 1", "published = nan"), "published is nan"),
        (("published = 1", "published = 10_000_000_000_000_000"), "published is 1"),
        (("published = 1", "published = true"), "published is True"),
        (("published = 1", "published = 1\nwithin = 2"), "within is 2"),
        (("published = 1", "published = 1\nfirst = 0"), "first is 0"),
        (("published = 1", "published = 1\nof = 10"), "of goes with take"),
        (("published = 1", "published = 1\ntake = 'most'"), "take is"),
        (("published = 1", "published = 1\ncolumn = 'platform'"), "holds no numbers"),
        (("published = 1", "published = 1\ncolumn = 'imagse'"), "did you mean images?"),
        (('table = "domains"', ""), "where goes with a table"),
        (('"One."', '" "'), "claim is empty"),
        (('"One."', f'"{"x" * 60_000}"'), "claim has 60,000 characters"),
        (('"One."', "1"), "claim is 1, not a text"),
    ],
)
def test_a_mistake_is_told_with_file_and_entry(
    tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    """One line that names both, and what belongs there."""
    assert GOOD.count(change[0]) == 1
    files = own(tmp_path, claims=GOOD.replace(*change))
    with pytest.raises(BadUsage) as raised:
        load_claims(files)
    message = str(raised.value)
    assert message.startswith(f"{tmp_path / 'claims.toml'}, claim first: ")
    assert said in message
    assert "\n" not in message
    assert len(message) < len(str(tmp_path)) + 900


@pytest.mark.parametrize("slug", ["", "../up", "A", "a b", "main", "-a", "a" * 81, "<b>", "é"])
def test_an_id_is_an_anchor(tmp_path: Path, slug: str) -> None:
    """Nothing that leaves the page, breaks an attribute or is the page's own."""
    files = own(tmp_path, claims=GOOD.replace('"first"', f"'{slug}'"))
    with pytest.raises(BadUsage, match=r"claim (1|main): id is"):
        load_claims(files)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("claims = 1", "claims is 1"),
        ("[[claims]]\nid = ", "no TOML"),
        (f"x = {'[' * 5000}", "no TOML"),
        (GOOD + GOOD, "claim first: an id that is there twice"),
        (GOOD.replace("claims", "claim"), "did you mean claims?"),
        ("#" * (1 << 21), "bytes; claims have"),
        ("\0", "no text"),
    ],
)
def test_a_file_that_is_none_is_told_in_a_line(tmp_path: Path, text: str, said: str) -> None:
    """Whatever is in it: no traceback, the file is named."""
    with pytest.raises(BadUsage) as raised:
        load_claims(own(tmp_path, claims=text))
    assert str(raised.value).startswith(str(tmp_path / "claims.toml"))
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_more_claims_than_a_page_holds_are_refused(tmp_path: Path) -> None:
    """A thousand are allowed."""
    many = "".join(GOOD.replace('"first"', f'"c{n}"') for n in range(1001))
    with pytest.raises(BadUsage, match="1,001 claims"):
        load_claims(own(tmp_path, claims=many))


def test_a_claim_needs_no_table() -> None:
    """Then nothing here checks it."""
    assert Claim("a", "b").table == ""
