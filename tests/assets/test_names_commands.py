"""The commands about names: `lookup`, `lists`, and builds with somebody's own lists.

They run on one small build; what changes a build works on a copy of it.
"""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from laion_assets.commands.shared import saved_workspace
from laion_assets.core.base.errors import UserError
from laion_assets.core.build.settings import Settings, load_settings, save_settings
from laion_assets.core.cleaning.schemas import IMAGES
from laion_assets.core.names.lookup import look_up
from laion_assets.core.names.zero_bound import zero_share
from tests.building import Builder, forget_lists, rows, use_small_lists, write_source
from tests.row_tables import rows_of

EXTRA = (  # captions and punsafe of a third file
    ("A video by Mr Beast", 0.1),
    ("Mr. Beast again", 0.1),
    ("Mr Beast, withheld", 0.999),
    ("vangogh, that is Van Gogh", 0.1),
    ("VanGogh mug", 0.1),
)
DESCRIPTION = 'title = "Mine"\nrows = 100\npart_of = [{ title = "All of it", rows = 1_000_000 }]\n'


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Builder]:
    """A build of 125 rows, three of them withheld, with lists of a few names; not to be changed."""
    folder = tmp_path_factory.mktemp("built")
    with pytest.MonkeyPatch.context() as patch:
        use_small_lists(folder / "lists", patch)
        source = folder / "source"
        write_source(source / "a.parquet", 0)
        write_source(source / "b.parquet", 60)
        more = [{**row, "TEXT": text, "punsafe": unsafe}
                for row, (text, unsafe) in zip(rows(120, 5), EXTRA, strict=True)]  # fmt: skip
        pq.write_table(pa.Table.from_pylist(more), source / "c.parquet")
        (folder / "mine.toml").write_text(DESCRIPTION)
        builder = Builder(folder / "build", source)
        builder.build("--dataset", str(folder / "mine.toml"), "--source", str(source))
        yield builder
    forget_lists()


@pytest.fixture
def copied(built: Builder, tmp_path: Path) -> Builder:
    """A copy of the build, modification times included."""
    shutil.copytree(built.root, tmp_path / "build")
    return Builder(tmp_path / "build", built.source)


def answers(builder: Builder, *names: str) -> list[dict[str, Any]]:
    """Return what `lookup --json` prints."""
    result = builder.run("lookup", "--json", *names)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_lookup_counts_what_the_tables_count(built: Builder) -> None:
    """Every name of every list: the numbers of its table, other spellings too."""
    mentioned = 0
    for list_name in ("artists", "celebrities", "characters"):
        of_table = [rows_of(built.root / f"tables/{list_name}{part}.parquet")
                    for part in ("", "_variants")]  # fmt: skip
        for row in of_table[0]:
            (found,) = answers(built, row["name"])
            counts = ("images", "denominator", "unique_urls", "unique_captions")
            for column in ("name", *counts, "images_in_context"):
                assert found[column] == row[column]
            spellings, counted = (
                {v["spelling"]: (v["kind"], v["images"], v["beyond"]) for v in variants}
                for variants in (found["variants"],
                                 [v for v in of_table[1] if v["name"] == row["name"]])
            )  # fmt: skip
            assert spellings == counted
            mentioned += row["images"]
    assert mentioned == 20 + 20 + 39 + 20  # Kinkade, van Gogh, Pink, Batman; by hand


def test_lookup_prints_what_was_found(built: Builder) -> None:
    """The list, the counts, the largest domains, and other spellings apart."""
    result = built.run("lookup", "van gogh")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "Vincent van Gogh (artists: painter; counted with Van Gogh)",
        "  20 of 122 images (16.4%); 20 unique URLs, 8 unique captions",
        "  most on example.com (19), pinimg.com (1)",
        "  counted apart: 'vangogh' (joined) 2, 1 of them without the name",
        "  tried, never found: vincentvangogh, vincentvan gogh, vincent vangogh, v gogh, gogh van",
    ]


def test_lookup_explains_a_zero(built: Builder) -> None:
    """With what it was tried as, and the bound for what the dataset is part of."""
    result = built.run("lookup", "MrBeast", "Zelda")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[:3] == [
        "MrBeast (on no list)",
        "  none of 122 images",
        "  counted apart: 'mr beast' (split) 2, 2 of them without the name",
    ]
    assert "  none of 122 images" in lines[lines.index("Zelda (on no list)") :]
    assert lines[-3].startswith("What zero means: if these 122 rows were a random sample")
    assert lines[-2].startswith("  For the 1,000,000 rows of All of it: at most 24,2")


def test_lookup_for_other_programs_parses(built: Builder) -> None:
    """Nothing but JSON on the screen, an object for each row a name stands for."""
    pink, mine = answers(built, "pink", "Jörg Müller")
    assert (pink["asked"], pink["list"], pink["name"]) == ("pink", "celebrities", "Pink")
    assert (pink["images"], pink["images_in_context"], pink["share_at_most"]) == (39, 19, None)
    assert (mine["list"], mine["counted"]) == (None, ["Jörg Müller"])
    assert mine["share_at_most"] == pytest.approx(zero_share(122))
    assert "joerg mueller" in [v["spelling"] for v in mine["variants"]]


def test_lookup_changes_nothing(built: Builder) -> None:
    """No table, no stamp, no file of the site."""
    before = built.tables(), built.site_files()
    answers(built, "Pink", "Nobody")
    assert (built.tables(), built.site_files()) == before


@pytest.mark.parametrize(("arguments", "complaint"), [(("!?",), "no letter"), ((), "NAME")])
def test_lookup_without_a_name_is_bad_usage(
    built: Builder, arguments: tuple[str, ...], complaint: str
) -> None:
    """One clear line, exit code 2."""
    result = built.run("lookup", *arguments)
    assert (result.exit_code, complaint in result.stderr) == (2, True)
    assert "Traceback" not in result.output


def test_lookup_counts_again_when_a_build_takes_a_table_away(copied: Builder) -> None:
    """A table deleted or replaced while it is read: the count is of those that stand."""
    sources = saved_workspace(copied.root).sources
    tables = sources.images()

    def read(paths: Sequence[Path]) -> list[int]:
        (copied.root / "tables/images").joinpath(tables[0].name).unlink(missing_ok=True)
        return [pq.read_metadata(path).num_rows for path in paths]

    assert sources.read_settled(read) == [pq.read_metadata(path).num_rows for path in tables[1:]]


def test_lookup_says_so_when_a_build_goes_on_changing_tables(copied: Builder) -> None:
    """One line that says what to do, instead of a count of what never was."""

    def read(paths: Sequence[Path]) -> None:
        shutil.copy(paths[0], copied.root / "new")
        (copied.root / "new").replace(paths[0])

    with pytest.raises(UserError, match="ask again when it is done"):
        saved_workspace(copied.root).sources.read_settled(read)


def test_lookup_keeps_other_errors(copied: Builder) -> None:
    """What goes wrong while no table changes is told as it is."""

    def read(_: Sequence[Path]) -> None:
        raise OSError("no disk")

    with pytest.raises(OSError, match="no disk"):
        saved_workspace(copied.root).sources.read_settled(read)


def test_lookup_needs_a_build(tmp_path: Path) -> None:
    """Nothing built, or nothing read yet: exit code 1, and what to run."""
    builder = Builder(tmp_path / "build", tmp_path)
    result = builder.run("lookup", "Pink")
    assert result.exit_code == 1
    assert "nothing was built there yet; run `laion-assets build`" in result.stderr
    write_source(tmp_path / "source" / "a.parquet", 0)
    builder.root.mkdir()
    settings = Settings(dataset="files", sources=(str(tmp_path / "source"),))
    save_settings(builder.root, settings)
    result = builder.run("lookup", "Pink")
    assert result.exit_code == 1
    assert "no rows were read there yet; run `laion-assets build`" in result.stderr


# -- `lists` ---------------------------------------------------------------------------------------


@pytest.mark.usefixtures("built")
def test_lists_tells_what_there_is(tmp_path: Path) -> None:
    """Ours and the user's, without a build and without making one."""
    builder = Builder(tmp_path / "build", tmp_path)
    own = tmp_path / "own"
    own.mkdir()
    (own / "more-artists.csv").write_text("name\nBeeple\n")
    lines = builder.run("lists").stdout.splitlines()
    assert [line.split()[:3] for line in lines[:4]] == [
        ["artists", "3", "names,"],
        ["celebrities", "1", "name,"],
        ["characters", "1", "name,"],
        ["platforms", "1", "domain"],
    ]
    with_own = builder.run("lists", "--lists", str(own)).stdout
    assert "artists           4 names" in with_own
    assert "artists: more-artists.csv, line 2: 'Beeple' is one word" in with_own
    assert not builder.root.exists()


def test_lists_compares_with_somebodys_names(built: Builder, tmp_path: Path) -> None:
    """Those we lack are counted in the build, most first; all of them go to the file."""
    theirs, lacking = tmp_path / "theirs.txt", tmp_path / "lacking.csv"
    theirs.write_text("Kinkade, Thomas\nNobody Here\nRoses\nMr Beast\nPINK\n")
    result = built.run("lists", "--compare", str(theirs), "--lacking", str(lacking))
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "theirs: 2 of 5 (40%) are on our lists: 1 in artists, 1 in celebrities",
        "  lacking: Roses (20 images)",
        "  lacking: Mr Beast (2 images)",
        "  lacking: Nobody Here (0 images)",
    ]
    with lacking.open(encoding="utf-8", newline="") as file:
        assert [tuple(row.values()) for row in csv.DictReader(file)] == [
            ("theirs", "Nobody Here", "0"),
            ("theirs", "Roses", "20"),
            ("theirs", "Mr Beast", "2"),
        ]


def test_lists_compares_without_a_build(built: Builder, tmp_path: Path) -> None:
    """Without counts then; --lacking without --compare is bad usage."""
    theirs = tmp_path / "theirs.json"
    theirs.write_text('["Batman", "Nobody Here"]')
    builder = Builder(tmp_path / "none", built.source)
    result = builder.run("lists", "--compare", str(theirs))
    assert result.stdout.splitlines()[1:] == ["  lacking: Nobody Here"]
    result = builder.run("lists", "--lacking", str(tmp_path / "lacking.csv"))
    assert (result.exit_code, "--lacking goes with --compare FILE" in result.stderr) == (2, True)


# -- `build --lists` -------------------------------------------------------------------------------


def test_a_mistake_in_a_list_is_told_before_anything_is_built(
    built: Builder, tmp_path: Path
) -> None:
    """One line with file and line, exit code 2, nothing made; the saved lists stay as they were."""
    own = tmp_path / "own"
    arguments = ("--source", str(built.source), "--lists", str(own))
    fresh = Builder(tmp_path / "build", built.source)
    result = fresh.run("build", *arguments)
    assert (result.exit_code, "own: no such folder of lists" in result.stderr) == (2, True)
    own.mkdir()
    mistaken = own / "more-artists.csv"
    mistaken.write_text("name,born\nGarden Person,1901\nBo,long ago\n")
    for builder in (fresh, built):
        before = load_settings(builder.root)
        result = builder.run("build", *arguments)
        assert result.exit_code == 2
        assert result.stderr == (
            f"laion-assets: {mistaken}, line 3: born is 'long ago', not a year\n"
        )
        assert load_settings(builder.root) == before
    assert not list(fresh.root.rglob("*.parquet"))
    assert "Nothing to do" in built.build().output
    result = built.run("lists", "--lists", str(own))
    assert (result.exit_code, f"{mistaken}, line 3" in result.stderr) == (2, True)


def times(builder: Builder, *patterns: str) -> dict[Path, int]:
    """Return the modification time of every file of a build that fits a pattern."""
    return {
        path: path.stat().st_mtime_ns for pattern in patterns for path in builder.root.glob(pattern)
    }


def artist_images(builder: Builder) -> dict[str, int]:
    """Return the images of every artist in the table."""
    return {row["name"]: row["images"] for row in rows_of(builder.root / "tables/artists.parquet")}


def test_own_names_are_counted_and_rows_are_not_cleaned_again(
    copied: Builder, tmp_path: Path
) -> None:
    """A list added, changed and given up: names are matched anew, images and segments stay."""
    own = tmp_path / "own"
    own.mkdir()
    more = own / "more-artists.csv"
    more.write_text("name,aliases\nGarden Person,Roses\nTHOMAS KINKADE,Cottage\n")
    rows_made = ("tables/images/*", "tables/rejects/*", "raw/*", "index/segments/*")
    kept, matched = times(copied, *rows_made), times(copied, "tables/mentions/*")
    assert len(kept) > 12
    copied.build("--lists", str(own))
    assert artist_images(copied) == {
        "Garden Person": 20, "THOMAS KINKADE": 20, "Vincent van Gogh": 20, "Absent Artist": 0,
    }  # fmt: skip
    assert times(copied, *rows_made) == kept
    assert all(time != matched[path] for path, time in times(copied, "tables/mentions/*").items())
    assert (copied.root / "site" / "artists" / "garden-person.html").exists()
    assert [found["list"] for found in answers(copied, "roses")] == ["artists"]
    assert "Nothing to do" in copied.build().output, "the folder is remembered"

    more.write_text("name\nGarden Person\nThe Singer\n")
    copied.build()
    assert artist_images(copied) == {
        "The Singer": 19, "Thomas Kinkade": 20, "Vincent van Gogh": 20, "Garden Person": 0,
        "Absent Artist": 0,
    }  # fmt: skip

    copied.build("--lists", "")
    assert sorted(artist_images(copied)) == ["Absent Artist", "Thomas Kinkade", "Vincent van Gogh"]
    assert not (copied.root / "site" / "artists" / "garden-person.html").exists()
    assert times(copied, *rows_made) == kept


def test_a_platform_is_known_too(built: Builder) -> None:
    """Platforms are listed names: what captions say of them is counted, not where pictures lie."""
    result = built.run("lookup", "Pinterest")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0].startswith("Pinterest (platforms: social")


def test_lookup_needs_the_tables_alone(built: Builder, tmp_path: Path) -> None:
    """What was built answers though its sources are gone."""
    copy = Builder(tmp_path / "build", built.source)
    shutil.copytree(built.root, copy.root)
    settings = (copy.root / "build.toml").read_text(encoding="utf-8")
    (copy.root / "build.toml").write_text(
        settings.replace(str(built.source), str(tmp_path / "unmounted")), encoding="utf-8"
    )
    assert copy.run("lookup", "van gogh").stdout == built.run("lookup", "van gogh").stdout


def test_files_without_a_row_answer_with_zero(tmp_path: Path) -> None:
    """A table whose every row was rejected may have no row group at all."""
    path = tmp_path / "empty.parquet"
    pq.ParquetWriter(path, IMAGES).close()
    with duckdb.connect() as connection:
        published, (found,) = look_up(connection, [path], ["Jane Doe"], {}, threads=1)
    assert (published, found.images, found.domains) == (0, 0, [])
