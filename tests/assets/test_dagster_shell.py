"""The asset graph as Dagster sees it: specs, sensor, checks, conditions."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import dagster as dg
import pytest

from laion_assets.assembly import build_defs
from laion_assets.core.build.graph import EXPORTS, GRAPH, MERGED, PER_FILE
from laion_assets.core.build.settings import Settings, load_settings, save_settings
from laion_assets.core.build.workspace import Workspace
from tests.building import Builder, write_source

#: asset: group, per file or merged, upstream. Small enough to be read in review.
SNAPSHOT = {
    "raw_parquet": ("source_files", "per file", ""),
    "images": ("source_files", "per file", "raw_parquet"),
    "tallies": ("source_files", "per file", "images"),
    "mentions": ("source_files", "per file", "images"),
    "index_segment": ("source_files", "per file", "images"),
    "duplicates": ("aggregates", "merged", "images"),
    "domains": ("aggregates", "merged", "duplicates images tallies"),
    "platforms": ("aggregates", "merged", "domains duplicates images tallies"),
    "words": ("aggregates", "merged", "images index_segment"),
    "artists": ("names", "merged", "images mentions tallies words"),
    "celebrities": ("names", "merged", "images mentions tallies words"),
    "characters": ("names", "merged", "images mentions tallies words"),
    "study": (
        "names",
        "merged",
        "artists celebrities characters images mentions platforms tallies",
    ),
    "nsfw": ("aggregates", "merged", "tallies"),
    "years": ("aggregates", "merged", "duplicates images tallies"),
    "quality": ("aggregates", "merged", "images tallies"),
    "search_index": ("published", "merged", "index_segment mentions"),
    "site": (
        "published",
        "merged",
        (
            "artists celebrities characters domains duplicates nsfw platforms quality "
            "search_index study words years"
        ),
    ),
    "datasette_db": ("exports", "merged", "artists celebrities characters domains images mentions"),
    "duckdb_file": (
        "exports",
        "merged",
        (
            "artists celebrities characters domains duplicates images mentions nsfw platforms "
            "quality study words years"
        ),
    ),
    "dataset_card": ("exports", "merged", "duckdb_file"),
}


def _is_made(dep: dg.AssetDep) -> bool:
    return dep.asset_key.path[0] not in ("lists", "source_file")


@pytest.fixture
def specs(tmp_path: Path) -> dict[str, dg.AssetSpec]:
    """Return the spec of every asset that is made, by name."""
    return {
        spec.key.to_user_string(): spec
        for spec in build_defs(tmp_path).resolve_all_asset_specs()
        if spec.group_name != "given"
    }


def test_what_others_make_is_in_the_graph(specs: dict[str, dg.AssetSpec]) -> None:
    """Source files stand before what is read of them, each list before what it changes."""
    lists = {
        name: [dep for dep in spec.deps if dep.asset_key.path[0] == "lists"]
        for name, spec in specs.items()
    }
    assert len(lists["mentions"]) == 4
    assert [dep.asset_key.path[1] for dep in lists["artists"]] == ["artists"]
    assert [dep.asset_key.path[1] for dep in lists["site"]] == ["claims"]
    assert not lists["images"]
    (source,) = specs["raw_parquet"].deps
    assert source.asset_key == dg.AssetKey("source_file")


def test_the_graph_is_the_one_of_the_contract(specs: dict[str, dg.AssetSpec]) -> None:
    """Keys, groups, partitioning and dependencies change only on purpose."""
    found = {
        name: (
            spec.group_name,
            "per file" if spec.partitions_def else "merged",
            " ".join(sorted(dep.asset_key.to_user_string() for dep in spec.deps if _is_made(dep))),
        )
        for name, spec in specs.items()
    }
    assert found == SNAPSHOT


def test_every_asset_is_worth_clicking(specs: dict[str, dg.AssetSpec]) -> None:
    """Each has a description, kinds, a code version, no owner; exports alone no condition."""
    for name, spec in specs.items():
        assert spec.description
        assert spec.kinds
        assert spec.code_version, name
        assert (spec.automation_condition is None) is (name in EXPORTS), name
        assert not spec.owners


def test_every_asset_leads_to_its_code(specs: dict[str, dg.AssetSpec]) -> None:
    """The UI opens the function that makes it, not the one that runs it."""
    for name, spec in specs.items():
        (reference,) = spec.metadata["dagster/code_references"].code_references
        lines = Path(reference.file_path).read_text().splitlines()
        found = "\n".join(lines[reference.line_number - 1 : reference.line_number + 2])
        assert any(f"def {made}(" in found for made in (name, f"_{name}", "make")), found


def test_the_jobs_are_what_people_do(tmp_path: Path) -> None:
    """Bring everything up to date, publish, check; and a weekly look that is off until wanted."""
    defs = build_defs(tmp_path)
    names = {job.name for job in defs.jobs or ()}
    assert {"bring_everything_up_to_date", "merge_and_publish", "check_everything"} <= names
    (schedule,) = defs.schedules or ()
    assert schedule.default_status is dg.DefaultScheduleStatus.STOPPED


def test_the_weekly_look_asks_for_everything_once_something_changed(built: Builder) -> None:
    """One run over every file when there is a new one; nothing else."""
    from laion_assets.jobs import look_weekly
    from laion_assets.resources import BuildDirectory

    def looked(instance: dg.DagsterInstance) -> dg.RunRequest | dg.SkipReason:
        with dg.build_schedule_context(
            instance=instance,
            resources={"build": BuildDirectory(path=str(built.root))},
            repository_def=build_defs(built.root).get_repository_def(),
        ) as context:
            asked = look_weekly(context)
        assert isinstance(asked, dg.RunRequest | dg.SkipReason)
        return asked

    with dg.instance_for_test() as instance:
        assert isinstance(looked(instance), dg.SkipReason)
        write_source(built.source / "new.parquet", 900)
        asked = looked(instance)
        assert isinstance(asked, dg.RunRequest)
        keys = list(instance.get_dynamic_partitions("source_file"))
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("source_file", keys)
        job = build_defs(built.root).resolve_job_def("bring_everything_up_to_date")
        assert job.execute_in_process(instance=instance, tags=asked.tags).success
    with dg.instance_for_test() as instance:
        assert isinstance(looked(instance), dg.SkipReason)
    assert len(Workspace(built.root, _settings(built)).sources.usable_keys()) == 3


def test_metadata_is_numbers_that_can_be_plotted(built: Builder) -> None:
    """Each count by itself, rows of a file under the key of its partition, and where it lies."""
    from laion_assets.assets.report import describe_made

    workspace = Workspace(built.root, _settings(built))
    (key, *_) = workspace.sources.usable_keys()
    stamp = workspace.stamps.read("images", key)
    assert stamp is not None
    metadata = describe_made(workspace, "images", key, stamp)
    assert metadata["read"] == stamp.counts["read"]
    assert metadata["rejected: bad_url"] == stamp.counts["rejected"]["bad_url"]
    assert metadata["dagster/partition_row_count"] == stamp.counts["kept"]
    assert "dagster/row_count" not in metadata
    columns = {c.name: c.description for c in metadata["dagster/column_schema"].columns}
    assert "caption" in (columns["caption"] or "")
    assert all(said for name, said in columns.items() if not name.endswith("_digest"))
    assert metadata["dagster/uri"] == workspace.paths.table("images", key).as_uri()
    stamp = workspace.stamps.read("domains")
    assert stamp is not None
    metadata = describe_made(workspace, "domains", None, stamp)
    assert metadata["dagster/row_count"] == 3
    lineage = metadata["dagster/column_lineage"].deps_by_column
    assert lineage["domain"] == [dg.TableColumnDep(dg.AssetKey("images"), "domain")]
    assert "images" not in lineage


def test_a_run_can_be_told_to_make_it_again(built: Builder) -> None:
    """What is up to date is made anew when the launchpad says so; a folder is never made there."""
    job = build_defs(built.root).resolve_implicit_global_asset_job_def()

    def fresh(**build: object) -> bool:
        config = {"resources": {"build": {"config": {"path": str(built.root), **build}}}}
        with dg.DagsterInstance.ephemeral() as instance:
            result = job.execute_in_process(
                instance=instance,
                asset_selection=[dg.AssetKey("years")],
                run_config=config,
                raise_on_error=False,
            )
        if not result.success:
            raise FileNotFoundError(str(result.get_step_failure_events()[0].event_specific_data))
        (event,) = result.get_asset_materialization_events()
        return not event.materialization.metadata["up to date already"].value

    assert not fresh()
    assert fresh(again=True)
    assert not fresh()
    elsewhere = built.root.with_name("slip")
    with pytest.raises(FileNotFoundError, match="no such build directory"):
        fresh(path=str(elsewhere))
    assert not elsewhere.exists()


def test_both_sensors_run_from_the_start(tmp_path: Path) -> None:
    """Discovery and automation are declared running; Dagster's default would be stopped."""
    sensors = build_defs(tmp_path).sensors
    assert sensors is not None
    assert {sensor.name for sensor in sensors} == {
        "discover_source_files",
        "materialise_what_follows",
    }
    for sensor in sensors:
        assert sensor.default_status is dg.DefaultSensorStatus.RUNNING


def _discover(builder: Builder, instance: dg.DagsterInstance) -> dg.SensorResult | dg.SkipReason:
    from laion_assets.automation import discover_source_files
    from laion_assets.resources import BuildDirectory

    context = dg.build_sensor_context(
        instance=instance,
        resources={"build": BuildDirectory(path=str(builder.root))},
        definitions=build_defs(builder.root),
    )
    result = discover_source_files(context)
    assert isinstance(result, dg.SensorResult | dg.SkipReason)
    return result


def test_the_sensor_adds_new_files_and_drops_vanished_ones(builder: Builder) -> None:
    """Partitions follow the saved source set; a vanished file asks for the merge."""
    save_settings(builder.root, Settings(dataset="files", sources=(str(builder.source),)))
    with dg.instance_for_test() as instance:
        result = _discover(builder, instance)
        assert isinstance(result, dg.SensorResult)
        (request,) = result.dynamic_partitions_requests or ()
        assert len(request.partition_keys) == 2
        instance.add_dynamic_partitions("source_file", list(request.partition_keys))
        assert isinstance(_discover(builder, instance), dg.SkipReason)
        (builder.source / "a.parquet").unlink()
        result = _discover(builder, instance)
        assert isinstance(result, dg.SensorResult)
        (deletion,) = result.dynamic_partitions_requests or ()
        assert isinstance(deletion, dg.DeleteDynamicPartitionsRequest)
        assert [run.job_name for run in result.run_requests or ()] == ["merge_and_publish"]


def test_a_merge_that_came_to_nothing_is_asked_for_once_more(
    built: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not at once, when it may still be on its way, but when it has been due for minutes."""
    workspace = Workspace(built.root, _settings(built))
    keys = [source.key for source in workspace.sources.all()]
    made = workspace.stamps.time("index_segment", keys[0])
    for name in MERGED:
        os.utime(workspace.paths.stamp(name), ns=(made - 1, made - 1))
    workspace.paths.stamp("site").unlink()  # as a run leaves it that failed there
    with dg.instance_for_test() as instance:
        instance.add_dynamic_partitions("source_file", keys)
        monkeypatch.setattr("laion_assets.automation.time_ns", lambda: made + 200 * 10**9)
        assert isinstance(_discover(built, instance), dg.SkipReason)
        monkeypatch.setattr("laion_assets.automation.time_ns", lambda: made + 400 * 10**9)
        asked = _discover(built, instance)
        assert isinstance(asked, dg.SensorResult)
        (request,) = asked.run_requests or ()
        assert request.job_name == "merge_and_publish"
        again = _discover(built, instance)
        assert isinstance(again, dg.SensorResult)
        (same,) = again.run_requests or ()
        assert same.run_key == request.run_key, "which Dagster starts once"


def test_a_file_whose_run_was_killed_is_asked_for_once_more(
    built: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When nothing has run for minutes: before, it may be on its way."""
    workspace = Workspace(built.root, _settings(built))
    keys = [source.key for source in workspace.sources.all()]
    workspace.paths.stamp("index_segment", keys[0]).unlink()
    with dg.instance_for_test() as instance:
        instance.add_dynamic_partitions("source_file", keys)
        monkeypatch.setattr("laion_assets.automation._idle_for", lambda _: 200 * 10**9)
        assert isinstance(_discover(built, instance), dg.SkipReason)
        monkeypatch.setattr("laion_assets.automation._idle_for", lambda _: 400 * 10**9)
        asked = [_discover(built, instance) for _ in range(2)]
    requests = [r for a in asked if isinstance(a, dg.SensorResult) for r in a.run_requests or ()]
    assert [request.partition_key for request in requests] == [keys[0]] * 2
    assert requests[0].run_key == requests[1].run_key, "which Dagster starts once"


def test_how_long_nothing_ran_is_told_by_the_last_run(
    builder: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing ever ran, nothing was left undone."""
    from laion_assets.automation import _idle_for

    with dg.instance_for_test() as instance:
        assert _idle_for(instance) == 0
        job = build_defs(builder.root).resolve_implicit_global_asset_job_def()
        run = instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)
        assert _idle_for(instance) == 0, "one is under way"
        instance.report_run_canceled(run)
        now = time.time_ns()
        monkeypatch.setattr("laion_assets.automation.time_ns", lambda: now + 60 * 10**9)
        assert 59 * 10**9 < _idle_for(instance) < 61 * 10**9


def test_the_sensor_redoes_a_file_that_changed_under_its_name(built: Builder) -> None:
    """Dagster cannot see that; the sensor asks for that file's row work."""
    keys = [source.key for source in Workspace(built.root, _settings(built)).sources.all()]
    with dg.instance_for_test() as instance:
        instance.add_dynamic_partitions("source_file", keys)
        assert isinstance(_discover(built, instance), dg.SkipReason)
        write_source(built.source / "a.parquet", 700)
        result = _discover(built, instance)
        assert isinstance(result, dg.SensorResult)
        (run,) = result.run_requests or ()
        assert run.job_name == "read_source_file"
        assert run.partition_key in keys


def test_the_sensor_redoes_matching_when_a_list_of_the_users_changed(builder: Builder) -> None:
    """The user's own lists are no code, so Dagster cannot see that they changed."""
    folder = builder.root.parent / "mine"
    folder.mkdir()
    mine = folder / "more-artists.csv"
    mine.write_text("name\nNobody Known\n", encoding="utf-8")
    builder.build("--source", str(builder.source), "--lists", str(folder))
    keys = [source.key for source in Workspace(builder.root, _settings(builder)).sources.all()]
    with dg.instance_for_test() as instance:
        instance.add_dynamic_partitions("source_file", keys)
        assert isinstance(_discover(builder, instance), dg.SkipReason)
        mine.write_text("name\nNobody Known\nSunset\n", encoding="utf-8")
        result = _discover(builder, instance)
        assert isinstance(result, dg.SensorResult)
        requests = result.run_requests or ()
        assert {run.job_name for run in requests} == {"read_source_file"}
        assert {run.partition_key for run in requests} == set(keys)
        assert len({run.run_key for run in requests}) == len(keys)


def _settings(builder: Builder) -> Settings:
    return Settings(dataset="files", sources=(str(builder.source),))


def test_what_is_up_to_date_can_be_materialised_again(built: Builder) -> None:
    """Clicking an asset that is up to date shows its own table, however its stamp is sorted."""
    import pyarrow.parquet as pq

    from laion_assets.assets.report import describe_made
    from laion_assets.core.build.graph import MERGED

    workspace = Workspace(built.root, _settings(built))
    for name in MERGED:
        stamp = workspace.stamps.read(name)
        assert stamp is not None
        metadata = describe_made(workspace, name, None, stamp)
        table = workspace.paths.table("study_artists" if name == "study" else name)
        if table.exists():
            assert metadata["dagster/row_count"] == pq.read_metadata(table).num_rows, name


def test_the_sensor_publishes_again_what_only_the_settings_changed(built: Builder) -> None:
    """A new publisher asks for the merge once; new thresholds ask for the files, in one run."""
    keys = [source.key for source in Workspace(built.root, _settings(built)).sources.all()]
    settings = load_settings(built.root)
    assert settings is not None
    with dg.instance_for_test() as instance:
        instance.add_dynamic_partitions("source_file", keys)
        save_settings(built.root, replace(settings, publisher="Jane Doe"))
        asked = [_discover(built, instance) for _ in range(2)]
        runs = [run for told in asked for run in getattr(told, "run_requests", None) or ()]
        assert [run.job_name for run in runs] == ["merge_and_publish"] * 2
        assert len({run.run_key for run in runs}) == 1  # which Dagster runs once
        save_settings(built.root, settings.with_changes(blurred=0.4))
        told = _discover(built, instance)
        assert isinstance(told, dg.SensorResult)
        assert {run.job_name for run in told.run_requests or ()} == {"read_source_file"}


def test_the_sensor_tries_a_mended_file_again_and_shows_a_bad_one_as_failed(
    builder: Builder,
) -> None:
    """What cannot be read is asked for once, to fail, and again when it is another file."""
    bad = builder.source / "bad.parquet"
    bad.write_bytes(b"PAR1 no parquet PAR1")
    builder.run("build", "--source", str(builder.source))
    keys = [source.key for source in Workspace(builder.root, _settings(builder)).sources.all()]
    (key,) = (key for key in keys if key.startswith("bad"))
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("source_file", keys)
        told = _discover(builder, instance)
        assert isinstance(told, dg.SensorResult)
        (run,) = told.run_requests or ()
        assert run.tags["dagster/asset_partition_range_start"] == key
        job = build_defs(builder.root).resolve_job_def("read_source_file")
        failed = job.execute_in_process(instance=instance, tags=run.tags, raise_on_error=False)
        assert not failed.success
        assert "bad.parquet" in str(failed.get_step_failure_events()[0].event_specific_data)
        assert isinstance(_discover(builder, instance), dg.SkipReason)
        write_source(bad, 700)
        again = _discover(builder, instance)
        assert isinstance(again, dg.SensorResult)
        assert [run.partition_key for run in again.run_requests or ()] == [key]


def test_lists_changed_back_are_redone_again(builder: Builder) -> None:
    """A, B, then A: the third is another request than the first, or Dagster would skip it."""
    folder = builder.root.parent / "mine"
    folder.mkdir()
    mine = folder / "more-artists.csv"
    requests = set()
    with dg.instance_for_test() as instance:
        for built, saved in (("Sunset", "Aurora"), ("Aurora", "Sunset"), ("Sunset", "Aurora")):
            mine.write_text(f"name\n{built}\n", encoding="utf-8")
            builder.build("--source", str(builder.source), "--lists", str(folder))
            keys = [
                source.key for source in Workspace(builder.root, _settings(builder)).sources.all()
            ]
            instance.add_dynamic_partitions("source_file", keys)
            mine.write_text(f"name\n{saved}\n", encoding="utf-8")
            result = _discover(builder, instance)
            assert isinstance(result, dg.SensorResult)
            requests.add(frozenset(run.run_key or "" for run in result.run_requests or ()))
    assert len(requests) == 3


def test_the_sensor_waits_for_a_folder_of_lists_that_went_away(builder: Builder) -> None:
    """An unmounted disk must not republish the site with other lists."""
    folder = builder.root.parent / "mine"
    folder.mkdir()
    (folder / "more-artists.csv").write_text("name\nSunset\n", encoding="utf-8")
    builder.build("--source", str(builder.source), "--lists", str(folder))
    keys = [source.key for source in Workspace(builder.root, _settings(builder)).sources.all()]
    folder.rename(folder.with_name("gone"))
    with dg.instance_for_test() as instance:
        instance.add_dynamic_partitions("source_file", keys)
        result = _discover(builder, instance)
    assert isinstance(result, dg.SkipReason)
    assert "no such folder of lists" in str(result.skip_message)


def test_checks_guard_what_they_say(built: Builder) -> None:
    """A check fails when its invariant is broken on the disk."""
    import duckdb

    from laion_assets.core.build import invariants

    workspace = Workspace(built.root, _settings(built))
    with duckdb.connect() as connection:
        assert invariants.kept_and_rejected(workspace) == []
        assert invariants.links_resolve(workspace.paths.site) == []
        assert invariants.nothing_withheld(workspace, connection) == []
        (workspace.paths.site / "about.html").write_text('<a href="nowhere.html">x</a>')
        assert invariants.links_resolve(workspace.paths.site) == [
            "about.html: nowhere.html leads nowhere"
        ]
        ((withheld,),) = connection.sql(
            "SELECT image_id FROM kept WHERE visibility = 'withheld' LIMIT 1"
        ).fetchall()
        (workspace.paths.site / "about.html").write_text(f"<p>{withheld}</p>")
        assert invariants.nothing_withheld(workspace, connection) == [
            "about.html: 1 rows that must not be published"
        ]


def test_every_node_of_the_graph_has_an_asset(specs: dict[str, dg.AssetSpec]) -> None:
    """The graph the command line plans from is the graph of the UI."""
    assert set(specs) == set(GRAPH)


@pytest.mark.usefixtures("history_on_disk")
def test_the_history_of_a_build_is_in_its_directory(builder: Builder) -> None:
    """What the UI shows of a build: its partitions and every asset, made once."""
    (builder.source / "deep" / "b.parquet").unlink()
    builder.build("--source", str(builder.source))
    with dg.DagsterInstance.from_config(str(builder.root / "dagster")) as instance:
        keys = [source.key for source in Workspace(builder.root, _settings(builder)).sources.all()]
        assert sorted(instance.get_dynamic_partitions("source_file")) == sorted(keys)
        for name in GRAPH:
            asset = dg.AssetKey(name)
            made = instance.fetch_materializations(asset, limit=10).records
            expected = keys if name in PER_FILE else [] if name in EXPORTS else [None]
            assert sorted(r.partition_key for r in made) == sorted(expected), name
