"""`laion-assets diff`: what changed from one build to another, in counts that add up."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from laion_assets.cli import main
from laion_assets.core.build import code_version
from tests.building import Builder, rows, use_small_lists

#: Written over some rows of the newer build: another score, so the same image.
_RESCORED = range(3)
_DATED = 'title = "Dated & <odd>"\ndate = "2024-08-30"\n'


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    """Two builds: of 60 rows, and of 20 fewer, 30 more and three with another score."""
    folder = tmp_path_factory.mktemp("diff")
    with pytest.MonkeyPatch.context() as patch:
        use_small_lists(folder / "lists", patch)
        (folder / "dated.toml").write_text(_DATED, encoding="utf-8")
        old, new = rows(0, 60), rows(20, 70)
        for number in _RESCORED:
            new[number]["AESTHETIC_SCORE"] = 9.0
        for name, table in (("old", old), ("new", new)):
            source = folder / name / "rows.parquet"
            source.parent.mkdir()
            pq.write_table(pa.Table.from_pylist(table), source)
            builder = Builder(folder / f"{name}-build", source)
            builder.build("--source", str(source), "--dataset", str(folder / "dated.toml"))
        yield folder / "old-build", folder / "new-build"
    code_version.forget()


def diff(*words: object) -> Result:
    """Run the command."""
    return CliRunner().invoke(main, ["diff", *map(str, words)])


def tables(result: Result) -> dict[str, dict[str, int]]:
    """Return what is said of each table."""
    assert result.exit_code == 0, result.output
    return {entry["table"]: entry for entry in json.loads(result.output)["tables"]}


def test_images_are_added_removed_or_changed(builds: tuple[Path, Path]) -> None:
    """By id and URL, wherever they stand; withheld ones are in no count (row 49 and its like)."""
    images = tables(diff(*builds, "--json"))["images"]
    assert images["rows_was"] == 60 - 1
    assert images["rows_now"] == 70 - 1
    assert (images["added"], images["removed"]) == (30, 20)
    assert images["changed"] == len(_RESCORED)


def test_the_other_way_round_added_and_removed_change_places(builds: tuple[Path, Path]) -> None:
    """In every table, and before and now add up."""
    there, back = tables(diff(*builds, "--json")), tables(diff(*builds[::-1], "--json"))
    for name, entry in there.items():
        assert entry["rows_was"] + entry["added"] - entry["removed"] == entry["rows_now"], name
        assert (entry["added"], entry["removed"]) == (
            back[name]["removed"],
            back[name]["added"],
        )
        assert (entry["changed"], entry["moved"]) == (back[name]["changed"], back[name]["moved"])


def test_a_build_does_not_differ_from_itself(builds: tuple[Path, Path]) -> None:
    """It is said in one line."""
    result = diff(builds[0], builds[0])
    assert result.output == "Nothing changed: both hold the same 59 images.\n"


def test_ranks_that_moved_are_named_if_both_builds_have_them(builds: tuple[Path, Path]) -> None:
    """With where they were and are."""
    found = json.loads(diff(*builds, "--json").output)["moved"]
    by_table = tables(diff(*builds, "--json"))
    for entry in found:
        assert entry["rank_was"] != entry["rank_now"]
        assert by_table[entry["table"]]["moved"] > 0
    result = diff(*builds)
    assert "images" in result.output
    assert "added" in result.output


def test_a_page_and_an_entry_are_written(builds: tuple[Path, Path], tmp_path: Path) -> None:
    """The same bytes every time, with the dataset's day; titles are text in both."""
    for name in ("one", "two"):
        assert diff(*builds, "--out", tmp_path / name).exit_code == 0
    made = {path.name for path in (tmp_path / "one").iterdir()}
    assert made == {"diff.html", "diff.atom", "static"}
    page = (tmp_path / "one" / "diff.html").read_text(encoding="utf-8")
    assert "30 images added, 20 removed, 3 changed; 69 now." in page
    assert "Dated &amp; &lt;odd&gt;" in page
    assert not re.search(r"<script|\sstyle=", page)
    entry = ET.fromstring((tmp_path / "one" / "diff.atom").read_bytes())  # noqa: S314 - ours
    atom = "{http://www.w3.org/2005/Atom}"
    assert entry.findtext(f"{atom}updated") == "2024-08-30T00:00:00Z"
    assert "30 images added" in (entry.findtext(f"{atom}title") or "")
    for name in ("diff.html", "diff.atom"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_what_is_no_build_is_one_line(builds: tuple[Path, Path], tmp_path: Path) -> None:
    """Either of them; nothing is made."""
    for words in ((builds[0], tmp_path / "none"), (tmp_path / "none", builds[0])):
        result = diff(*words)
        assert result.exit_code == 1
        assert "no whole build is there" in result.output
    assert not (tmp_path / "none").exists()
