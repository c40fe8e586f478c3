"""The automation as it runs behind the UI, by real daemons: the site never contradicts itself."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import dagster as dg

from laion_assets.core.build.settings import Settings, save_settings
from laion_assets.dagster_home import dagster_home
from tests.building import Builder, write_source
from tests.repository import ROOT

_PATIENCE = 300.0  # seconds for two runs, each a process of its own, on a busy machine
_POLL = 1.0


@contextmanager
def _daemons(builder: Builder) -> Iterator[subprocess.Popen[bytes]]:
    """Run what works behind the UI, without its web server."""
    home = {"DAGSTER_HOME": str(dagster_home(builder.root)), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "dagster._daemon", "run", "-m", "laion_assets.definitions"]
    with (builder.root / "daemons.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            env=os.environ | home,
            cwd=builder.root,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(30)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _counts(site: Path) -> set[int]:
    """Return every number of all images that one state of the site gives; none without a site."""
    try:
        folder = os.open(site, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        return set()

    def opened(path: str, flags: int) -> int:
        return os.open(path, flags, dir_fd=folder)

    def read(name: str) -> str:
        with open(name, encoding="utf-8", opener=opened) as file:
            return file.read()

    def table(name: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = json.loads(read(f"data/{name}.json"))
        return rows

    try:
        search = re.search(r'"(search/[0-9a-f]+)/directory.js"', read("search.html"))
        assert search, "the search page names its index"
        documents = re.search(r'"documents":\s*(\d+)', read(f"{search[1]}/directory.js"))
        assert documents
        return {
            json.loads(read("data/summary.json"))["rows"]["published"],
            int(documents[1]),
            sum(row["images"] for row in table("domains")),
            sum(row["images"] for row in table("years")),
            *(
                row["denominator"]
                for name in ("artists", "celebrities", "characters")
                for row in table(name)
            ),
        }
    except FileNotFoundError:  # the folder was exchanged and is being deleted
        return _counts(site)
    finally:
        os.close(folder)


def _watch(
    builder: Builder, daemons: subprocess.Popen[bytes], before: set[int], after: int
) -> None:
    """Read the site every second until it counts `after` images; whatever it says, it says once."""
    deadline = time.monotonic() + _PATIENCE
    seen = before
    while seen != {after}:
        assert time.monotonic() < deadline and daemons.poll() is None, (  # noqa: PT018
            f"{seen} for too long: {(builder.root / 'daemons.log').read_text()[-3000:]}"
        )
        time.sleep(_POLL)
        seen = _counts(builder.root / "site")
        assert seen in (before, {after})


def test_the_site_agrees_with_itself_while_files_come_change_and_go(
    builder: Builder, small_lists: Path
) -> None:
    """Read every second, it gives one count, the old or the new; a change costs two runs.

    On a busy machine, where a look of the automation takes longer than a run, a third that finds
    all up to date.
    """
    shutil.rmtree(builder.source / "deep")
    builder.root.mkdir(exist_ok=True)
    save_settings(
        builder.root,
        Settings(dataset="files", sources=(str(builder.source),), lists=str(small_lists)),
    )
    runs = []
    with _daemons(builder) as daemons:
        _watch(builder, daemons, set(), 59)  # of each fifty rows one is withheld
        runs.append(_runs(builder))
        write_source(builder.source / "b.parquet", 100, 100)
        _watch(builder, daemons, {59}, 157)
        runs.append(_runs(builder))
        write_source(builder.source / "a.parquet", 300, 40)
        _watch(builder, daemons, {157}, 138)
        runs.append(_runs(builder))
        (builder.source / "b.parquet").unlink()
        _watch(builder, daemons, {138}, 40)
        runs.append(_runs(builder))
    costs = [after - before for before, after in zip([0, *runs], runs, strict=False)]
    assert max(costs) <= 3, costs


def _runs(builder: Builder) -> int:
    with dg.DagsterInstance.from_config(str(builder.root / "dagster")) as instance:
        return instance.get_runs_count()
