"""What a build does, and what it leaves alone, seen from the command line."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from laion_assets.core.build import code_version
from laion_assets.core.build.graph import MERGED, PER_FILE
from laion_assets.core.build.plan import make_plan
from laion_assets.core.build.settings import load_settings
from laion_assets.core.build.workspace import Workspace
from tests.building import Builder, write_source


def _stamp_times(root: Path) -> dict[str, int]:
    return {
        p.relative_to(root).as_posix(): p.stat().st_mtime_ns for p in root.rglob("*.stamp.json")
    }


def _changed(before: dict[str, int], after: dict[str, int]) -> set[str]:
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def test_a_build_makes_every_asset_and_every_check_passes(builder: Builder) -> None:
    """Two files become tables, an index and a site; the summary accounts for every row."""
    result = builder.build("--source", str(builder.source))
    assert "2 source files processed." in result.output
    assert "Rows: 120 read, 120 kept, 0 rejected." in result.output
    workspace = Workspace(builder.root, load_settings(builder.root))
    assert make_plan(workspace).nothing_to_do
    keys = workspace.sources.usable_keys()
    assert len(keys) == 2
    for name in (*PER_FILE, *MERGED):
        for key in keys if name in PER_FILE else [None]:
            assert workspace.stamps.read(name, key) is not None, (name, key)
    domains = pq.read_table(builder.root / "tables" / "domains.parquet").to_pylist()
    assert {row["domain"] for row in domains} == {"pinimg.com", "example.com", "museum.org"}
    assert sum(row["images"] for row in domains) == 118  # two rows are withheld


def test_a_second_build_does_nothing(built: Builder) -> None:
    """Nothing new: no asset runs, no file changes."""
    before, stamps = built.site_files(), _stamp_times(built.root)
    result = built.build()
    assert "Nothing to do" in result.output
    assert built.site_files() == before
    assert _stamp_times(built.root) == stamps


def test_one_more_file_costs_that_files_row_work(built: Builder) -> None:
    """A new file is processed alone; other files' tables are not written again."""
    stamps = _stamp_times(built.root)
    before = built.site_files()
    write_source(built.source / "c.parquet", 120)
    result = built.build()
    assert "1 source file processed." in result.output
    changed = _changed(stamps, _stamp_times(built.root))
    (new,) = {path.stem for path in (built.root / "tables" / "images").glob("c-*.parquet")}
    files_of_a_file = {name.rpartition("/")[0] for name in stamps if "/a-" in name}
    assert len(files_of_a_file) == len(PER_FILE)
    merged = {name for name in stamps if "/a-" not in name and "/b-" not in name}
    assert changed - merged == {f"{folder}/{new}.stamp.json" for folder in files_of_a_file}
    after = built.site_files()
    same = [name for name in before if name in after and before[name][0] == after[name][0]]
    assert "static/style.css" in same
    assert [name for name in same if before[name] != after[name]] == [], "rewritten, not changed"


def test_a_changed_file_under_an_old_name_is_noticed(built: Builder) -> None:
    """Content decides, not the name."""
    write_source(built.source / "a.parquet", 500)
    result = built.build()
    assert "1 source file processed." in result.output


def test_a_touched_file_with_the_same_content_changes_nothing(built: Builder) -> None:
    """A new modification time alone re-reads the file's digest and stops there."""
    before = built.site_files()
    (built.source / "a.parquet").touch()
    result = built.build()
    assert "Nothing to do" in result.output
    assert built.site_files() == before


def test_a_vanished_file_leaves_every_table_and_count(built: Builder) -> None:
    """Rows of a file that is gone are in no table any more."""
    (built.source / "a.parquet").unlink()
    result = built.build()
    assert "Rows: 60 read" in result.output
    assert len(list((built.root / "tables" / "images").glob("*.parquet"))) == 1
    summary = json.loads((built.root / "site" / "data" / "summary.json").read_text())
    assert summary["rows"] == {
        "read": 60, "kept": 60, "rejected": 0, "withheld": 1, "published": 59,
    }  # fmt: skip
    for name in ("domains", "years"):
        rows = pq.read_table(built.root / "tables" / f"{name}.parquet").to_pylist()
        assert sum(row["images"] for row in rows) == 59
        assert {row["denominator"] for row in rows} == {59}


def test_a_changed_list_matches_again_but_does_not_clean(built: Builder, small_lists: Path) -> None:
    """Names are matched anew, images and index segments stay."""
    stamps = _stamp_times(built.root)
    artists = small_lists / "artists.csv"
    artists.write_text(artists.read_text() + "Garden Person,Roses,,,painter,,,,,\n")
    code_version.forget()
    built.build()
    changed = _changed(stamps, _stamp_times(built.root))
    of_files = {name for name in stamps if "/a-" in name or "/b-" in name}
    assert changed & of_files == {name for name in of_files if "/mentions/" in name}
    assert "tables/domains.stamp.json" not in changed
    table = pq.read_table(built.root / "tables" / "artists.parquet").to_pylist()
    assert {row["name"]: row["images"] for row in table}["Garden Person"] == 20  # roses, by hand


def test_the_publisher_is_a_setting_of_the_site_alone(built: Builder) -> None:
    """Asked for in a line while it is missing; saved, shown, and nothing else is made for it."""
    note = "Note: the site does not say who publishes it"
    assert note in built.build().output
    stamps = _stamp_times(built.root)
    output = built.build("--publisher", "The Archive", "--contact", "a@archive.example").output
    assert "Note:" not in output
    assert _changed(stamps, _stamp_times(built.root)) == {"site.stamp.json"}
    assert b"mailto:a@archive.example" in built.site_files()["about.html"][0]
    settings = load_settings(built.root)
    assert (settings.publisher, settings.contact) == ("The Archive", "a@archive.example")
    built.run("withdraw", "--why", "Under review.")
    assert b"mailto:a@archive.example" in built.site_files()["index.html"][0]
    assert "Nothing to do" in built.build().output
    built.build("--contact", "b@archive.example")
    assert b"mailto:b@archive.example" in built.site_files()["index.html"][0]


def test_a_changed_claim_renders_again_and_nothing_else(built: Builder, tmp_path: Path) -> None:
    """Of ours or of the user's folder: only the site is made, and the page has it."""
    stamps = _stamp_times(built.root)
    folder = tmp_path / "own"
    folder.mkdir()
    own = folder / "more-claims.toml"
    entry = '[[claims]]\nid = "mine"\nclaim = "Mine."\npublished = 3\ntable = "domains"\n'
    own.write_text(entry, encoding="utf-8")
    built.build("--lists", str(folder))
    assert _changed(stamps, _stamp_times(built.root)) == {"site.stamp.json"}
    page = built.site_files()["claims.html"][0].decode()
    assert '<tr id="mine">' in page
    assert '<tr id="kinkade-first">' in page
    own.write_text(entry.replace("= 3", "= 120"), encoding="utf-8")
    stamps = _stamp_times(built.root)
    built.build()
    assert _changed(stamps, _stamp_times(built.root)) == {"site.stamp.json"}
    own.write_text(entry.replace("domains", "domain"), encoding="utf-8")
    result = built.run("build")
    assert result.exit_code == 2
    assert f"{own}, claim mine: unknown table 'domain'; did you mean domains?" in result.output


def test_a_changed_template_renders_again_and_nothing_else(
    built: Builder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the site asset runs; what another build's name is on changes in nothing else."""
    from laion_assets.core.base import package

    templates = tmp_path / "templates"
    shutil.copytree(package.TEMPLATES, templates)
    monkeypatch.setattr(package, "TEMPLATES", templates)
    code_version.forget()
    stamps, before = _stamp_times(built.root), built.site_files()
    page = templates / "404.html"
    page.write_text(page.read_text().replace("{% endblock %}", "<p>Changed.</p>{% endblock %}"))
    code_version.forget()
    built.build()
    assert _changed(stamps, _stamp_times(built.root)) == {"site.stamp.json"}
    after = built.site_files()
    changed = {name for name in after if after[name] != before[name]}
    assert {name for name in changed if not name.endswith(".html")} == {
        "data/summary.json", "manifest.json",
    }  # fmt: skip
    names = [_build_of(files) for files in (before, after)]
    assert names[0] != names[1]
    assert {
        name
        for name in changed
        if before[name][0].replace(names[0], b"") != after[name][0].replace(names[1], b"")
    } == {"404.html", "manifest.json"}


def test_the_build_has_one_name_for_the_same_inputs(built: Builder, tmp_path: Path) -> None:
    """Sources, settings and lists make it, wherever and whenever it is; every page has it."""
    first = _build_of(built.site_files())
    assert re.fullmatch(rb"[0-9a-f]{12}", first)
    pages = {name: content for name, (content, _) in built.site_files().items()}
    assert [n for n, text in pages.items() if n.endswith(".html") and first not in text] == []
    copied = tmp_path / "copied"
    shutil.copytree(built.source, copied)
    other = Builder(tmp_path / "elsewhere" / "build", copied)
    other.build("--source", str(copied), "--memory", "1GB")
    assert _build_of(other.site_files()) == first, "neither place nor time nor memory"
    other.build("--blurred", "0.4")
    changed = _build_of(other.site_files())
    assert changed != first, "a setting that shapes the site"
    other.build("--blurred", "0.5")
    assert _build_of(other.site_files()) == first, "back again"
    write_source(copied / "c.parquet", 120, 1)
    other.build()
    assert _build_of(other.site_files()) != first, "another source file"


def test_other_bytes_of_a_source_are_another_build(built: Builder) -> None:
    """The same rows in a file that was written otherwise: all tables stay, the name does not."""
    first, tables = _build_of(built.site_files()), built.tables()
    path = built.source / "a.parquet"
    pq.write_table(pq.read_table(path), path, compression="gzip")
    built.build()
    assert built.tables() == tables
    assert _build_of(built.site_files()) != first


def _build_of(files: Mapping[str, tuple[bytes, int]]) -> bytes:
    """Return the name a site's build gives itself."""
    build: str = json.loads(files["data/summary.json"][0])["build"]
    return build.encode()


def test_the_same_sources_give_the_same_bytes_whatever_the_threads(
    builder: Builder, tmp_path: Path
) -> None:
    """One thread and four, another folder: equal tables and an equal site."""
    builder.build("--source", str(builder.source), "--threads", "1")
    other = Builder(tmp_path / "elsewhere" / "build", builder.source)
    other.build("--source", str(builder.source), "--threads", "4")
    assert other.tables() == builder.tables()
    assert {name: content for name, (content, _) in other.site_files().items()} == {
        name: content for name, (content, _) in builder.site_files().items()
    }


def test_no_absolute_path_stands_in_an_output(builder: Builder) -> None:
    """Only the saved settings tell where anything was made."""
    builder.build("--source", str(builder.source))
    needle = str(builder.source.parent).encode()
    files = [path for path in builder.root.rglob("*") if path.is_file()]
    assert [path.name for path in files if needle in path.read_bytes()] == ["build.toml"]


def test_verify_finds_a_changed_file(built: Builder) -> None:
    """A published file that was tampered with is named, with exit code 1."""
    assert "all as published" in built.run("verify").output
    (built.root / "site" / "about.html").write_text("tampered")
    result = built.run("verify")
    assert result.exit_code == 1
    assert "changed: about.html" in result.output


def test_status_and_verify_speak_json(built: Builder) -> None:
    """What is stale by asset and source file; what differs from the manifest."""
    built.build()
    plan = json.loads(built.run("status", "--json").output)
    assert plan == {
        "nothing_to_do": True, "per_file": {}, "merged": [], "vanished": [], "set_aside": {},
        "outdated_exports": [],
    }  # fmt: skip
    whole = json.loads(built.run("verify", "--json").output)
    assert whole["problems"] == whole["not_ours"] == []
    assert whole["files"] > 0
    (built.root / "site" / "index.html").write_text("other")
    result = built.run("verify", "--json")
    assert result.exit_code == 1
    assert json.loads(result.output)["problems"] == ["changed: index.html"]
    write_source(built.source / "z.parquet", 900)
    plan = json.loads(built.run("status", "--json").output)
    assert plan["per_file"]["raw_parquet"] == ["z.parquet"]
    assert "site" in plan["merged"]


def test_status_says_what_a_build_would_do(built: Builder) -> None:
    """Status plans like build and changes nothing."""
    assert "to make" not in built.run("status").output
    write_source(built.source / "c.parquet", 120)
    assert "1 of 3 files" in built.run("status").output
