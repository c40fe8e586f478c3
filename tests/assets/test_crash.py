"""kill -9 at any moment: the next run finishes, the bytes are the same, the site was whole.

Only what is killed has a process of its own.
"""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from laion_assets.core.base.files import TEMPORARY_PREFIX
from laion_assets.core.publish.manifest import verify_site
from tests.assets.doomed_build import Ended, run_doomed
from tests.building import Builder, forget_lists, use_small_lists, write_source

#: What is about to happen when the process dies: the call, and what its arguments hold.
MOMENTS = {
    "cleaning": "laion_assets.core.cleaning.rules:judge_batch:",
    "a stamp": "laion_assets.core.build.stamps:write_stamp:/mentions/",
    "an aggregate": "laion_assets.core.tables.years:make_years:",
    "the merge": "laion_assets.core.index.units:IndexFolder.write_units:'w'",
    "the end of the merge": "laion_assets.assets.published:exchange_directories:search",
    "the site's pages": "laion_assets.core.publish.exchange:_Stage.put:path='domains.html'",
    "the exchange of the site": "laion_assets.core.publish.exchange:exchange_directories:",
    "after the exchange": "laion_assets.core.build.stamps:write_stamp:site.stamp.json",
}


#: The moment tried with Dagster's history on the disk; the others keep it in memory.
WITH_HISTORY = "a stamp"


def _disturb(
    builder: Builder, lists: Path, moment: str, number: signal.Signals, *, history: bool = False
) -> Ended:
    """Run a build in a process of its own, which gets the signal at the moment."""
    command = ("build", "--build-dir", str(builder.root))
    folder = builder.root.parent
    return run_doomed(folder, lists, number, MOMENTS[moment], *command, history=history)


def _kill(builder: Builder, lists: Path, moment: str, *, history: bool = False) -> None:
    ended = _disturb(builder, lists, moment, signal.SIGKILL, history=history)
    assert ended.code == -signal.SIGKILL, ended


@dataclass(frozen=True)
class Before:
    """A build of two files, kept as it was, and an undisturbed one of what became of the files."""

    builder: Builder
    lists: Path
    tables: dict[str, bytes]
    site: dict[str, bytes]


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Before]:
    """Build two files; then change one, add one, and build that elsewhere without a disturbance."""
    folder = tmp_path_factory.mktemp("crash")
    with pytest.MonkeyPatch.context() as patch:
        use_small_lists(folder / "lists", patch)
        builder = Builder(folder / "before", folder / "source")
        for name, start in (("a", 0), ("b", 60)):
            write_source(builder.source / f"{name}.parquet", start)
        builder.build("--source", str(builder.source))
        write_source(builder.source / "a.parquet", 300)
        write_source(builder.source / "c.parquet", 120)
        expected = Builder(folder / "undisturbed", builder.source)
        expected.build("--source", str(builder.source))
        yield Before(builder, folder / "lists", expected.tables(), contents(expected))
    forget_lists()


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_build_is_finished_by_the_next(
    before: Before, tmp_path: Path, moment: str
) -> None:
    """The published site is whole after the kill, and the end is as if nothing had happened."""
    builder = Builder(tmp_path / "build", before.builder.source)
    shutil.copytree(before.builder.root, builder.root)
    _kill(builder, before.lists, moment)
    _check_the_next_build(builder, before)


@pytest.mark.parametrize(
    ("moment", "number"),
    [
        ("cleaning", signal.SIGINT),
        ("the site's pages", signal.SIGTERM),
    ],
)
def test_a_stopped_build_says_so_in_one_line(
    before: Before, tmp_path: Path, moment: str, number: signal.Signals
) -> None:
    """Ctrl-C and SIGTERM in the middle of an asset: one line, their exit codes, nothing torn."""
    builder = Builder(tmp_path / "build", before.builder.source)
    shutil.copytree(before.builder.root, builder.root)
    ended = _disturb(builder, before.lists, moment, number)
    assert ended.code == 128 + number, ended
    assert ended.error.splitlines() == [
        "laion-assets: stopped; what is built is whole, run it again to continue"
    ]
    _check_the_next_build(builder, before)


@pytest.mark.usefixtures("history_on_disk")
def test_the_history_of_a_killed_build_goes_on(before: Before, tmp_path: Path) -> None:
    """Dagster's files were being written too; the next build adds to them."""
    builder = Builder(tmp_path / "build", before.builder.source)
    shutil.copytree(before.builder.root, builder.root)
    _kill(builder, before.lists, WITH_HISTORY, history=True)
    assert (builder.root / "dagster").is_dir()
    _check_the_next_build(builder, before)


def _check_the_next_build(builder: Builder, before: Before) -> None:
    assert verify_site(builder.root / "site") == []
    builder.build()
    assert builder.tables() == before.tables
    assert contents(builder) == before.site
    left = [path for path in builder.root.rglob(f"{TEMPORARY_PREFIX}*") if path.name != ".tmp-work"]
    assert left == []


def contents(builder: Builder) -> dict[str, bytes]:
    """Return the content of every published file."""
    return {name: content for name, (content, _) in builder.site_files().items()}
