"""Files of a step on a Ray cluster: the same bytes, whatever is lost on the way."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from laion_assets.core.base.errors import UserError
from laion_assets.core.build.code_version import code_version
from laion_assets.core.build.plan import inputs_of
from laion_assets.core.build.settings import Settings, save_settings
from laion_assets.core.build.workspace import Workspace
from laion_assets.making import far_away
from laion_assets.making.far_away import Job, make_far_away
from laion_assets.making.hiring import hire
from laion_assets.making.source_files import MAKERS
from tests.building import Builder, write_small_lists, write_source

FILES = 8
_PATIENCE = 300.0  # seconds; only a hung cluster takes them


@dataclass
class Nodes:
    """A cluster of two nodes of one core each, on this machine alone."""

    cluster: Any
    second: Any

    @property
    def environment(self) -> dict[str, str]:
        """What a process of ours is started in: nothing but its command says where they are."""
        return {name: value for name, value in os.environ.items() if name != "RAY_ADDRESS"}


@pytest.fixture
def nodes(monkeypatch: pytest.MonkeyPatch) -> Iterator[Nodes]:
    """Start the cluster; what is left of it ends with the test."""
    monkeypatch.setenv("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")  # loopback, on Linux too
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from ray.cluster_utils import Cluster

        small = {"num_cpus": 1, "object_store_memory": 80 << 20, "include_dashboard": False}
        cluster = Cluster(initialize_head=True, head_node_args=small)
        try:
            yield Nodes(cluster, cluster.add_node(**small))
        finally:
            cluster.shutdown()


def _sources(folder: Path, rows: int = 2_000) -> Path:
    for number in range(FILES):
        write_source(folder / f"part-{number}.parquet", number * rows, rows)
    return folder


def _command(root: Path, *arguments: str) -> list[str]:
    program = [sys.executable, "-m", "laion_assets.cli"]
    return [*program, "build", "--build-dir", str(root), *arguments]


def _until(happens: Callable[[], Any], while_runs: subprocess.Popen[str]) -> Any:
    """Wait for something to happen, and return it."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        found = happens()
        if found:
            return found
        assert while_runs.poll() is None, while_runs.communicate()
        time.sleep(0.02)
    raise AssertionError("it never happened")


def _workers(step: str) -> list[int]:
    """Return the processes that work on a file of a step."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                title = (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if title.startswith(f"ray::{step} ".encode()):
                found.append(int(folder.name))
    return found


def _stamps(root: Path) -> dict[str, int]:
    stamps = sorted((root / "tables" / "images").glob("*.stamp.json"))
    return {path.name: path.stat().st_mtime_ns for path in stamps}


def test_a_cluster_makes_what_this_machine_makes_whatever_it_loses(
    nodes: Nodes, tmp_path: Path
) -> None:
    """Interrupted, then with a worker killed and a node lost: no file is made twice for nothing."""
    source = _sources(tmp_path / "source")
    lists = tmp_path / "lists"
    write_small_lists(lists)
    given = ("--source", str(source), "--lists", str(lists))
    far = Builder(tmp_path / "far", source)

    def begin(*arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            _command(far.root, *arguments), env=nodes.environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    interrupted = begin(*given, "--engine", f"ray://{nodes.cluster.address}")
    _until(lambda: _stamps(far.root), interrupted)
    interrupted.send_signal(signal.SIGINT)
    said, _ = interrupted.communicate(timeout=_PATIENCE)
    assert interrupted.returncode == 130, said
    assert "Traceback" not in said
    done = _stamps(far.root)
    assert 0 < len(done) < FILES
    assert not _workers("images")

    going_on = begin()
    victim = _until(lambda: _workers("images"), going_on)[0]
    os.kill(victim, signal.SIGKILL)
    _until(lambda: len(_stamps(far.root)) > len(done), going_on)
    nodes.cluster.remove_node(nodes.second, allow_graceful=False)
    said, _ = going_on.communicate(timeout=_PATIENCE)
    assert going_on.returncode == 0, said
    assert _stamps(far.root).items() >= done.items()

    near = Builder(tmp_path / "near", source)
    assert near.build(*given).exit_code == 0
    assert far.tables() == near.tables()
    assert {name: content for name, (content, _) in far.site_files().items()} == {
        name: content for name, (content, _) in near.site_files().items()
    }
    assert "Nothing to do" in far.build().output


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """Return a job that any process could do: images of one file that was described."""
    root = tmp_path / "build"
    root.mkdir()
    write_small_lists(tmp_path / "lists")
    source = str(write_source(tmp_path / "a.parquet", 0))
    settings = Settings(dataset="files", sources=(source,), lists=str(tmp_path / "lists"))
    save_settings(root, settings)
    builder = Builder(root, tmp_path)
    builder.build()
    workspace = Workspace(root, settings)
    (found,) = workspace.sources.all()
    inputs = inputs_of(workspace, "images", found.key)
    assert inputs is not None
    return Job(root, "images", found, code_version("images"), inputs, 500_000_000)


def _ignore(_key: str, _rows: int) -> None:
    pass


def test_a_worker_returns_the_digests_of_what_it_wrote(job: Job) -> None:
    """They are those of the stamp, so that whoever sent it reads nothing of it."""
    stamp = Workspace(job.root, Settings()).stamps.read("images", job.key)
    made = make_far_away(job, _ignore).made
    assert made is not None
    assert stamp is not None
    assert dict(made.outputs) == {name: tuple(entry) for name, entry in stamp.outputs.items()}  # type: ignore[call-overload]
    assert made.counts == stamp.counts


def test_a_worker_with_other_code_refuses(job: Job) -> None:
    """A cluster whose nodes are of another version makes nothing, and says which node it is."""
    refused = make_far_away(replace(job, code="another"), _ignore)
    assert "install the same version" in str(refused.error)


def test_a_worker_that_sees_other_inputs_refuses(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another list or setting, or a file that is not the same there, is never a valid stamp."""
    monkeypatch.setattr(far_away, "_UNSEEN", 0.1)
    refused = make_far_away(replace(job, inputs={**job.inputs, "thresholds": "other"}), _ignore)
    assert "does not see the same" in str(refused.error)


def test_a_worker_without_the_build_directory_refuses(job: Job, tmp_path: Path) -> None:
    """What to do is in the line."""
    refused = make_far_away(replace(job, root=tmp_path / "elsewhere"), _ignore)
    assert "on a file system that every node has" in str(refused.error)


def test_what_a_worker_cannot_handle_is_a_fault_of_the_file(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever was raised: it travels as words, and the log is where the file was worked on."""

    def fail(*_: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setitem(MAKERS, "images", fail)  # type: ignore[arg-type]
    fault = make_far_away(job, _ignore).fault
    assert fault is not None
    assert "images cannot handle it" in fault.reason
    assert list((job.root / "logs").iterdir())


def test_a_termination_still_stops_the_command_as_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Ray puts a handler of its own in the place of ours when it is joined."""
    from laion_assets.making import on_ray

    def init(**_: Any) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)

    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setattr(on_ray.ray, "init", init)
    on_ray.connect("ray")
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_cluster_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    """At once, and with what to do; Ray alone would try for minutes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        engine = f"ray://127.0.0.1:{free.getsockname()[1]}"
        workers = hire(
            "images", MAKERS["images"], Workspace(tmp_path, Settings(engine=engine)), {}, 0
        )
        with pytest.raises(UserError, match="no Ray cluster answers at 127"), workers:
            pass


def test_without_ray_the_line_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It is an extra: nobody who does not ask for it has it."""
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.delitem(sys.modules, "laion_assets.making.on_ray", raising=False)
    workspace = Workspace(tmp_path, Settings(engine="ray"))
    with pytest.raises(UserError, match=r"laion-assets\[ray\]"):
        hire("images", MAKERS["images"], workspace, {}, 0)
