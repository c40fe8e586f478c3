"""A file of which little was kept says so with its cause; a site without rows replaces none."""

from __future__ import annotations

import shutil
from pathlib import Path

import dagster as dg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import Result

from laion_assets.assembly import build_defs
from laion_assets.jobs import MAIN_JOB
from tests.building import Builder, write_source

GOOD = "".join(f"https://a.example/{n}.jpg,caption {n}\n" for n in range(3))
BAD = "".join(f"{n},caption {n}\n" for n in range(4))


def write_csv(folder: Path, body: str, name: str = "rows.csv", header: str = "url,caption") -> Path:
    """Write a csv file; return it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"{header}\n{body}", encoding="utf-8")
    return path


def said(result: Result) -> str:
    """Return the one line on standard error about the file `rows.csv`."""
    (line,) = (line for line in result.stderr.splitlines() if "rows.csv" in line)
    assert line.startswith("laion-assets: ")
    return line


def test_a_file_of_which_little_was_kept_is_told_until_it_is_accepted(builder: Builder) -> None:
    """Its rows are published; each build ends with exit code 1, until a setting takes it so."""
    write_csv(builder.source, GOOD + BAD)
    first = builder.run("build", "--source", str(builder.source))
    assert first.exit_code == 1, first.output
    assert "rows.csv: 3 of 7 rows kept: in 4 rows column url holds no address; " in said(first)
    assert "Rows: 127 read, 123 kept, 4 rejected (shifted_columns 4)." in first.stdout
    assert "check failed: images: most_rows_kept" in first.stderr
    assert "build --accept-losses" in first.stderr
    again = builder.run("build")
    assert "Nothing to do" in again.stdout
    assert (again.exit_code, said(again)) == (1, said(first))
    assert said(builder.run("status")) == said(first)
    assert "rows.csv" not in builder.build("--accept-losses").stderr
    assert "rows.csv" not in builder.build().stderr
    refused = builder.run("build", "--no-accept-losses")
    assert (refused.exit_code, said(refused)) == (1, said(first))


def test_half_of_the_rows_is_enough_and_no_row_is_no_loss(builder: Builder) -> None:
    """Only what is less than half is told; a file without any row has lost none."""
    write_csv(builder.source, GOOD + BAD[: BAD.index("3,")])
    write_csv(builder.source, "", name="none.csv")
    result = builder.build("--source", str(builder.source))
    assert ".csv" not in result.stderr


CAUSES: dict[str, tuple[str, str, str]] = {
    "another column": (
        "url,caption,image_link",
        "1,c,https://a.example/1\n2,c,https://a.example/2\n",
        (
            "0 of 2 rows kept: in 2 rows column url holds no address; is another column meant? "
            "found image_link, caption, url; say [columns] url = 'image_link' in a dataset file; "
            "see `"
        ),
    ),
    "blank addresses": (
        "url,caption",
        ",c\n,d\nhttps://a.example/1,e\n",
        (
            "1 of 3 rows kept: in 2 rows column url holds no address; is another column meant? "
            "found caption, url; name it in a dataset file; see `"
        ),
    ),
    "no captions": (
        "url,caption,title",
        "https://a.example/1,,one\nhttps://a.example/2,,two\n",
        (
            "0 of 2 rows kept: in 2 rows column caption holds no caption; is another column meant? "
            "found title, caption, url; say [columns] caption = 'title' in a dataset file; see `"
        ),
    ),
    "lines of another form": (
        "url,caption",
        "https://a.example/1,a,b\nhttps://a.example/2,a,b\nhttps://a.example/3,c\n",
        '1 of 3 rows kept: 2 lines could not be split as CSV, quoted by "; see `',
    ),
    "user names": (
        "url,caption",
        "https://me@a.example/1,a\n",
        (
            "0 of 1 row kept: in 1 row column url holds an address without a host, or with a "
            "user name or controls; is another column meant? "
        ),
    ),
}


@pytest.mark.parametrize("cause", CAUSES)
def test_the_likely_cause_and_what_to_do_is_one_line(builder: Builder, cause: str) -> None:
    """By the reason that most rows were rejected for; the command that shows the rows is named."""
    header, body, expected = CAUSES[cause]
    path = write_csv(builder.source, body, header=header)
    result = builder.run("build", "--source", str(builder.source))
    assert result.exit_code == 1, result.output
    assert f"rows.csv: {expected}" in said(result)
    assert said(result).endswith(f"see `laion-assets inspect {path}`")


def test_text_of_another_encoding_is_the_cause(builder: Builder) -> None:
    """Bytes that are of no encoding anybody could have meant are rejected, and the line says so."""
    path = builder.source / "rows.parquet"
    texts = pa.array([b"caf\xff\xfe\xc3\x28"] * 3, pa.binary())
    pq.write_table(pa.table({"url": ["https://a.example/1"] * 3, "caption": texts}), path)
    result = builder.run("build", "--source", str(builder.source))
    assert result.exit_code == 1
    assert "rows.parquet: 0 of 3 rows kept: in 3 rows the text is not UTF-8; " in result.stderr


@pytest.mark.parametrize("files", [1, 3])
def test_no_site_is_made_of_nothing(tmp_path: Path, files: int) -> None:
    """One clear line, exit code 1, and said again by the next build."""
    builder = Builder(tmp_path / "build", tmp_path / "source")
    for number in range(files - 1):
        write_csv(builder.source, f"{number},c\n", name=f"{number}.csv")
    write_csv(builder.source, BAD)
    for arguments in (("--source", str(builder.source)), (), ("--accept-losses",)):
        result = builder.run("build", *arguments)
        assert result.exit_code == 1, result.output
        (line,) = result.stderr.splitlines()
        assert line.startswith("laion-assets: ")
        assert "rows.csv: 0 of 4 rows kept: in 4 rows column url holds no address" in line
        assert line.endswith("; no site is made")
        assert ("no row is kept of any of 3 source files" in line) == (files == 3)
        assert not (builder.root / "site").exists()


def test_files_without_any_row_make_no_site(tmp_path: Path) -> None:
    """Nothing was lost, and there is nothing to publish."""
    builder = Builder(tmp_path / "build", tmp_path / "source")
    write_csv(builder.source, "")
    result = builder.run("build", "--source", str(builder.source))
    assert result.exit_code == 1
    assert "there is no row in any source file; no site is made" in result.stderr
    assert not (builder.root / "site").exists()


@pytest.mark.parametrize("accept", [(), ("--accept-losses",)])
def test_a_site_that_stands_is_left_when_nothing_is_kept(
    built: Builder, accept: tuple[str, ...]
) -> None:
    """Whatever the new files say, and whatever is accepted; with a good file it is made again."""
    before = built.site_files()
    other = built.source.with_name("other")
    write_csv(other, BAD)
    for arguments in (("--source", str(other)), ()):
        result = built.run("build", *arguments, *accept)
        assert result.exit_code == 1
        assert said(result).endswith("; the site is left as it was")
        assert built.site_files() == before
    write_source(other / "good.parquet", 0)
    result = built.run("build")
    assert "Rows: 64 read, 60 kept" in result.stdout
    assert result.exit_code == (0 if accept else 1)
    assert built.site_files() != before


# -- rows that the user had removed ----------------------------------------------------------------


def test_rows_that_were_removed_are_no_loss(built: Builder) -> None:
    """A takedown of most rows, or all, is published with exit code 0, and stays so."""
    assert built.run("remove", "--domain", "pinimg.com", "--domain", "example.com").exit_code == 0
    assert "removed 80" in built.build().stdout
    assert built.run("remove", "--domain", "museum.org").exit_code == 0
    assert "0 kept, 120 rejected (removed 120)" in built.build().stdout
    shutil.rmtree(built.root / "tables")
    assert "0 kept, 120 rejected (removed 120)" in built.build().stdout


def test_removing_waits_for_no_better_files(builder: Builder) -> None:
    """Neither for a file of which little was kept, nor where nothing is left of any."""
    write_csv(builder.source, GOOD + BAD)
    for path in builder.source.rglob("*.parquet"):
        path.unlink()
    assert builder.run("build", "--source", str(builder.source)).exit_code == 1
    result = builder.run("remove", "--url", "https://a.example/0.jpg")
    assert result.exit_code == 0, result.output
    assert "2 kept, 5 rejected (removed 1, shifted_columns 4)" in result.stdout
    result = builder.run("remove", "--domain", "a.example")
    assert result.exit_code == 0, result.output
    assert "0 kept, 7 rejected (removed 3, shifted_columns 4)" in result.stdout
    page = (builder.root / "site" / "quality.html").read_text(encoding="utf-8")
    assert "7 rows read, 0 kept" in page


@pytest.mark.parametrize("by_hand", [True, False])
def test_a_site_that_holds_a_removed_row_does_not_stand(built: Builder, by_hand: bool) -> None:  # noqa: FBT001
    """Not even where nothing else is left to publish: put on the list by hand, or half removed."""
    name = b"i.pinimg.com/2019/01/0.jpg"
    listing = built.copied_to(built.root.with_name("elsewhere"))
    listing.run("remove", "--url", f"https://{name.decode()}")
    for file in ("removals.csv", "removals.key"):
        shutil.copy(listing.root / file, built.root / file)
    other = built.source.with_name("other")
    write_csv(other, BAD)
    if not by_hand:  # the file with that row is still there, and has no other row
        pq.write_table(
            pa.table({"url": [f"https://{name.decode()}"], "caption": ["x"]}),
            other / "one.parquet",
        )
    result = built.run("build", "--source", str(other))
    assert result.exit_code == 1, result.output
    assert "the site has no row: no row was kept" in result.stderr
    pages = b"".join(content for content, _ in built.site_files().values())
    assert name not in pages
    again = built.run("build", "--accept-losses")
    assert again.exit_code == 1
    assert "the site has no row: no row was kept" in again.stderr


def test_an_allow_list_that_hits_nothing_is_told(built: Builder) -> None:
    """It is obeyed all the same: what is not on it leaves the site."""
    allow = built.source.with_name("ids.txt")
    allow.write_text("12345\n", encoding="utf-8")
    result = built.run("build", "--allow", str(allow))
    assert result.exit_code == 1
    assert f"the site has no row: no row is on the allow-list {allow}" in result.stderr
    assert b"pinimg" not in (built.root / "site" / "domains.html").read_bytes()


def test_a_site_of_which_every_row_is_withheld_is_told_until_it_is_accepted(
    built: Builder,
) -> None:
    """The threshold is obeyed, so the site is made again; nobody takes that for success."""
    thresholds = ("--withheld", "0", "--no-image", "0", "--blurred", "0")
    result = built.run("build", *thresholds)
    assert result.exit_code == 1
    assert "the site has no row: all 120 rows kept are withheld, from punsafe 0 on" in result.stderr
    assert built.run("build").exit_code == 1
    assert built.run("build", "--accept-losses").exit_code == 0


# -- the UI ----------------------------------------------------------------------------------------


def test_the_ui_shows_the_same_words_and_publishes_no_empty_site(tmp_path: Path) -> None:
    """A check of `images` fails with the line; the merge is refused with it."""
    builder = Builder(tmp_path / "build", tmp_path / "source")
    write_csv(builder.source, BAD)
    line = said(builder.run("build", "--source", str(builder.source)))
    defs = build_defs(builder.root)
    with dg.DagsterInstance.ephemeral() as instance:
        (key,) = [path.stem for path in (builder.root / "tables" / "images").glob("*.parquet")]
        instance.add_dynamic_partitions("source_file", [key])
        job = defs.resolve_implicit_global_asset_job_def()
        made = job.execute_in_process(
            instance=instance, asset_selection=[dg.AssetKey("images")], partition_key=key
        )
        checks = {check.check_name: check for check in made.get_asset_check_evaluations()}
        check = checks["most_rows_kept"]
        assert not check.passed
        assert str(check.metadata["first"].value) in line
        merge = defs.resolve_job_def(MAIN_JOB.name)
        refused = merge.execute_in_process(instance=instance, raise_on_error=False)
        assert not refused.success
    assert not (builder.root / "site").exists()
