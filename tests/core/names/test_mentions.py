"""Mentions of one file: equal to a naive search, other spellings counted apart, platforms too."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from laion_assets.core.base import parquet as tables
from laion_assets.core.base.parquet import write_table
from laion_assets.core.cleaning.schemas import ROW_KEYS
from laion_assets.core.index.merge import SegmentFiles, merge_index
from laion_assets.core.index.segment import write_segment
from laion_assets.core.names.list_files import ListFiles
from laion_assets.core.names.lists import load_entities, load_platforms
from laion_assets.core.names.mentions import MENTIONS, VARIANT_COUNTS, NameTable, write_mentions
from laion_assets.core.names.variants import Variant, spelling_variants
from laion_assets.core.text.tokens import tokenise
from tests.index_reader import IndexReader
from tests.row_tables import Row, rows_of, url_value, write_images

LISTS = {
    "artists": "name,aliases\nVincent van Gogh,Van Gogh\nGreg Rutkowski,\nPink,\n",
    "celebrities": "name,aliases\nMrBeast,\nP!nk,Pink\nCharli D'Amelio,\n",
    "characters": "name\nLink\n",
    "platforms": "domain,platform\npinimg.com,Pinterest\nfineart.example,Fine Art\nx.example,???\n"
    "pinterest.com,Pinterest\n",
}


@pytest.fixture
def files(tmp_path: Path) -> ListFiles:
    """Lists of a few names."""
    folder = tmp_path / "lists"
    folder.mkdir()
    for name, text in LISTS.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return ListFiles(folder)


class Written:
    """What `write_mentions` makes of some rows."""

    def __init__(self, folder: Path, files: ListFiles, rows: Sequence[Row]) -> None:
        (self.images,) = write_images(folder, {"a": rows})
        self.mentions, counts = folder / "mentions.parquet", folder / "variants.parquet"
        self.mentioning = folder / "mentioning.parquet"
        self.by_list = write_mentions(
            self.images,
            NameTable(files),
            mentions=self.mentions,
            mentioning=self.mentioning,
            variant_counts=counts,
            threads=2,
        )
        self.triples = [tuple(row.values()) for row in rows_of(self.mentions)]
        self.variants = {row["spelling"]: row for row in rows_of(counts)}
        self.schemas = (pq.read_schema(self.mentions), pq.read_schema(counts))

    def variant(self, spelling: str) -> tuple[str, str, str, int, int]:
        """Return what is said of a spelling: list, name, kind, images, beyond."""
        row = self.variants[spelling]
        return (row["list"], row["name"], row["kind"], row["images"], row["beyond"])


def captions(*texts: str) -> list[dict[str, Any]]:
    """Return rows with these captions."""
    return [{"caption": text} for text in texts]


# -- names -----------------------------------------------------------------------------------------


def test_names_are_numbered_by_list_and_variants_after_them(files: ListFiles) -> None:
    """Platforms come last, each once, those without a letter left out; a variant knows its name."""
    names = NameTable(files)
    assert list(zip(names.lists, names.names, strict=True)) == [
        ("artists", "Greg Rutkowski"),
        ("artists", "Pink"),
        ("artists", "Vincent van Gogh"),
        ("celebrities", "Charli D'Amelio"),
        ("celebrities", "MrBeast"),
        ("celebrities", "P!nk"),
        ("characters", "Link"),
        ("platforms", "Fine Art"),
        ("platforms", "Pinterest"),
    ]
    of_gogh = [v for v, n in zip(names.variants, names.variant_of, strict=True) if n == 2]
    assert of_gogh == spelling_variants(["Vincent van Gogh", "Van Gogh"])
    assert Variant("split", "mr beast") in names.variants
    assert max(names.variant_of) < 7, "no other spellings of platforms are tried"


def test_mentions_are_rows_with_list_and_name(tmp_path: Path, files: ListFiles) -> None:
    """Sorted by row; a name once per row; the same phrase counts on every list that has it."""
    rows = captions(
        "Starry night by VAN-GOGH, after Vincent van Gogh", "nothing", "pink link on Pinterest"
    )
    written = Written(tmp_path, files, rows)
    assert written.triples == [
        (0, "artists", "Vincent van Gogh"),
        (2, "artists", "Pink"),
        (2, "celebrities", "P!nk"),
        (2, "characters", "Link"),
        (2, "platforms", "Pinterest"),
    ]
    assert written.by_list == {"artists": 2, "celebrities": 1, "characters": 1, "platforms": 1}
    assert written.schemas == (MENTIONS, VARIANT_COUNTS)


def test_row_is_the_rows_own_number(tmp_path: Path, files: ListFiles) -> None:
    """Rejected rows leave gaps: the number in the file counts, not the place in the table."""
    rows = [{"row": 7, "caption": "x"}, {"row": 12, "caption": "Link"}]
    assert Written(tmp_path, files, rows).triples == [(12, "characters", "Link")]


def test_withheld_rows_have_mentions_too(tmp_path: Path, files: ListFiles) -> None:
    """The tables decide what is counted; mentions say what the captions hold."""
    rows = [{"caption": "Link", "visibility": "withheld"}]
    written = Written(tmp_path, files, rows)
    assert written.triples == [(0, "characters", "Link")]
    assert written.by_list["characters"] == 1


def test_file_without_rows_has_no_mentions(tmp_path: Path, files: ListFiles) -> None:
    """Tables with their columns, and every list counted as zero."""
    written = Written(tmp_path, files, [])
    assert (written.triples, written.variants) == ([], {})
    assert set(written.by_list.values()) == {0}
    assert written.schemas == (MENTIONS, VARIANT_COUNTS)


# -- against a naive search ------------------------------------------------------------------------


def holds(caption: Sequence[str], phrase: str) -> bool:
    """Tell whether the words of a phrase stand side by side in a caption."""
    words = tokenise(phrase)
    return any(list(caption[at : at + len(words)]) == words for at in range(len(caption)))


def random_rows(files: ListFiles, count: int) -> list[dict[str, Any]]:
    """Return rows full of names, of other spellings of them and of parts of both."""
    chance = random.Random(2022)  # noqa: S311 - the same rows every time
    words = "the a van Gogh vincent mr Beast pink Link charli d amelio art fine".split()  # noqa: SIM905
    words += ["Van Gogh", "MrBeast", "mr beast", "gregrutkowski", "P!nk", "Greg Rutkowski"]
    words += [variant.spelling for variant in NameTable(files).variants]
    words += ["Pinterest", "Fine Art", "—", "charli damelio"]
    return [
        {
            "row": 2 * number,
            "caption": chance.choice([" ", ", ", "-"]).join(
                chance.choices(words, k=chance.randrange(9))
            ),
            "visibility": chance.choice(["shown", "blurred", "no_image", "withheld"]),
        }
        for number in range(count)
    ]


def expected_triples(files: ListFiles, rows: Sequence[Row]) -> list[tuple[int, str, str]]:
    """Return the mentions by looking for every phrase in every caption."""
    entries = [
        (list_name, entity.name, entity.phrases)
        for list_name in ("artists", "celebrities", "characters")
        for entity in load_entities(list_name, files)
    ]
    entries += [("platforms", name, (name,)) for name in ("Fine Art", "Pinterest")]
    return [
        (row["row"], list_name, name)
        for row in rows
        for list_name, name, phrases in entries
        if any(holds(tokenise(row["caption"]), phrase) for phrase in phrases)
    ]


def expected_variants(
    files: ListFiles, rows: Sequence[Row]
) -> dict[tuple[str, str, str], tuple[str, int, int]]:
    """Return (list, name, spelling) -> kind, images and beyond, from published captions alone."""
    published = [tokenise(row["caption"]) for row in rows if row["visibility"] != "withheld"]
    found = {}
    for list_name in ("artists", "celebrities", "characters"):
        for entity in load_entities(list_name, files):
            for variant in spelling_variants(entity.phrases):
                having = [words for words in published if holds(words, variant.spelling)]
                beyond = [w for w in having if not any(holds(w, p) for p in entity.phrases)]
                if having:
                    key = (list_name, entity.name, variant.spelling)
                    found[key] = (variant.kind, len(having), len(beyond))
    return found


@pytest.mark.parametrize("group", [131_072, 17])
def test_mentions_and_variants_equal_a_naive_search(
    tmp_path: Path, files: ListFiles, monkeypatch: pytest.MonkeyPatch, group: int
) -> None:
    """However many row groups the table has."""
    monkeypatch.setattr(tables, "ROW_GROUP", group)
    rows = random_rows(files, 600)
    written = Written(tmp_path, files, rows)
    triples = expected_triples(files, rows)
    assert pq.read_metadata(written.images).num_row_groups == -(-len(rows) // group)
    assert written.triples == triples
    assert sum(written.by_list.values()) == len(triples) > 400
    found = {
        (row["list"], row["name"], row["spelling"]): (row["kind"], row["images"], row["beyond"])
        for row in written.variants.values()
    }
    expected = expected_variants(files, rows)
    assert found == expected
    assert any(images > beyond > 0 for _, images, beyond in expected.values())


# -- other spellings -------------------------------------------------------------------------------


def test_variants_count_published_rows_only(tmp_path: Path, files: ListFiles) -> None:
    """Each spelling that occurs, in how many rows that are not withheld; others are not listed."""
    rows = [
        {"caption": "a video by Mr Beast"},
        {"caption": "MR. BEAST!", "visibility": "blurred"},
        {"caption": "Mr Beast", "visibility": "no_image"},
        {"caption": "Mr Beast again", "visibility": "withheld"},
        {"caption": "gregrutkowski", "visibility": "withheld"},
    ]
    written = Written(tmp_path, files, rows)
    assert list(written.variants) == ["mr beast"]
    assert written.variant("mr beast") == ("celebrities", "MrBeast", "split", 3, 3)
    assert written.triples == [], "another spelling is never a mention"


def test_beyond_leaves_out_rows_that_have_the_name(tmp_path: Path, files: ListFiles) -> None:
    """By the name or an alias of that very row of the list, not by somebody else's name."""
    rows = captions(
        "gogh van",
        "gogh van, by Van Gogh",
        "gogh van Gogh",
        "gogh van beside Link and Greg Rutkowski",
        "Charli DAmelio",
    )
    written = Written(tmp_path, files, rows)
    assert written.variant("gogh van") == ("artists", "Vincent van Gogh", "surname first", 4, 2)
    assert written.variant("charli damelio")[3:] == (1, 1)


def test_variants_come_in_the_order_of_the_lists(tmp_path: Path, files: ListFiles) -> None:
    """The same table however the spellings came in."""
    rows = captions("mr beast and gregrutkowski", "charlidamelio", "g rutkowski")
    assert [v["spelling"] for v in Written(tmp_path, files, rows).variants.values()] == [
        "gregrutkowski", "g rutkowski", "charlidamelio", "mr beast",
    ]  # fmt: skip


# -- platforms -------------------------------------------------------------------------------------


def test_platforms_in_captions_do_not_enter_the_search_index(
    tmp_path: Path, files: ListFiles, connection: duckdb.DuckDBPyConnection
) -> None:
    """`platform:` finds rows by who hosts them; who is named beside a picture is another matter."""
    rows: list[Row] = [
        {"caption": "found on Pinterest by Link", "url": "http://a.example/0.jpg"},
        {"caption": "hosted", "domain": "pinimg.com", "url": "http://i.pinimg.com/1.jpg"},
    ]
    written = Written(tmp_path, files, rows)
    assert (0, "platforms", "Pinterest") in written.triples
    keys = [{**row, "url_key": url_value(row["url"])} for row in rows_of(written.images)]
    write_table(tmp_path / "keys.parquet", pa.Table.from_pylist(keys, schema=ROW_KEYS))
    documents, words = tmp_path / "documents.parquet", tmp_path / "words.parquet"
    counts = write_segment(
        connection,
        written.images,
        tmp_path / "keys.parquet",
        documents=documents,
        words=words,
        description=tmp_path / "segment.json",
    )
    merged = merge_index(
        [SegmentFiles(documents, words, written.mentions, counts)],
        load_platforms(files),
        {},
        tmp_path / "search",
        tmp_path / "spill",
        most_files=12_000,
    )
    reader = IndexReader(tmp_path / "search", merged.directory)
    fields = {
        term: [reader.documents[rank][1] for rank in entry.ranks]
        for term, entry in reader.terms("f").items()
        if term.startswith((":platform", ":artist", ":celebrity", ":character"))
    }
    assert fields == {
        ":character:link": ["found on Pinterest by Link"],
        ":platform:pinterest": ["hosted"],
    }
