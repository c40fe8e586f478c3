"""Exports are made when somebody asks, once, and hold nothing that must not be published."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import dagster as dg
import duckdb
import pyarrow.parquet as pq
import pytest

from laion_assets.assembly import build_defs
from laion_assets.core.build.graph import EXPORTS, MERGED
from laion_assets.core.build.settings import load_settings
from laion_assets.core.build.workspace import Workspace
from laion_assets.core.exports.folder import MADE
from laion_assets.jobs import EXPORT_JOB
from tests.building import Builder, forget_lists, use_small_lists, write_source
from tests.traces import holding

URL = "https://i.pinimg.com/2019/01/0.jpg"
WITHHELD_URL = "https://shop.example.com/2019/05/49.jpg"  # punsafe 0.995, see tests.building


@pytest.fixture(scope="module")
def _exported_once(tmp_path_factory: pytest.TempPathFactory) -> Builder:
    """Build two files and export everything, once for all tests."""
    folder = tmp_path_factory.mktemp("exported")
    write_source(folder / "source" / "a.parquet", 0)
    write_source(folder / "source" / "deep" / "b.parquet", 60)
    builder = Builder(folder / "build", folder / "source")
    with pytest.MonkeyPatch.context() as patch:
        use_small_lists(folder / "lists", patch)
        builder.build("--source", str(builder.source))
        result = builder.run("export", "all")
        assert result.exit_code == 0, result.output
    forget_lists()
    return builder


@pytest.fixture
def exported(_exported_once: Builder, tmp_path: Path) -> Builder:
    """Return a copy of that build with its exports."""
    return _exported_once.copied_to(tmp_path)


def _exports(builder: Builder) -> Path:
    return builder.root / "exports"


def _files(builder: Builder) -> dict[str, tuple[bytes, int]]:
    folder = _exports(builder)
    return {
        path.relative_to(folder).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _workspace(builder: Builder) -> Workspace:
    settings = load_settings(builder.root)
    assert settings is not None
    return Workspace(builder.root, settings)


def test_a_build_makes_no_export(built: Builder) -> None:
    """They are off the road to the site, for the command and for the main job."""
    assert not _exports(built).exists()
    assert not set(EXPORTS) & set(MERGED)
    assert built.run("status").exit_code == 0
    assert "export" not in built.run("status").output


def test_an_export_is_made_once(exported: Builder) -> None:
    """A second run with nothing new touches no file."""
    before = _files(exported)
    result = exported.run("export", "all")
    assert result.exit_code == 0, result.output
    assert result.output.count("up to date already") == len(EXPORTS)
    assert _files(exported) == before


def test_every_form_is_made_alone(built: Builder) -> None:
    """With what it is made from, and nothing else."""
    assert built.run("export", "datasette").exit_code == 0
    assert {path.name for path in _exports(built).iterdir()} == set(MADE["datasette_db"])
    result = built.run("export", "card")
    assert result.exit_code == 0, result.output
    assert {path.name for path in _exports(built).iterdir()} == {
        name for names in MADE.values() for name in names
    }


def test_something_new_is_exported_by_the_next_run(exported: Builder) -> None:
    """`status` says that exports are of an older build; a build leaves them as they are."""
    write_source(exported.source / "c.parquet", 200, 10)
    before = _files(exported)
    assert exported.run("build").exit_code == 0
    assert _files(exported) == before
    assert "Of an older build: datasette_db, duckdb_file" in exported.run("status").output
    told = json.loads(exported.run("status", "--json").stdout)
    assert told["outdated_exports"][:2] == ["datasette_db", "duckdb_file"]
    assert exported.run("export", "all").exit_code == 0
    with closing(sqlite3.connect(_exports(exported) / "images.db")) as database:
        assert database.execute("SELECT count(*) FROM images").fetchall() == [(128,)]
    assert json.loads(exported.run("status", "--json").stdout)["outdated_exports"] == []


def test_exports_agree_with_the_site(exported: Builder) -> None:
    """Rows, names and domains are those that the site counts."""
    summary = json.loads((exported.root / "site" / "data" / "summary.json").read_bytes())
    published = summary["rows"]["published"]
    folder = _exports(exported)
    with closing(sqlite3.connect(folder / "images.db")) as database:
        assert database.execute("SELECT count(*) FROM images").fetchall() == [(published,)]
        for table in ("artists", "celebrities", "characters"):
            counts = database.execute(
                "SELECT name, images, (SELECT count(*) FROM image_names AS n "
                f"WHERE n.name = t.name AND list = '{table}') FROM {table} AS t"
            ).fetchall()
            assert [(name, images) for name, images, _ in counts] == [
                (name, found) for name, _, found in counts
            ]
    images = [pq.read_metadata(path).num_rows for path in (folder / "images").iterdir()]
    assert sum(images) == published


def test_nothing_withheld_is_exported(exported: Builder) -> None:
    """The tables of a build have such rows; no export has, in any form."""
    assert holding(exported.root / "tables", WITHHELD_URL)
    assert not holding(_exports(exported), WITHHELD_URL)
    assert _holding_rows(exported, WITHHELD_URL) == []


def _holding_rows(builder: Builder, url: str) -> list[str]:
    """Return the exports whose rows have a URL, each asked in its own language."""
    folder, found = _exports(builder), []
    if (folder / "images.db").exists():
        with closing(sqlite3.connect(folder / "images.db")) as database:
            if database.execute("SELECT 1 FROM images WHERE url = ?", (url,)).fetchall():
                found.append("images.db")
    if (folder / "laion.duckdb").exists():
        with duckdb.connect(str(folder / "laion.duckdb"), read_only=True) as database:
            database.execute(f"SET file_search_path = '{folder}'")
            for table in ("images", "duplicate_clusters"):
                rows = database.sql(f"SELECT 1 FROM {table} WHERE url = $url", params={"url": url})
                found += [table] * bool(rows.fetchall())
    return found


def test_a_removal_deletes_what_holds_the_row(exported: Builder) -> None:
    """Before the command says done; what is exported then has it nowhere."""
    assert _holding_rows(exported, URL)[:2] == ["images.db", "images"]
    result = exported.run("remove", "--url", URL)
    assert result.exit_code == 0, result.output
    assert "Exports are deleted: " in result.output
    assert "copies that you made elsewhere" in result.output
    assert not _exports(exported).exists()
    assert not holding(exported.root, URL)
    assert exported.run("export", "all").exit_code == 0
    assert not holding(_exports(exported), URL)
    assert _holding_rows(exported, URL) == []
    assert exported.run("verify", "--deep").exit_code == 0


def test_a_removal_that_hits_nothing_leaves_exports(exported: Builder) -> None:
    """What concerns no row takes nothing away."""
    before = _files(exported)
    exported.run("remove", "--allow-none", "--domain", "nowhere.example")
    assert _files(exported) == before


def _listed_by_hand(builder: Builder) -> None:
    """Let the removal list have an entry that no command took out yet."""
    from laion_assets.core.cleaning.removal_list import name_url

    _workspace(builder).removal_list.ensure_key()
    _workspace(builder).removal_list.add([name_url(URL)])


def test_a_removal_list_that_changed_by_hand_deletes_them_too(exported: Builder) -> None:
    """The build that takes the rows out says so."""
    _listed_by_hand(exported)
    result = exported.run("build")
    assert result.exit_code == 0, result.output
    assert "Exports held rows that are not published any more, and were deleted" in result.output
    assert not _exports(exported).exists()


def test_listed_rows_are_not_exported_before_they_are_out(exported: Builder) -> None:
    """One line says what to do first."""
    _listed_by_hand(exported)
    shutil.rmtree(_exports(exported))
    result = exported.run("export", "datasette")
    assert result.exit_code == 1
    assert "run `laion-assets build` first" in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not (_exports(exported) / "images.db").exists()


def test_an_allow_list_deletes_what_is_not_on_it(exported: Builder, tmp_path: Path) -> None:
    """Rows that it leaves out are out of the exports at once."""
    allowed = tmp_path / "allowed.txt"
    path = min((exported.root / "tables" / "images").glob("a-*.parquet"))
    ids = pq.read_table(path, columns=["image_id"])["image_id"].to_pylist()
    allowed.write_text("".join(f"{n}\n" for n in ids), encoding="utf-8")
    assert exported.run("build", "--allow", str(allowed)).exit_code == 0
    assert not _exports(exported).exists()


def test_a_withdrawn_site_leaves_no_export(exported: Builder) -> None:
    """None stays, and none is made until the site is back."""
    (_exports(exported) / "mine.txt").write_text("my notes", encoding="utf-8")
    killed = _exports(exported) / ".tmp-0123456789ab-images.db"
    killed.write_bytes((_exports(exported) / "images.db").read_bytes())
    result = exported.run("withdraw", "--why", "Under review.")
    assert result.exit_code == 0, result.output
    assert "Exports are deleted: " in result.output
    assert [path.name for path in _exports(exported).rglob("*")] == ["mine.txt"]
    result = exported.run("export", "all")
    assert result.exit_code == 1
    assert result.stderr.startswith("laion-assets: the site is withdrawn")
    assert exported.run("withdraw", "--undo").exit_code == 0
    assert exported.run("export", "all").exit_code == 0


def test_withdrawing_waits_for_no_settings(exported: Builder) -> None:
    """Broken settings or none: the exports go with the site."""
    (exported.root / "build.toml").write_text("threads = 0\n", encoding="utf-8")
    exported.run("withdraw", "--why", "Under review.")
    assert not _exports(exported).exists()


def test_exports_on_another_disk_go_as_well(exported: Builder, tmp_path: Path) -> None:
    """A link in the place of the folder stays; what is ours behind it does not."""
    elsewhere = tmp_path / "other disk"
    _exports(exported).rename(elsewhere)
    _exports(exported).symlink_to(elsewhere)
    assert "up to date already" in exported.run("export", "all").output
    assert exported.run("withdraw", "--why", "Under review.").exit_code == 0
    assert list(elsewhere.rglob("*")) == []
    assert _exports(exported).is_symlink()


def test_a_lower_threshold_deletes_what_was_published_by_a_higher(exported: Builder) -> None:
    """A higher one hides nothing more, so it only makes them out of date."""
    assert exported.run("build", "--withheld", "0.999").exit_code == 0
    assert _exports(exported).exists()
    assert exported.run("export", "all").exit_code == 0
    assert _holding_rows(exported, WITHHELD_URL)[:2] == ["images.db", "images"]
    result = exported.run("build", "--withheld", "0.99")
    assert "were deleted" in result.output
    assert not _exports(exported).exists()


def test_a_damaged_table_that_leaves_the_site_leaves_the_exports(exported: Builder) -> None:
    """What cannot be looked through may hold what is listed."""
    path = min((exported.root / "tables" / "row_keys").glob("*.parquet"))
    path.write_bytes(path.read_bytes()[:-40])
    result = exported.run("remove", "--url", URL, "--allow-none")
    assert result.exit_code == 1, result.output
    assert not _exports(exported).exists()


def _withheld_row(builder: Builder) -> tuple[int, str]:
    table = pq.read_table(min((builder.root / "tables" / "images").glob("a-*.parquet")))
    (row,) = [row for row in table.to_pylist() if row["visibility"] == "withheld"]
    return row["image_id"], row["caption"]


def _into_sqlite(folder: Path, image_id: int) -> None:
    with closing(sqlite3.connect(folder / "images.db")) as database, database:
        database.execute("UPDATE images SET image_id = ? WHERE rank = 1", (str(image_id),))


def _into_duckdb(folder: Path, image_id: int) -> None:
    with duckdb.connect(str(folder / "laion.duckdb")) as database:
        database.execute("UPDATE duplicate_clusters SET image_id = ?", [image_id])


def _into_parquet(folder: Path, image_id: int) -> None:
    path = min((folder / "images").iterdir())
    table = pq.read_table(path, partitioning=None)
    ids = [image_id, *table["image_id"].to_pylist()[1:]]
    index = table.column_names.index("image_id")
    pq.write_table(table.set_column(index, table.schema.field(index), [ids]), path)


def _into_the_card(folder: Path, image_id: int) -> None:
    with (folder / "README.md").open("a", encoding="utf-8") as card:
        card.write(f"{image_id}\n")


@pytest.mark.parametrize(
    ("leak", "where"),
    [
        (_into_sqlite, "exports/images.db"),
        (_into_duckdb, "exports/laion.duckdb"),
        (_into_parquet, "exports/images/part-00000.parquet"),
        (_into_the_card, "exports/README.md"),
    ],
)
def test_the_check_finds_what_must_not_be_there(
    exported: Builder, leak: Callable[[Path, int], None], where: str
) -> None:
    """In every form; the deep check first says that the file is not what was written."""
    from laion_assets.core.build.invariants import nothing_unwanted_exported

    workspace = _workspace(exported)
    with workspace.connect() as connection:
        assert nothing_unwanted_exported(workspace, connection) == []
        leak(_exports(exported), _withheld_row(exported)[0])
        (problem,) = nothing_unwanted_exported(workspace, connection)
    assert problem == f"{where}: 1 rows that must not be published"
    result = exported.run("verify", "--deep")
    assert result.exit_code == 1
    assert where in result.output
    assert "laion-assets export all" in result.stderr


def test_the_deep_check_scans_exports_that_nothing_stamps(exported: Builder) -> None:
    """A file put back, or left by another version, is looked through all the same."""
    _into_sqlite(_exports(exported), _withheld_row(exported)[0])
    for name in EXPORTS:
        (exported.root / f"{name}.stamp.json").unlink()
    result = exported.run("verify", "--deep")
    assert result.exit_code == 1
    assert "exports/images.db: 1 rows that must not be published" in result.output


def test_a_damaged_export_is_told_and_made_again(exported: Builder) -> None:
    """`build --rehash` says which; the next export makes it."""
    path = _exports(exported) / "images.db"
    content = path.read_bytes()
    stat = path.stat()
    path.write_bytes(content[:-100] + bytes(100))
    import os

    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    result = exported.run("build", "--rehash")
    assert "Exports are damaged: exports/images.db" in result.output
    assert exported.run("export", "datasette").exit_code == 0
    assert path.read_bytes() == content


def test_exports_that_were_moved_away_are_no_damage(exported: Builder) -> None:
    """The folder is the user's to take; the next export makes another."""
    _exports(exported).rename(exported.root.parent / "taken")
    assert exported.run("verify", "--deep").exit_code == 0
    assert exported.run("export", "all").exit_code == 0
    assert (_exports(exported) / "images.db").exists()


def test_an_export_is_the_same_bytes_again(exported: Builder) -> None:
    """All files but DuckDB's own, in which it puts an identifier drawn at random."""
    before = _files(exported)
    shutil.rmtree(_exports(exported))
    assert exported.run("export", "all").exit_code == 0
    after = _files(exported)
    assert set(after) == set(before)
    assert {name for name in after if after[name][0] != before[name][0]} <= {"laion.duckdb"}


def test_nothing_built_is_one_line(builder: Builder) -> None:
    """It says what to do first, and makes nothing."""
    result = builder.run("export", "all")
    assert result.exit_code == 1
    assert "run `laion-assets build`" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_form_nobody_knows_is_bad_usage(exported: Builder) -> None:
    """With those that there are."""
    result = exported.run("export", "excel")
    assert result.exit_code == 2
    assert "datasette" in result.stderr


def test_exports_are_never_sources(exported: Builder, tmp_path: Path) -> None:
    """A copy of the folder among somebody's files is known by the mark of its tables."""
    copy = tmp_path / "new"
    shutil.copytree(_exports(exported), copy / "exports")
    write_source(copy / "a.parquet", 0)
    result = Builder(tmp_path / "other", copy).build("--source", str(copy))
    assert "60 read" in result.output


def test_exports_can_be_materialised_in_the_ui(built: Builder) -> None:
    """By a job of their own; their check runs with them, and a second run does nothing."""
    with dg.DagsterInstance.ephemeral() as instance:
        job = build_defs(built.root).resolve_job_def(EXPORT_JOB.name)
        first = job.execute_in_process(instance=instance)
        assert first.success
        checks = first.get_asset_check_evaluations()
        assert {check.asset_key.to_user_string() for check in checks} == set(EXPORTS)
        assert all(check.passed for check in checks)
        again = job.execute_in_process(instance=instance)
    said = {
        event.asset_key.to_user_string(): event.step_materialization_data.materialization.metadata
        for event in again.all_events
        if event.is_step_materialization and event.asset_key
    }
    assert {name: bool(each["up to date already"].value) for name, each in said.items()} == (
        dict.fromkeys(EXPORTS, True)
    )
