"""What `lookup` and `lists` print, word for word, and what they write for other programs."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from laion_assets.commands.names_text import (
    MOST_REMARKS,
    found_as_json,
    lacking_csv,
    tell_coverage,
    tell_found,
    tell_lists,
    tell_zero,
)
from laion_assets.core.names.coverage import Coverage
from laion_assets.core.names.list_files import ListFiles
from laion_assets.core.names.lists import Entity, Platform
from laion_assets.core.names.lookup import Found, VariantCount
from laion_assets.core.names.variants import Variant
from laion_assets.core.names.zero_bound import zero_share
from laion_assets.core.sources.datasets import Population

GOGH = Entity(
    "Vincent van Gogh", ("Van Gogh",), ambiguous=False, context=(),
    attributes={"type": "painter|draughtsman", "born": "1853"},
)  # fmt: skip
PINK = Entity(
    "Pink", (), ambiguous=True, context=("singer", "concert"), attributes={"occupation": ""}
)
EVERYTHING = (Population("Everything", 1_000_000_000),)


def counted(entity: Entity | None, **fields: object) -> Found:
    """Return what was found of a name."""
    phrases = entity.phrases if entity else ("my own name",)
    lists = {"Vincent van Gogh": "artists", "Pink": "celebrities"}
    list_name = lists[entity.name] if entity else ""
    return Found(phrases[-1], phrases, list_name, entity, **fields)  # type: ignore[arg-type]


def variant(spelling: str, images: int, beyond: int = 0) -> VariantCount:
    """Return the count of another spelling."""
    return VariantCount(Variant("joined", spelling), images, beyond)


def told(
    found: list[Found], published: int = 12_000, populations: tuple[Population, ...] = ()
) -> list[str]:
    """Return the lines that are printed of names."""
    return list(tell_found(found, published, populations))


# -- what was found --------------------------------------------------------------------------------


def test_name_on_a_list_is_told_with_its_counts() -> None:
    """The list, the kind, what is counted with it, images with their share, and the domains."""
    found = counted(
        GOGH, images=1_234, unique_urls=1_200, unique_captions=900,
        domains=[("pinimg.com", 1_000), ("museum.org", 34)],
    )  # fmt: skip
    assert told([found]) == [
        "Vincent van Gogh (artists: painter, draughtsman; counted with Van Gogh)",
        "  1,234 of 12,000 images (10.3%); 1,200 unique URLs, 900 unique captions",
        "  most on pinimg.com (1,000), museum.org (34)",
    ]


def test_name_on_no_list_is_told_as_it_was_asked() -> None:
    """A small share keeps two digits; nothing is said of domains when there are none."""
    assert told([counted(None, images=1, unique_urls=1, unique_captions=1)]) == [
        "my own name (on no list)",
        "  1 of 12,000 images (0.0083%); 1 unique URL, 1 unique caption",
    ]


def test_ambiguous_name_is_told_with_its_context() -> None:
    """How many stand beside which words; a kind the list does not give is unknown."""
    found = counted(PINK, images=40, unique_urls=40, unique_captions=7, images_in_context=3)
    assert told([found])[::2] == [
        "Pink (celebrities: unknown)",
        "  ambiguous: 3 in context, that is beside singer, concert",
    ]


def test_ambiguous_name_without_context_words_says_why_none_is_likely() -> None:
    """Without words a zero would be the list's, not the captions'."""
    bare = Entity("Pink", (), ambiguous=True, context=(), attributes={})
    lines = told([counted(bare, images=40, images_in_context=0)])
    said = "also a word or somebody else's name, and no list has words to tell them apart"
    assert f"  ambiguous: {said}" in lines


def test_other_spellings_are_told_apart() -> None:
    """Those found first, by what they would add; the rest in one line."""
    spellings = [
        variant("vangogh", 9, 2),
        variant("vincentvangogh", 0),
        variant("vincent vangogh", 5, 5),
        variant("v gogh", 0),
        variant("gogh vincent", 2, 2),
    ]
    assert told([counted(GOGH, images=1, variants=spellings)])[2:] == [
        "  counted apart: 'vincent vangogh' (joined) 5, 5 of them without the name",
        "  counted apart: 'gogh vincent' (joined) 2, 2 of them without the name",
        "  counted apart: 'vangogh' (joined) 9, 2 of them without the name",
        "  tried, never found: vincentvangogh, v gogh",
    ]


# -- zero ------------------------------------------------------------------------------------------


def test_zero_is_explained_once_after_all_names() -> None:
    """However many zeros; a name that was found needs no explanation."""
    lines = told([counted(GOGH), counted(None), counted(PINK, images=1)])
    assert lines.count("  none of 12,000 images") == 2
    assert sum("What zero means" in line for line in lines) == 1
    assert lines[-3] == ""
    assert told([counted(GOGH, images=1)])[-1].startswith("  1 of 12,000")


def test_zero_is_told_with_its_bound() -> None:
    """For a random sample, for every larger set, and that the rows are no random sample."""
    meaning, *rest = tell_zero(1_000, (*EVERYTHING, Population("Half", 500)))
    assert meaning == (
        "What zero means: if these 1,000 rows were a random sample of a larger set, then with 95% "
        "confidence at most 2,992 in a million of its rows would have the name."
    )
    assert rest == [
        "  For the 1,000,000,000 rows of Everything: at most 2,991,250.",
        "They are no random sample but a selection, so the true number may well be larger.",
    ]


def test_zero_of_nothing_says_nothing() -> None:
    """Without rows there is neither a share nor a bound, and no division by zero."""
    assert told([counted(None)], published=0, populations=EVERYTHING) == [
        "my own name (on no list)",
        "  none of 0 images",
        "",
        "There are no rows, so zero says nothing.",
    ]


# -- for other programs ----------------------------------------------------------------------------


def test_found_as_json_says_the_same() -> None:
    """An object for each name, with every count, and the bound where it is zero."""
    found = [
        counted(
            PINK, images=40, unique_urls=39, unique_captions=7, images_in_context=3,
            domains=[("pinimg.com", 40)], variants=[variant("p ink", 2, 1)],
        ),
        counted(None),
    ]  # fmt: skip
    pink, unknown = json.loads(json.dumps(found_as_json(found, 12_000)))
    assert pink == {
        "asked": "Pink",
        "list": "celebrities",
        "name": "Pink",
        "counted": ["Pink"],
        "images": 40,
        "denominator": 12_000,
        "unique_urls": 39,
        "unique_captions": 7,
        "ambiguous": True,
        "context": ["singer", "concert"],
        "images_in_context": 3,
        "domains": [{"domain": "pinimg.com", "images": 40}],
        "variants": [{"spelling": "p ink", "kind": "joined", "images": 2, "beyond": 1}],
        "share_at_most": None,
        "near": [],
    }
    assert (unknown["list"], unknown["name"], unknown["images"]) == (None, None, 0)
    assert (unknown["ambiguous"], unknown["images_in_context"]) == (False, None)
    assert unknown["share_at_most"] == zero_share(12_000)
    assert found_as_json([counted(None)], 0)[0]["share_at_most"] is None


# -- lists -----------------------------------------------------------------------------------------


def lists_told(files: ListFiles, remarks: dict[str, list[str]]) -> list[str]:
    """Return the lines that are printed of the lists."""
    entities = {"artists": [GOGH], "celebrities": [PINK], "characters": []}
    platforms = [Platform("a.com", "A", ""), Platform("b.com", "A", ""), Platform("c.com", "C", "")]
    all_remarks = {name: remarks.get(name, []) for name in entities}
    return list(tell_lists(files, entities, platforms, all_remarks, 1))


def test_lists_are_told_with_their_sizes() -> None:
    """A line each, in columns; without remarks there is nothing to do."""
    assert lists_told(ListFiles(), {}) == [
        "artists           1 name, 1 alias, 0 ambiguous, 0 to look at  (ours)",
        "celebrities       1 name, 0 aliases, 1 ambiguous, 0 to look at  (ours)",
        "characters        0 names, 0 aliases, 0 ambiguous, 0 to look at  (ours)",
        "platforms         3 domains of 2 platforms  (ours)",
        "claims            1 claim  (ours)",
    ]


def test_lists_of_the_users_own_are_told_with_their_files(tmp_path: Path) -> None:
    """Every file that makes up the list, ours among them where it is added to."""
    for name in ("artists", "more-characters", "more-artists"):
        (tmp_path / f"{name}.csv").write_text("name\n")
    files = ListFiles(tmp_path)
    lines = lists_told(files, {})
    assert lines[0].endswith(f"({tmp_path / 'artists.csv'}, {tmp_path / 'more-artists.csv'})")
    assert lines[1].endswith("(ours)")
    assert lines[2].endswith(
        f"({files.paths('characters')[0]}, {tmp_path / 'more-characters.csv'})"
    )


@pytest.mark.parametrize("count", [1, MOST_REMARKS, MOST_REMARKS + 1_003])
def test_remarks_are_printed_up_to_a_number(count: int) -> None:
    """The rest is counted, and what to do about them is said at the end."""
    remarks = {"characters": [f"line {n}: 'x' is one word" for n in range(count)]}
    lines = lists_told(ListFiles(), remarks)
    assert f"{count:,} to look at" in lines[2]
    assert lines[5] == "characters: line 0: 'x' is one word"
    assert lines[-1].startswith("Look whether captions use these phrases")
    more = ["characters: … and 1,003 more"] if count > MOST_REMARKS else []
    assert lines[5 + min(count, MOST_REMARKS) : -1] == more


# -- comparing -------------------------------------------------------------------------------------

COVERAGE = [
    Coverage("study", 4, ("Rare", "Common", "Usual"), {"artists": 1}),
    Coverage("empty", 0, (), {}),
    Coverage("held", 2, (), {"artists": 1, "characters": 1}),
]


def test_coverage_is_told_with_what_is_lacking() -> None:
    """Without a build in the order of their file, without counts."""
    assert list(tell_coverage(COVERAGE, None)) == [
        "study: 1 of 4 (25%) are on our lists: 1 in artists",
        "  lacking: Rare",
        "  lacking: Common",
        "  lacking: Usual",
        "empty: 0 of 0 are on our lists: -",
        "held: 2 of 2 (100%) are on our lists: 1 in artists, 1 in characters",
    ]


def test_what_is_lacking_most_comes_first() -> None:
    """With a build by its counts; equal ones stay in their order."""
    images = {"Rare": 0, "Common": 1_234, "Usual": 0}
    assert list(tell_coverage(COVERAGE, images))[1:4] == [
        "  lacking: Common (1,234 images)",
        "  lacking: Rare (0 images)",
        "  lacking: Usual (0 images)",
    ]


def test_many_lacking_names_are_counted() -> None:
    """The screen shows the first, the file has all."""
    lacking = tuple(f"Name {n}" for n in range(MOST_REMARKS + 5))
    coverage = [Coverage("study", len(lacking), lacking, {})]
    lines = list(tell_coverage(coverage, None))
    assert len(lines) == MOST_REMARKS + 2
    assert lines[-1] == "  … and 5 more; --lacking FILE writes them all"
    rows = list(csv.DictReader(io.StringIO(lacking_csv(coverage, None).decode())))
    assert [row["name"] for row in rows] == list(lacking)


def test_lacking_names_are_written_as_csv() -> None:
    """Group, name and images; quoted where they must be, without counts when nothing is built."""
    coverage = [Coverage("a, b", 1, ('Hooch, "P."',), {}), Coverage("c", 1, ("Erté",), {})]
    images = {'Hooch, "P."': 3, "Erté": 0}
    assert lacking_csv(coverage, images) == (
        'group,name,images\n"a, b","Hooch, ""P.""",3\nc,Erté,0\n'.encode()
    )
    assert lacking_csv(coverage, None).decode().splitlines()[2] == "c,Erté,"
