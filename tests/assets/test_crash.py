"""kill -9 at any moment: the next run finishes, the bytes are the same, the site was whole."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from laion_assets.core.base.files import TEMPORARY_PREFIX
from laion_assets.core.publish.manifest import verify_site
from tests.building import Builder, write_small_lists, write_source

NEVER = "never"

#: What is about to happen when the process dies: the call, and what its arguments hold.
MOMENTS = {
    "cleaning": "laion_assets.core.cleaning.rules:judge_batch:",
    "writing the rejects": "laion_assets.core.base.files:sync:/rejects/.tmp-",
    "matching": "laion_assets.core.names.mentions:match_names:",
    "a stamp": "laion_assets.core.build.stamps:write_stamp:/mentions/",
    "a segment": "laion_assets.core.index.segment:_write_run:",
    "an aggregate": "laion_assets.core.tables.years:make_years:",
    "the merge": "laion_assets.core.index.shards:IndexFolder._put:'t/",
    "the end of the merge": "laion_assets.assets.published:exchange_directories:search",
    "the site's pages": "laion_assets.core.publish.exchange:_Stage.put:path='domains.html'",
    "the exchange of the site": "laion_assets.core.publish.exchange:exchange_directories:",
    "after the exchange": "laion_assets.core.build.stamps:write_stamp:site.stamp.json",
}


def _run(builder: Builder, lists: Path, moment: str, *arguments: str) -> int:
    """Run a build in a process of its own; return its exit code."""
    script = Path(__file__).with_name("doomed_build.py")
    command = [
        sys.executable, str(script), str(lists), moment, "build", *arguments,
        "--build-dir", str(builder.root),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in (0, -signal.SIGKILL), done.stdout + done.stderr
    return done.returncode


@dataclass(frozen=True)
class Before:
    """A build of two files, kept as it was, and an undisturbed one of what became of the files."""

    builder: Builder
    lists: Path
    expected: Builder


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Before:
    """Build two files; then change one, add one, and build that elsewhere without a disturbance."""
    folder = tmp_path_factory.mktemp("crash")
    write_small_lists(folder / "lists")
    builder = Builder(folder / "before", folder / "source")
    for name, start in (("a", 0), ("b", 60)):
        write_source(builder.source / f"{name}.parquet", start)
    assert _run(builder, folder / "lists", NEVER, "--source", str(builder.source)) == 0
    write_source(builder.source / "a.parquet", 300)
    write_source(builder.source / "c.parquet", 120)
    expected = Builder(folder / "undisturbed", builder.source)
    assert _run(expected, folder / "lists", NEVER, "--source", str(builder.source)) == 0
    return Before(builder, folder / "lists", expected)


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_build_is_finished_by_the_next(
    before: Before, tmp_path: Path, moment: str
) -> None:
    """The published site is whole after the kill, and the end is as if nothing had happened."""
    builder = Builder(tmp_path / "build", before.builder.source)
    shutil.copytree(before.builder.root, builder.root)
    killed = _run(builder, before.lists, MOMENTS[moment])
    assert killed == -signal.SIGKILL
    assert verify_site(builder.root / "site") == []
    assert _run(builder, before.lists, NEVER) == 0
    assert builder.tables() == before.expected.tables()
    assert {name: content for name, (content, _) in builder.site_files().items()} == {
        name: content for name, (content, _) in before.expected.site_files().items()
    }
    left = [path for path in builder.root.rglob(f"{TEMPORARY_PREFIX}*") if path.name != ".tmp-work"]
    assert left == []
