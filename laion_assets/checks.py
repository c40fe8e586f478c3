"""Asset checks: the invariants of `core.verdicts`, shown on the assets they guard.

Hard invariants are also asserted before anything is written (`core.cleaning`); these look at what
lies on disk afterwards.
"""

from collections.abc import Callable, Sequence

import dagster as dg
import duckdb
from dagster_duckdb import DuckDBResource

from laion_assets.core import verdicts
from laion_assets.core.graph import ENTITY_LISTS
from laion_assets.core.plan import current_error
from laion_assets.core.workspace import Workspace
from laion_assets.resources import BuildDirectory

_Verdict = Callable[[Workspace, duckdb.DuckDBPyConnection], list[str]]
_COUNTED = ("domains", "platforms", *ENTITY_LISTS, "nsfw", "years", "quality")


def _check(asset: str, name: str, description: str, verdict: _Verdict) -> dg.AssetChecksDefinition:
    @dg.asset_check(asset=asset, name=name, description=description)
    def run(build: BuildDirectory, duckdb_engine: DuckDBResource) -> dg.AssetCheckResult:
        workspace = build.open()
        workspace.temporary.mkdir(parents=True, exist_ok=True)
        with duckdb_engine.get_connection() as connection:
            problems = verdict(workspace, connection)
        return dg.AssetCheckResult(
            passed=not problems,
            metadata={"problems": len(problems), "first": verdicts.first_lines(problems) or "none"},
        )

    return run


def _set_aside(workspace: Workspace, _: duckdb.DuckDBPyConnection) -> list[str]:
    errors = ((source, current_error(workspace, source.key)) for source in workspace.sources())
    return [f"{source.relative}: {error}" for source, error in errors if error is not None]


ASSET_CHECKS: Sequence[dg.AssetChecksDefinition] = [
    _check("raw_parquet", "every_file_readable", "No source file is set aside.", _set_aside),
    _check(
        "images",
        "kept_plus_rejected_is_read",
        "kept + rejected = read, for every source file.",
        lambda workspace, _: verdicts.kept_and_rejected(workspace),
    ),
    _check(
        "images",
        "rows_unique",
        "(source_file, row) occurs once over images and rejects.",
        verdicts.rows_unique,
    ),
    *(
        _check(
            table,
            "counts_within_rows",
            "Every count is at most the rows it is a part of.",
            lambda workspace, _, table=table: verdicts.counts_within_rows(workspace, table),  # type: ignore[misc]
        )
        for table in _COUNTED
    ),
    _check(
        "domains",
        "sum_is_published",
        "The sum over domains is kept less withheld.",
        verdicts.domains_add_up,
    ),
    *(
        _check(
            name,
            "counts_equal_fts5",
            "Every name's count equals SQLite FTS5's on a sample of captions.",
            lambda workspace, connection, name=name: verdicts.names_equal_fts5(  # type: ignore[misc]
                workspace, name, connection
            ),
        )
        for name in ENTITY_LISTS
    ),
    _check(
        "site",
        "links_resolve",
        "Every relative link leads to a published file.",
        lambda workspace, _: verdicts.links_resolve(workspace.site),
    ),
    _check(
        "site",
        "nothing_withheld_appears",
        "No withheld row stands in anything published.",
        verdicts.nothing_withheld,
    ),
]
