"""The published site agrees with itself: it is made only of what goes together."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import dagster as dg
import pytest
from dagster._core.events import StepMaterializationData

from laion_assets.assembly import build_defs
from laion_assets.core.build.agreement import waits_for
from laion_assets.core.build.graph import GRAPH, MERGED, PER_FILE
from laion_assets.core.build.settings import load_settings
from laion_assets.core.build.workspace import Workspace
from laion_assets.partitions import RANGE_END, RANGE_START
from tests.building import Builder, write_source

_FILE = "dagster/partition"  # the tag of a run that is of one file


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    """Return a history that nobody keeps."""
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def _workspace(builder: Builder) -> Workspace:
    settings = load_settings(builder.root)
    assert settings is not None
    return Workspace(builder.root, settings)


def _materialise(
    builder: Builder, instance: dg.DagsterInstance, assets: Sequence[str], key: str | None = None
) -> dg.ExecuteInProcessResult:
    job = build_defs(builder.root).resolve_implicit_global_asset_job_def()
    return job.execute_in_process(
        instance=instance,
        asset_selection=[dg.AssetKey(name) for name in assets],
        partition_key=key,
        raise_on_error=False,
    )


def _failure(result: dg.ExecuteInProcessResult) -> str:
    failures = result.get_step_failure_events()
    return "".join(str(event.step_failure_data.error) for event in failures)


def _new_key(builder: Builder, instance: dg.DagsterInstance) -> str:
    """Return the key of a file that is new, its partition added."""
    write_source(builder.source / "new.parquet", 900)
    keys = {source.key for source in _workspace(builder).sources.all()}
    (key,) = (key for key in keys if key.startswith("new"))
    instance.add_dynamic_partitions("source_file", sorted(keys))
    return key


def _published(builder: Builder) -> int:
    summary = json.loads((builder.root / "site" / "data" / "summary.json").read_bytes())
    published: int = summary["rows"]["published"]
    return published


@pytest.mark.parametrize("merged", [("search_index", "words"), tuple(MERGED[:-2])])
def test_a_site_of_some_new_tables_and_some_old_ones_is_refused(
    built: Builder, instance: dg.DagsterInstance, merged: Sequence[str]
) -> None:
    """Some assets were merged with a new file: the site says what it waits for, and stays."""
    before = built.site_files()
    key = _new_key(built, instance)
    assert _materialise(built, instance, PER_FILE, key).success
    assert _materialise(built, instance, merged).success
    refused = _materialise(built, instance, ["site"])
    assert not refused.success
    waiting = set(MERGED) - {*merged, "site"}
    assert set(waits_for(_workspace(built), "site")) == waiting
    for name in waiting:
        assert name in _failure(refused)
    assert "laion-assets build" in _failure(refused)
    assert built.site_files() == before
    assert _materialise(built, instance, [name for name in MERGED if name in waiting]).success
    assert _materialise(built, instance, ["site"]).success
    assert _published(built) > 100


@pytest.mark.parametrize("missing", ["tallies", "mentions", "index_segment"])
def test_a_file_that_is_only_half_there_is_waited_for(
    built: Builder, instance: dg.DagsterInstance, missing: str
) -> None:
    """Rows in which no name was looked for, or that no search finds, are published nowhere."""
    before = built.site_files()
    key = _new_key(built, instance)
    assert _materialise(
        built, instance, [name for name in PER_FILE if name != missing], key
    ).success
    _materialise(built, instance, [name for name in MERGED if missing not in GRAPH[name].upstream])
    assert built.site_files() == before


def test_a_changed_file_is_counted_everywhere_or_nowhere(
    built: Builder, instance: dg.DagsterInstance
) -> None:
    """Its rows were read anew but not matched: names of its old rows are no part of a new site."""
    before = built.site_files()
    write_source(built.source / "a.parquet", 300, 90)
    workspace = _workspace(built)
    (key,) = (source.key for source in workspace.sources.all() if source.key.startswith("a"))
    instance.add_dynamic_partitions("source_file", [s.key for s in workspace.sources.all()])
    assert _materialise(built, instance, ["raw_parquet", "images"], key).success
    refused = _materialise(built, instance, MERGED)
    assert "mentions" in _failure(refused)
    assert built.site_files() == before
    assert _materialise(built, instance, PER_FILE, key).success
    assert _materialise(built, instance, MERGED).success


def test_a_vanished_file_leaves_all_pages_at_once(
    built: Builder, instance: dg.DagsterInstance
) -> None:
    """Tables merged without it are not published beside those that still count it."""
    before = built.site_files()
    (built.source / "a.parquet").unlink()
    assert _materialise(built, instance, ["domains"]).success
    refused = _materialise(built, instance, ["site"])
    assert "artists" in _failure(refused)
    assert built.site_files() == before
    assert _materialise(built, instance, MERGED).success


def test_a_build_and_a_takedown_wait_for_nothing(built: Builder) -> None:
    """The command makes everything in order; taking rows out never waits."""
    write_source(built.source / "new.parquet", 900)
    built.build()
    assert waits_for(_workspace(built), "site") == ()
    host = "https://shop.example.com/2019/02/1.jpg"
    assert built.run("remove", "--url", host).exit_code == 0


class _Ticks:
    """The automation conditions, evaluated tick by tick over invented materialisations."""

    def __init__(self, builder: Builder, instance: dg.DagsterInstance) -> None:
        self._defs = build_defs(builder.root)
        self._instance = instance
        self._cursor: dg.AssetDaemonCursor | None = None  # type: ignore[name-defined]

    def requested(self) -> dict[str, int]:
        """Return how many partitions of which assets are asked for at this tick."""
        result = dg.evaluate_automation_conditions(
            self._defs,
            self._instance,
            asset_selection=dg.AssetSelection.all(),
            cursor=self._cursor,
        )
        self._cursor = result.cursor
        counts = {r.key.to_user_string(): result.get_num_requested(r.key) for r in result.results}
        return {name: count for name, count in counts.items() if count}

    def made(self, asset: str, key: str | None = None, run: dg.DagsterRun | None = None) -> None:
        """Report that an asset, or one file's part of it, was materialised, by a run or by none."""
        made = dg.AssetMaterialization(asset, partition=key)
        if run is None:
            self._instance.report_runless_asset_event(made)
            return
        event = dg.DagsterEvent(
            event_type_value=dg.DagsterEventType.ASSET_MATERIALIZATION.value,
            job_name=run.job_name,
            event_specific_data=StepMaterializationData(made),
        )
        self._instance.report_dagster_event(event, run.run_id)


@pytest.fixture
def ticks(builder: Builder, instance: dg.DagsterInstance) -> _Ticks:
    """Return the conditions of a build with two files, everything made."""
    ticks = _Ticks(builder, instance)
    instance.add_dynamic_partitions("source_file", ["a", "b"])
    for asset in PER_FILE:
        for key in "ab":
            ticks.made(asset, key)
    for asset in MERGED:
        ticks.made(asset)
    assert ticks.requested() == {}
    return ticks


def test_nothing_is_merged_where_there_is_no_file(
    builder: Builder, instance: dg.DagsterInstance
) -> None:
    """A build directory without files asks for no run that could only fail."""
    assert _Ticks(builder, instance).requested() == {}


def test_a_new_file_is_asked_for_in_one_go(ticks: _Ticks, instance: dg.DagsterInstance) -> None:
    """All of its outputs at one tick, which Dagster makes one run, and nothing merged before."""
    instance.add_dynamic_partitions("source_file", ["c", "d"])
    assert ticks.requested() == dict.fromkeys(PER_FILE, 2)


def test_wherever_a_tick_falls_merging_waits_for_every_file(
    ticks: _Ticks, instance: dg.DagsterInstance
) -> None:
    """A tick after every single output: merged assets are asked for once, all, and last.

    The outputs of two files come in turns, those of one in the opposite order.
    """
    instance.add_dynamic_partitions("source_file", ["c", "d"])
    opposite = (PER_FILE[0], *PER_FILE[:0:-1])
    turns = zip(PER_FILE, opposite, strict=True)
    pairs = [pair for one, other in turns for pair in ((one, "c"), (other, "d"))]
    for number, (asset, key) in enumerate(pairs):
        assert set(ticks.requested()) <= set(PER_FILE), f"before output {number}"
        ticks.made(asset, key)
    assert ticks.requested() == dict.fromkeys(MERGED, 1)
    for asset in MERGED:
        ticks.made(asset)
    assert ticks.requested() == {}


@pytest.mark.parametrize("unseen", [0, len(MERGED) - 1])
def test_wherever_a_tick_falls_in_a_run_it_is_followed_by_none(
    builder: Builder, ticks: _Ticks, instance: dg.DagsterInstance, unseen: int
) -> None:
    """One run makes all that is merged; ticks look after some of its outputs and after the last."""
    ticks.made("images", "a")
    assert ticks.requested() == dict.fromkeys(MERGED, 1)
    run = _started(builder, instance, MERGED, {})
    assert ticks.requested() == {}
    for number, asset in enumerate(MERGED):
        ticks.made(asset, run=run)
        if number >= unseen:
            assert ticks.requested() == {}, f"after {asset}"
    instance.report_run_canceled(run)
    assert ticks.requested() == {}
    assert ticks.requested() == {}


def test_a_file_made_after_merging_but_before_the_tick_is_merged_too(ticks: _Ticks) -> None:
    """The conditions see what was made between two ticks, not in which order."""
    for asset in ("search_index", "site"):
        ticks.made(asset)
    for asset in PER_FILE:
        ticks.made(asset, "a")
    assert ticks.requested() == dict.fromkeys(MERGED, 1)
    for asset in MERGED:
        ticks.made(asset)
    assert ticks.requested() == {}


def test_a_changed_list_is_merged_when_every_file_was_matched(
    builder: Builder, ticks: _Ticks, instance: dg.DagsterInstance
) -> None:
    """Matching one file after another asks for no site of old and new names."""
    run = _started(builder, instance, ["mentions"], {RANGE_START: "a", RANGE_END: "b"})
    ticks.made("mentions", "a")
    assert ticks.requested() == {}
    ticks.made("mentions", "b")
    instance.report_run_canceled(run)
    assert ticks.requested() == dict.fromkeys(MERGED, 1)


@pytest.mark.parametrize("happened", ["domains made alone", "site lost"])
def test_what_is_merged_is_asked_for_together(
    ticks: _Ticks, instance: dg.DagsterInstance, happened: str
) -> None:
    """One of them that is missing, or was made by itself: what is up to date takes no time."""
    if happened == "site lost":
        instance.wipe_assets([dg.AssetKey("site")])
    else:
        ticks.made("domains")
    assert ticks.requested() == dict.fromkeys(MERGED, 1)
    for asset in MERGED:
        ticks.made(asset)
    assert ticks.requested() == {}


def test_a_tick_reads_the_names_of_the_files_seldom(
    ticks: _Ticks, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dagster does for every condition it notes of something that has a part for each file."""
    read = instance.get_dynamic_partitions
    times = []

    def counted(partitions_def_name: str) -> Sequence[str]:
        times.append(partitions_def_name)
        return read(partitions_def_name)

    monkeypatch.setattr(instance, "get_dynamic_partitions", counted)
    assert ticks.requested() == {}
    assert len(times) < 1_000


@pytest.mark.parametrize("asset", ["images", "site"])
def test_what_a_run_has_just_made_is_not_asked_for_again(
    builder: Builder, ticks: _Ticks, instance: dg.DagsterInstance, asset: str
) -> None:
    """A tick that began before the run's end still knows nothing of what it made."""
    file = "c" if asset in PER_FILE else None
    if file is None:
        instance.wipe_assets([dg.AssetKey(asset)])
    else:
        instance.add_dynamic_partitions("source_file", [file])
    run = _started(builder, instance, [asset], {_FILE: file} if file else {})
    assert asset not in ticks.requested()
    instance.report_run_canceled(run)  # what was made in it is not read yet: as if nothing were
    assert asset not in ticks.requested()
    assert ticks.requested()[asset] == 1, "not made after all"


def _started(
    builder: Builder, instance: dg.DagsterInstance, assets: Sequence[str], tags: dict[str, str]
) -> dg.DagsterRun:
    """Return a run of these assets that is under way."""
    selection = frozenset(map(dg.AssetKey, assets))
    job = build_defs(builder.root).resolve_implicit_global_asset_job_def()
    return instance.create_run_for_job(
        job.get_subset(asset_selection=selection),
        tags=tags,
        status=dg.DagsterRunStatus.STARTED,
        asset_selection=selection,
    )
