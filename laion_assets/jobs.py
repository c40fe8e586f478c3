"""Jobs: what people start from the UI, named for what they want, and the weekly schedule.

Lives here: the jobs, and a look at the source once a week for whoever switches it on. Not here:
what starts by itself (`automation`).
"""

import dagster as dg

from laion_assets.core.base.errors import UserError
from laion_assets.core.build.graph import EXPORTS, MERGED, PER_FILE
from laion_assets.core.build.plan import make_plan
from laion_assets.keys import PARTITIONS, asset_key
from laion_assets.partitions import RANGE_END, RANGE_START
from laion_assets.resources import BuildDirectory

EVERYTHING_JOB = dg.define_asset_job(
    "bring_everything_up_to_date",
    selection=dg.AssetSelection.assets(*map(asset_key, (*PER_FILE, *MERGED))),
    description=(
        "All of it for the files you choose (choose all): reading, cleaning, matching, merging, "
        "search index, site. What is up to date takes no time."
    ),
)
FILE_JOB = dg.define_asset_job(
    "read_source_file",
    selection=dg.AssetSelection.assets(*map(asset_key, PER_FILE)),
    description="One source file's rows: reading, cleaning, matching, tokenising.",
)
MAIN_JOB = dg.define_asset_job(
    "merge_and_publish",
    selection=dg.AssetSelection.assets(*map(asset_key, MERGED)),
    description="Every merged asset: aggregates, search index, site. Up-to-date ones do nothing.",
)
EXPORT_JOB = dg.define_asset_job(
    "export_for_other_programs",
    selection=dg.AssetSelection.assets(*map(asset_key, EXPORTS)),
    description="Every export: SQLite for Datasette, DuckDB with parquet, dataset descriptions.",
)
CHECK_JOB = dg.define_asset_job(
    "check_everything",
    selection=dg.AssetSelection.all_asset_checks(),
    description="Every check of what is built and published, and nothing else.",
)

JOBS = (EVERYTHING_JOB, FILE_JOB, MAIN_JOB, EXPORT_JOB, CHECK_JOB)


@dg.schedule(
    name="look_weekly",
    job=EVERYTHING_JOB,
    cron_schedule="0 3 * * 1",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Looks at the source on Mondays at three; publishes if something changed.",
)
def look_weekly(
    context: dg.ScheduleEvaluationContext, build: BuildDirectory
) -> dg.RunRequest | dg.SkipReason:
    """Ask for everything in one run, if something is new, changed or gone."""
    workspace = build.open()
    try:
        plan = make_plan(workspace)
        present = [source.key for source in workspace.sources.all()]
    except UserError as error:
        return dg.SkipReason(str(error))
    if plan.nothing_to_do:
        return dg.SkipReason(f"{len(present)} source files, nothing new, changed or gone")
    known = context.instance.get_dynamic_partitions(PARTITIONS)
    missing = sorted(set(present) - set(known))
    if missing:
        context.instance.add_dynamic_partitions(PARTITIONS, missing)
    keys = [*(key for key in known if key in present), *missing]
    return dg.RunRequest(tags={RANGE_START: keys[0], RANGE_END: keys[-1]})
