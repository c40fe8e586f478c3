"""Taking rows out: they are in nothing published, and only the files concerned are redone."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.building import Builder
from tests.traces import holding


def _images(builder: Builder) -> list[dict[str, object]]:
    paths = sorted((builder.root / "tables" / "images").glob("*.parquet"))
    return [row for path in paths for row in pq.read_table(path).to_pylist()]


def _rejects(builder: Builder) -> list[dict[str, object]]:
    paths = sorted((builder.root / "tables" / "rejects").glob("*.parquet"))
    return [row for path in paths for row in pq.read_table(path).to_pylist()]


def test_a_removed_url_is_in_nothing_published(built: Builder) -> None:
    """Another scheme, port and case of the host still mean the same address."""
    url = "https://i.pinimg.com/2019/01/0.jpg"
    assert "search" in {path.split("/")[0] for path in holding(built.root / "site", url)}
    result = built.run("remove", "--url", "HTTP://I.PINIMG.COM:80/2019/01/0.jpg")
    assert result.exit_code == 0, result.output
    assert "1 listed rows in 1 source files" in result.output
    assert "1 source file processed." in result.output
    assert not holding(built.root / "site", url)
    assert url not in [row["url"] for row in _images(built)]
    (reject,) = _rejects(built)
    assert reject["reason"] == "removed"
    assert reject["row"] == 0
    assert reject["url"] is None
    assert reject["caption"] is None


def test_the_removal_list_holds_keyed_hashes_only(built: Builder) -> None:
    """Kind and keyed hash, sorted; without the key nobody can test it for an address."""
    built.run("remove", "--domain", "museum.org", "--url", "https://i.pinimg.com/2019/01/0.jpg")
    heading, *lines = (built.root / "removals.csv").read_text().splitlines()
    assert heading == "kind,hmac_sha256"
    assert [line.partition(",")[0] for line in lines] == ["key", "domain", "url"]
    assert [line for line in lines if not re.fullmatch(r"[a-z]+,[0-9a-f]{64}", line)] == []


def test_a_removed_domain_leaves_every_count(built: Builder) -> None:
    """All its rows go, in every file, and the counts say so."""
    result = built.run("remove", "--domain", "museum.org")
    assert result.exit_code == 0, result.output
    assert "removed 40" in result.output
    assert not holding(built.root / "site", "museum.org")
    domains = pq.read_table(built.root / "tables" / "domains.parquet").to_pylist()
    assert {row["domain"] for row in domains} == {"pinimg.com", "example.com"}


def test_a_removed_id_is_found_whatever_its_file(built: Builder, tmp_path: Path) -> None:
    """Ids, addresses and domains may stand in one list file; comments are passed over."""
    first, second = _images(built)[3], _images(built)[70]
    listing = tmp_path / "list.txt"
    listing.write_text(f"# please\n{first['image_id']}\n\n{second['url']}\n")
    result = built.run("remove", "--file", str(listing))
    assert result.exit_code == 0, result.output
    assert "2 listed rows in 2 source files" in result.output
    left = {row["image_id"] for row in _images(built)}
    assert first["image_id"] not in left
    assert second["image_id"] not in left


NOWHERE = "https://nobody.example/x.jpg"


def test_removing_what_is_not_there_is_told(built: Builder) -> None:
    """One line and exit code 1: it is not on the list, and no file is redone."""
    before = built.site_files()
    result = built.run("remove", "--url", NOWHERE)
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert f"{NOWHERE}: concerns no row, and is not put on the list" in line
    assert "--allow-none" in line
    assert not (built.root / "removals.csv").exists()
    assert built.site_files() == before


def test_what_is_not_there_yet_may_be_listed(built: Builder) -> None:
    """With --allow-none the list remembers it for files to come; then it is no mistake any more."""
    before = built.site_files()
    result = built.run("remove", "--url", NOWHERE, "--allow-none")
    assert result.exit_code == 0, result.output
    assert "1 new on" in result.output
    assert "0 listed rows in 0 source files" in result.output
    assert "Nothing to do" in result.output
    assert built.site_files() == before
    again = built.run("remove", "--url", NOWHERE)
    assert again.exit_code == 0, again.output


def test_before_anything_is_built_everything_is_listed(builder: Builder) -> None:
    """Nobody can tell what will concern a row; the first build leaves it out."""
    builder.root.mkdir()
    (builder.root / "build.toml").write_text("threads = 2\n", encoding="utf-8")
    result = builder.run("remove", "--url", "https://i.pinimg.com/2019/01/0.jpg")
    assert result.exit_code == 0, result.output
    assert "no rows were read here yet" in result.output
    assert "removed 1" in builder.build("--source", str(builder.source)).output


def test_what_is_there_goes_and_the_rest_is_told(built: Builder) -> None:
    """A mistake among many holds nothing up; done again, what is gone already is none."""
    url = "https://i.pinimg.com/2019/01/0.jpg"
    for rows in (1, 0):
        result = built.run("remove", "--url", url, "--url", NOWHERE, "--id", "5")
        assert result.exit_code == 1
        assert f"{rows} listed rows" in result.output
        (line,) = result.stderr.splitlines()
        assert f"{NOWHERE}, 5: concerns no row" in line
        assert not holding(built.root / "site", url)
    assert len((built.root / "removals.csv").read_text().splitlines()) == 3


SPELLINGS = (
    "http://i.PINIMG.com:80/2019/01/%30.jpg", " <https://i.pinimg.com./2019/01/0.jpg#x> ",
    "'//i.pinimg.com/2019/./01/x/../0.jpg'", "i.pinimg.com/2019/01/0&#46;jpg",
)  # fmt: skip


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_url_is_removed_however_it_is_spelled(built: Builder, spelling: str) -> None:
    """As it was pasted: escapes, entities, quotes, case, port, dots and scheme do not matter."""
    result = built.run("remove", "--url", spelling)
    assert result.exit_code == 0, result.output
    assert "1 listed rows in 1 source files" in result.output


def test_what_is_near_is_told(built: Builder) -> None:
    """What somebody may have meant, with its rows, before the line that nothing was hit."""
    said = "https://i.pinimg.com/2019/1/0.JPG?large"
    result = built.run("remove", "--url", said, "--domain", "museum.net")
    assert result.exit_code == 1
    assert [line for line in result.stdout.splitlines() if line.startswith("Near ")] == [
        f"Near {said}: https://i.pinimg.com/2019/01/0.jpg (1 row)",
        f"Near {said}: the host i.pinimg.com (40 rows)",
        f"Near {said}: the domain pinimg.com (40 rows)",
        "Near museum.net: the domain museum.org (40 rows)",
    ]


def test_trouble_with_what_is_near_fails_no_removal(
    built: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row goes, the site is made; only what is near is not told."""

    def fail(*_: object) -> None:
        raise OSError(5, "no luck")

    monkeypatch.setattr("laion_assets.core.build.near_hits.find_near_hits", fail)
    url = "https://i.pinimg.com/2019/01/0.jpg"
    result = built.run("remove", "--url", url, "--domain", "museum.net")
    assert result.exit_code == 1
    assert "museum.net: concerns no row" in result.stderr
    assert not holding(built.root / "site", url)


def test_a_host_is_not_taken_for_its_domain(built: Builder) -> None:
    """Removing me.example.com as a domain would remove all of example.com: refused."""
    result = built.run("remove", "--domain", "shop.example.com")
    assert result.exit_code == 2
    assert "name example.com to remove all of it" in result.output


def test_an_allow_list_keeps_its_ids_alone(built: Builder, tmp_path: Path) -> None:
    """A screened release's ids clean a derivative; giving up the list brings the rows back."""
    allowed = sorted({int(str(row["image_id"])) for row in _images(built)})[:10]
    listing = tmp_path / "allowed.txt"
    listing.write_text("\n".join(map(str, allowed)))
    result = built.build("--allow", str(listing))
    assert "removed 110" in result.output
    assert sorted(int(str(row["image_id"])) for row in _images(built)) == allowed
    assert "120 kept" in built.build("--allow", "").output


def test_a_withdrawn_site_is_one_page_that_says_why(built: Builder) -> None:
    """Every other file of the site is gone, later builds keep it so, and --undo brings it back."""
    before = built.site_files()
    result = built.run("withdraw", "--why", "Under review <script>window.XSS=1</script>")
    assert result.exit_code == 0, result.output
    files = built.site_files()
    assert set(files) == {"index.html", "404.html", "static/style.css", "manifest.json"}
    page = files["index.html"][0].decode()
    assert "Under review &lt;script&gt;" in page
    assert "Nothing to do" in built.build().output
    assert built.run("withdraw", "--undo").exit_code == 0
    assert {name: content for name, (content, _) in built.site_files().items()} == {
        name: content for name, (content, _) in before.items()
    }


def _lose_the_sources(builder: Builder) -> None:
    shutil.rmtree(builder.source)


def _lose_the_dataset(builder: Builder) -> None:
    (builder.root.parent / "mine.toml").unlink()


def _lose_the_allow_list(builder: Builder) -> None:
    (builder.root.parent / "allowed.txt").unlink()


def _spoil_the_settings(builder: Builder) -> None:
    (builder.root / "build.toml").write_text("threads = 0\n", encoding="utf-8")


def _keep_the_site_alone(builder: Builder) -> None:
    for path in builder.root.iterdir():
        if path.name != "site":
            shutil.rmtree(path) if path.is_dir() else path.unlink()


@pytest.mark.parametrize(
    ("lose", "code"),
    [
        (_lose_the_sources, 0), (_lose_the_dataset, 0), (_lose_the_allow_list, 0),
        (_spoil_the_settings, 1), (_keep_the_site_alone, 1),
    ],
)  # fmt: skip
def test_withdrawing_needs_nothing_but_the_site(
    builder: Builder, lose: Callable[[Builder], None], code: int
) -> None:
    """Whatever else is gone or broken, the page takes the site's place; what is broken is said."""
    folder = builder.root.parent
    (folder / "mine.toml").write_text('title = "Mine"\n', encoding="utf-8")
    (folder / "allowed.txt").write_text("".join(f"{n}\n" for n in range(9)), encoding="utf-8")
    made = builder.run(
        "build", "--dataset", str(folder / "mine.toml"), "--source", str(builder.source),
        "--allow", str(folder / "allowed.txt"),
    )  # fmt: skip
    assert "no row is on the allow-list" in made.stderr
    lose(builder)
    result = builder.run("withdraw", "--why", "Under review.")
    assert result.exit_code == code, result.output
    assert len(result.stderr.splitlines()) == code
    assert "build.toml" in result.stderr or not code
    files = builder.site_files()
    assert set(files) == {"index.html", "404.html", "static/style.css", "manifest.json"}
    page = files["index.html"][0].decode()
    assert "<h1>Mine</h1>" in page
    assert "Under review." in page


def test_withdrawing_needs_a_reason(built: Builder) -> None:
    """Either a reason or --undo, not both and not neither."""
    for arguments in ([], ["--why", " "], ["--why", "x", "--undo"]):
        assert built.run("withdraw", *arguments).exit_code == 2


def test_a_broken_list_holds_no_withdrawal_up(builder: Builder, tmp_path: Path) -> None:
    """Withdrawing needs no list at all; publishing again does, and says so."""
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "more-artists.csv").write_text("name\nSunset\n", encoding="utf-8")
    builder.build("--source", str(builder.source), "--lists", str(folder))
    folder.rename(tmp_path / "gone")
    result = builder.run("withdraw", "--why", "Under review.")
    assert result.exit_code == 0, result.output
    assert {path.name for path in (builder.root / "site").rglob("*.html")} == {
        "404.html",
        "index.html",
    }
    result = builder.run("withdraw", "--undo")
    assert result.exit_code == 2
    assert "no such folder of lists" in result.output
