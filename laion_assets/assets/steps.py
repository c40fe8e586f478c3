"""The step every asset shares: ask the stamp, do the work under the lock, stamp, report.

Lives here: the parts of it, and the decorator that turns a plain function into a merged asset of
`core.build.graph`. Not here: assets with a part for each source file (`per_file`), any asset.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from inspect import cleandoc
from typing import Any

import dagster as dg
import duckdb
from dagster_duckdb import DuckDBResource

from laion_assets.assets.external import given_to
from laion_assets.assets.progress_log import logged
from laion_assets.assets.report import code_of, describe_made
from laion_assets.automation import merged_condition
from laion_assets.core.base.errors import ChangedSourceFile, UserError
from laion_assets.core.base.progress import silent
from laion_assets.core.build.agreement import refuse_disagreement
from laion_assets.core.build.code_version import code_version
from laion_assets.core.build.damage import (
    DamagedInput,
    as_inputs,
    damaged_inputs,
    require_again,
)
from laion_assets.core.build.exporting import refuse_export
from laion_assets.core.build.graph import GRAPH
from laion_assets.core.build.losses import refuse_empty
from laion_assets.core.build.plan import (
    decide,
    inputs_of,
)
from laion_assets.core.build.stamps import Stamp, describe_outputs
from laion_assets.core.build.workspace import Workspace
from laion_assets.keys import asset_key
from laion_assets.making.made import Made
from laion_assets.resources import LOCK_WAIT, BuildDirectory

#: Makes a merged output: the workspace and a DuckDB connection.
MakeMerged = Callable[[Workspace, duckdb.DuckDBPyConnection], Made]


@contextmanager
def reporting(context: dg.AssetExecutionContext, workspace: Workspace) -> Iterator[None]:
    """Report progress in the run's log where nobody looks at a bar."""
    if workspace.progress is not silent:
        yield
        return
    with logged(context.log.info) as workspace.progress:
        yield


def forget(
    workspace: Workspace, build: BuildDirectory, name: str, keys: Sequence[str | None]
) -> None:
    """Forget that outputs are up to date, where a run is told to make them again."""
    for key in keys if build.again else ():
        workspace.stamps.void(name, key)


#: Of steps that could run at the same time, this one comes later: at a first build another process
#: compiles what the index needs meanwhile.
_AFTER_OTHERS = {"dagster/priority": "-1"}


def merged_asset(make: MakeMerged) -> dg.AssetsDefinition:
    """Turn a function that makes one merged output into the asset of the same name."""
    name = make.__name__
    node = GRAPH[name]

    @dg.asset(
        key=asset_key(name),
        description=cleandoc(make.__doc__ or ""),
        deps=[
            *(
                dg.AssetDep(asset_key(upstream), partition_mapping=dg.AllPartitionMapping())
                if GRAPH[upstream].per_file
                else dg.AssetDep(asset_key(upstream))
                for upstream in node.upstream
            ),
            *given_to(name),
        ],
        code_version=code_version(name),
        automation_condition=None if node.export else merged_condition(name),
        group_name=node.group,
        kinds=set(node.kinds),
        metadata=code_of(make),
        op_tags=_AFTER_OTHERS if name == "search_index" else None,
    )
    def run(
        context: dg.AssetExecutionContext, build: BuildDirectory, duckdb_engine: DuckDBResource
    ) -> dg.MaterializeResult[Any]:
        workspace = build.open()
        with workspace.lock.held(wait=LOCK_WAIT), reporting(context, workspace):
            workspace.prepare()
            forget(workspace, build, name, [None])
            workspace.sources.forget_vanished()  # the UI may run merges without any build
            workspace.progress(name, 0, 0)
            if node.export:
                refuse_export(workspace, name)
            stamp = decide(workspace, name)
            fresh = stamp is None
            if stamp is None:
                if not workspace.sources.usable_keys():
                    raise UserError("no source file could be read, so there is nothing to merge")
                refuse_empty(workspace)
                refuse_disagreement(workspace, name)
                damaged = refuse_damage(workspace, name, None)
                with duckdb_engine.get_connection() as connection:
                    stamp = stamp_made(workspace, name, None, make(workspace, connection), damaged)
            workspace.progress(name, 1, 1)
            metadata = describe_made(workspace, name, None, stamp)
        context.log.info(f"{name}: {'made' if fresh else 'up to date already'}")
        return dg.MaterializeResult(
            metadata={"up to date already": not fresh, **metadata},
            data_version=dg.DataVersion(stamp.digest),
        )

    return run


def refuse_damage(workspace: Workspace, name: str, key: str | None) -> dict[str, str]:
    """Refuse to make anything of damaged files, after seeing to it that they are made again.

    A takedown waits for nothing: it goes on, and what is made says so; the next build notices.
    """
    damaged = damaged_inputs(workspace, name, key)
    if workspace.takedown:
        return as_inputs(damaged)
    lost = require_again(workspace, damaged)
    if lost and key is not None:
        raise ChangedSourceFile(_said(workspace, key))
    if damaged:
        raise DamagedInput(damaged)
    return {}


def _said(workspace: Workspace, key: str) -> str:
    note = workspace.sources.error_note(key)
    return note.error if note is not None else ""


def stamp_made(
    workspace: Workspace, name: str, key: str | None, made: Made, damaged: dict[str, str]
) -> Stamp:
    """Write the stamp of what was made, of what it was made from and without."""
    inputs = inputs_of(workspace, name, key)
    if inputs is None:
        missing = ", ".join(GRAPH[name].upstream)
        raise UserError(
            f"{name}: something it is made from is missing ({missing}); make that first"
        )
    outputs = (
        dict(made.outputs)
        if isinstance(made.outputs, Mapping)
        else describe_outputs(workspace.root, list(made.outputs))
    )
    stamp = Stamp(code_version(name), inputs | damaged, outputs, dict(made.counts))
    workspace.stamps.write(name, key, stamp)
    return stamp
