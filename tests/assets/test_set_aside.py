"""Files set aside: whatever a step cannot handle keeps no other file from being built."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest
from dagster._core.storage.partition_status_cache import AssetPartitionStatus

from laion_assets import refresh
from laion_assets.core.build.workspace import Workspace
from laion_assets.making import source_files
from laion_assets.partitions import SOURCE_FILES
from tests.building import Builder, write_source

STEPS = {
    "raw_parquet": "write_description",
    "images": "clean_file",
    "tallies": "write_tallies",
    "mentions": "write_mentions",
    "index_segment": "write_segment",
}
FAULTS = {
    "no memory": (
        duckdb.OutOfMemoryException("failed to allocate 2.0 MiB (1.8 GiB/1.8 GiB used)"),
        "--memory",
    ),
    "a defect": (ZeroDivisionError("division by zero"), "ZeroDivisionError: division by zero"),
}


def _failing(monkeypatch: pytest.MonkeyPatch, step: str, key: str, error: Exception) -> None:
    """Let one step fail for the file of one key."""
    work: Callable[..., Any] = getattr(source_files, STEPS[step])

    def fail(*arguments: Any, **named: Any) -> Any:
        if any(key in str(value) for value in [*arguments, *named.values()]):
            raise error
        return work(*arguments, **named)

    monkeypatch.setattr(source_files, STEPS[step], fail)


@pytest.mark.parametrize(
    ("step", "fault"),
    [("raw_parquet", "a defect"), ("images", "no memory"), ("mentions", "a defect"),
     ("index_segment", "no memory")],
)  # fmt: skip
def test_a_file_that_a_step_cannot_handle_is_set_aside(
    built: Builder, monkeypatch: pytest.MonkeyPatch, step: str, fault: str
) -> None:
    """One line names file, step and reason; the others are built; changed, it is tried again."""
    error, reason = FAULTS[fault]
    write_source(built.source / "c.parquet", 120)
    (key,) = [
        s.key for s in Workspace(built.root, _settings(built)).sources.all() if "c" in s.relative
    ]
    with monkeypatch.context() as patch:
        _failing(patch, step, key, error)
        result = built.run("build")
        assert result.exit_code == 1
        lines = [line for line in result.stderr.splitlines() if "c.parquet" in line]
        assert len(lines) == 1, result.output
        assert step in lines[0]
        assert reason in lines[0]
        assert "Rows: 120 read" in result.output
        assert "Nothing to do" in built.run("build").output
        assert built.run("verify", "--deep").exit_code == 0
    write_source(built.source / "c.parquet", 120, count=61)
    assert "Rows: 181 read" in built.build().output


def _settings(builder: Builder) -> Any:
    from laion_assets.core.build.settings import load_settings

    return load_settings(builder.root)


@pytest.mark.parametrize(
    "error", [MemoryError(), duckdb.OutOfMemoryException("failed to allocate (1 MiB/2 GiB used)")]
)
def test_a_passing_lack_of_memory_sets_nothing_aside_for_good(
    built: Builder, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """What the machine lacked once is tried again by the next build, unasked."""
    write_source(built.source / "c.parquet", 120)
    with monkeypatch.context() as patch:
        _failing(patch, "images", "c-", error)
        assert "not enough memory" in built.run("build").stderr
    assert "Rows: 180 read" in built.build().output


def test_an_unexpected_failure_of_a_step_leaves_a_log(
    built: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line names it, for whoever mends it; Dagster's history has no traceback."""
    write_source(built.source / "c.parquet", 120)
    _failing(monkeypatch, "mentions", "c-", ZeroDivisionError("division by zero"))
    result = built.run("build")
    (log,) = (built.root / "logs").iterdir()
    assert str(log) in result.stderr
    assert "Traceback" in log.read_text(encoding="utf-8")


def test_a_file_that_was_mended_is_no_longer_reported(built: Builder) -> None:
    """Truncated and put back as it was: nothing is left to do, and nothing is left to say."""
    path = built.source / "a.parquet"
    content = path.read_bytes()
    path.write_bytes(content[:-200])
    assert built.run("build").exit_code == 1
    (note,) = (built.root / "raw").glob("*.error.json")
    said = note.read_bytes()
    path.write_bytes(content)
    assert "Nothing to do" in built.build().output
    assert not note.exists()
    note.write_bytes(said)  # as an older version left it
    assert built.build("--blurred", "0.35").exit_code == 0
    assert not note.exists()
    write_source(built.source / "c.parquet", 120)
    assert built.build().exit_code == 0


def test_lists_count_in_the_rows_of_a_file_set_aside(built: Builder, small_lists: Path) -> None:
    """Rows that were read before stay published, so what is counted in them follows the lists."""
    path = built.source / "a.parquet"
    path.write_bytes(path.read_bytes()[:-200])
    mine = small_lists.parent / "mine"
    mine.mkdir()
    (mine / "more-artists.csv").write_text("name\nSunset\n", encoding="utf-8")
    result = built.run("build", "--lists", str(mine))
    assert result.exit_code == 1
    assert "counts_equal_fts5" not in result.output


def test_a_source_that_was_only_touched_is_read_again_when_need_be(built: Builder) -> None:
    """Another time with the same content is no change."""
    for path in built.source.rglob("*.parquet"):
        os.utime(path, (1, 1))
    assert "Nothing to do" in built.build().output
    assert "2 source files processed" in built.build("--blurred", "0.35").output


def test_a_source_that_changes_while_it_is_read_is_read_again(
    builder: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of what was read meanwhile is kept; the next build reads it as it is then."""
    clean = source_files.clean_file
    path = builder.source / "a.parquet"

    def meddle(connection: Any, source: Path, *arguments: Any, **named: Any) -> Any:
        when_read = named["when_read"]

        def later() -> None:
            if source == path:
                write_source(path, 0, count=70)
            when_read()

        return clean(connection, source, *arguments, **{**named, "when_read": later})

    with monkeypatch.context() as patch:
        patch.setattr(source_files, "clean_file", meddle)
        result = builder.run("build", "--source", str(builder.source))
        assert result.exit_code == 1
        assert "a.parquet: changed while it was read" in result.stderr
        assert "Rows: 60 read" in result.output
    assert "Rows: 130 read" in builder.build().output


@pytest.mark.parametrize("names", [("c",), ("c", "d"), ("aa", "c")])
def test_a_file_set_aside_is_a_failed_partition(
    built: Builder, monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...]
) -> None:
    """Whatever came with it, the UI shows it as failed and the others as made, each with why."""
    for start, name in enumerate(("aa", "c", "d"), start=2):
        write_source(built.source / f"{name}.parquet", 100 * start)
    with dg.DagsterInstance.ephemeral() as instance:
        monkeypatch.setattr(refresh, "_instance", lambda _: nullcontext(instance))
        for name in names:
            _failing(monkeypatch, "images", f"/{name}-", ZeroDivisionError("division by zero"))
        assert built.run("build", "--rehash").exit_code == 1
        sources = Workspace(built.root, _settings(built)).sources.all()
        states = instance.get_status_by_partition(
            dg.AssetKey("images"), [source.key for source in sources], SOURCE_FILES
        )
    assert states is not None
    failed = {key for key, state in states.items() if state == AssetPartitionStatus.FAILED}
    assert {key.rpartition("-")[0] for key in failed} == set(names)
    assert len(states) == 5
