"""Asset checks: the invariants of `core.build.invariants`, shown on the assets they guard.

Hard invariants are also asserted before anything is written (`core.cleaning`); these look at what
lies on disk afterwards. Checks that run together are one step: a step costs Dagster more time than
most of these take.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import dagster as dg
import duckdb
import pyarrow as pa
from dagster_duckdb import DuckDBResource

from laion_assets.core.base.machine import explain
from laion_assets.core.build import invariants
from laion_assets.core.build.graph import EXPORTS
from laion_assets.core.build.losses import find_losses
from laion_assets.core.build.plan import current_error
from laion_assets.core.build.workspace import Workspace
from laion_assets.core.names.registry import ENTITY_LISTS
from laion_assets.core.tables.registry import TABLE_ASSETS
from laion_assets.keys import asset_key
from laion_assets.resources import LOCK_WAIT, BuildDirectory

_Problems = Callable[[Workspace, duckdb.DuckDBPyConnection], list[str]]


@dataclass(frozen=True)
class _Check:
    """One invariant of one asset; `problems` returns what is wrong, a line each."""

    asset: str
    name: str
    description: str
    problems: _Problems

    @property
    def spec(self) -> dg.AssetCheckSpec:
        return dg.AssetCheckSpec(
            self.name, asset=asset_key(self.asset), description=self.description
        )


def _step(name: str, checks: Sequence[_Check]) -> dg.AssetChecksDefinition:
    """Return one step that runs whichever of the checks are asked for."""
    by_key = {check.spec.key: check for check in checks}

    @dg.multi_asset_check(name=name, specs=[check.spec for check in checks], can_subset=True)
    def run(
        context: dg.AssetCheckExecutionContext, build: BuildDirectory, duckdb_engine: DuckDBResource
    ) -> Iterator[dg.AssetCheckResult]:
        workspace = build.open()
        for key in sorted(context.selected_asset_check_keys, key=str):
            # Another build may be halfway through renewing what is looked at.
            with (
                workspace.lock.held(wait=LOCK_WAIT),
                duckdb_engine.get_connection() as connection,
            ):
                problems = _problems(by_key[key], workspace, connection)
            yield dg.AssetCheckResult(
                asset_key=key.asset_key,
                check_name=key.name,
                passed=not problems,
                metadata={
                    "problems": len(problems),
                    "first": invariants.first_lines(problems) or "none",
                },
            )

    return run


#: What a damaged table, or one that is not there, raises.
_UNREADABLE = (
    duckdb.Error,
    pa.ArrowException,
    OSError,
)
#: Mistakes of a query, which are ours; of a damaged table DuckDB says that its input is invalid.
_OURS = (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException)


def _problems(
    check: _Check, workspace: Workspace, connection: duckdb.DuckDBPyConnection
) -> list[str]:
    try:
        return check.problems(workspace, connection)
    except _UNREADABLE as error:
        if isinstance(error, _OURS) or explain(error) is not None:  # or the disk's, or memory's
            raise
        said = str(error).partition("\n")[0]
        return [f"a table cannot be read ({said}); `laion-assets build --rehash` makes it again"]


def _set_aside(workspace: Workspace, _: duckdb.DuckDBPyConnection) -> list[str]:
    errors = ((source, current_error(workspace, source.key)) for source in workspace.sources.all())
    return [f"{source.relative}: {note.error}" for source, note in errors if note is not None]


def _losses(workspace: Workspace, _: duckdb.DuckDBPyConnection) -> list[str]:
    return [f"{name}: {said}" for name, said in find_losses(workspace).items()]


def _as_declared(asset: str) -> _Check:
    return _Check(
        asset,
        "as_declared",
        "Every table has the columns, types and order that are declared for it.",
        lambda workspace, _: invariants.tables_as_declared(workspace, asset),
    )


def _counts_within_rows(asset: str, table: str) -> _Check:
    return _Check(
        asset,
        "counts_within_rows",
        "Every count is at most the rows it is a part of.",
        lambda workspace, _: invariants.counts_within_rows(workspace, table),
    )


def _counts_equal_fts5(table: str) -> _Check:
    return _Check(
        table,
        "counts_equal_fts5",
        "Every name's count equals SQLite FTS5's on a sample of captions.",
        lambda workspace, _: invariants.names_equal_fts5(workspace, table),
    )


def _nothing_unwanted_exported(asset: str) -> _Check:
    return _Check(
        asset,
        "nothing_withheld_or_removed_appears",
        "No row that must not be published stands in these files.",
        lambda workspace, connection: invariants.nothing_unwanted_exported(
            workspace, connection, asset
        ),
    )


ASSET_CHECKS: Sequence[dg.AssetChecksDefinition] = [
    _step(
        "check_source_files",
        [_Check("raw_parquet", "every_file_readable", "No source file is set aside.", _set_aside)],
    ),
    _step(
        "check_images",
        [
            _Check(
                "images",
                "kept_plus_rejected_is_read",
                "kept + rejected = read, for every source file.",
                lambda workspace, _: invariants.kept_and_rejected(workspace),
            ),
            _Check(
                "images",
                "most_rows_kept",
                "At least half of every source file's rows are kept, or the settings accept less.",
                _losses,
            ),
            _Check(
                "images",
                "rows_unique",
                "(source_file, row) occurs once over images and rejects.",
                lambda workspace, _: invariants.rows_unique(workspace),
            ),
        ],
    ),
    _step(
        "check_tables",
        [
            *(_as_declared(asset) for asset in TABLE_ASSETS),
            *(
                _counts_within_rows(asset.name, asset.tables[0].name)
                for asset in TABLE_ASSETS.values()
                if asset.tables[0].counted
            ),
            *(_counts_equal_fts5(table) for table in ENTITY_LISTS),
            _Check(
                "domains",
                "sum_is_published",
                "The sum over domains is kept less withheld.",
                invariants.domains_add_up,
            ),
        ],
    ),
    _step(
        "check_site",
        [
            _Check(
                "site",
                "links_resolve",
                "Every relative link leads to a published file.",
                lambda workspace, _: invariants.links_resolve(workspace.paths.site),
            ),
            _Check(
                "site",
                "nothing_withheld_appears",
                "No withheld row stands in anything published.",
                invariants.nothing_withheld,
            ),
            _Check(
                "site",
                "nothing_removed_appears",
                "No removed row stands in anything published.",
                invariants.nothing_removed,
            ),
        ],
    ),
    _step("check_exports", [_nothing_unwanted_exported(asset) for asset in EXPORTS]),
]
