"""Resources: the build directory and DuckDB, configured once from `build.toml`.

A resource resolves configuration and hands assets a plain object (`core.build.workspace.Workspace`,
a DuckDB connection), so that the work can be called without Dagster. No work happens here.
"""

import os
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

import dagster as dg
import duckdb
from dagster_duckdb import DuckDBResource
from pydantic import Field, PrivateAttr

from laion_assets.core.base.errors import UserError
from laion_assets.core.base.progress import Progress, silent
from laion_assets.core.build.made_from import open_takedown
from laion_assets.core.build.settings import Settings, load_settings
from laion_assets.core.build.workspace import Workspace
from laion_assets.dagster_home import is_ours
from laion_assets.shared_engine import SharedEngine

#: Where steps report progress; the command line puts its bar here, the UI reads logs instead.
PROGRESS: ContextVar[Progress] = ContextVar("progress", default=silent)

#: Seconds a step started from the UI waits for another build of the same directory.
LOCK_WAIT = 600.0


class BuildDirectory(dg.ConfigurableResource[Workspace]):
    """The folder everything is made in; its `build.toml` says from what."""

    path: str = Field(description="The build directory; it has to be there.")
    takedown: bool = Field(
        default=False,
        description="Of what is built alone: no source, list or dataset file is looked at.",
    )
    again: bool = Field(default=False, description="Make anew what is up to date, too.")

    def open(self) -> Workspace:
        """Return the workspace with the settings saved now.

        Raises UserError when the folder is not there: a slip in the launchpad makes none.
        """
        if not Path(self.path).is_dir():
            raise UserError(f"{self.path}: no such build directory; `laion-assets build` makes one")
        return self.workspace()

    def workspace(self) -> Workspace:
        """Return the workspace, whether the folder is there or not; it is not made."""
        root = Path(self.path)
        if self.takedown:
            workspace, _ = open_takedown(root)
            workspace.progress = PROGRESS.get()
            return workspace
        return Workspace(root, load_settings(root) or Settings(), progress=PROGRESS.get())


def default_build_dir() -> Path:
    """Return the build directory that DAGSTER_HOME belongs to, or `build/` here.

    One that is exported for another project says nothing of ours: nothing is read or made there.
    """
    named = os.environ.get("DAGSTER_HOME")
    home = Path(named).resolve() if named else None
    return home.parent if home is not None and is_ours(home) else Path("build").resolve()


class RunEngine(DuckDBResource):
    """One DuckDB for all steps of a run: to start one takes as long as most checks."""

    _shared: SharedEngine = PrivateAttr()

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:  # noqa: ARG002
        """Start nothing before a step asks for it."""
        self._shared = SharedEngine(super().get_connection)

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:  # noqa: ARG002
        """Close what was started."""
        self._shared.leave()

    @contextmanager
    def get_connection(self) -> Generator[duckdb.DuckDBPyConnection, None, None]:
        """Yield a connection of its own to the run's engine."""
        with self._shared.connection() as connection:
            yield connection


def duckdb_resource(workspace: Workspace) -> RunEngine:
    """Return DuckDB as an engine in memory: bounded, spilling into the build directory, offline."""
    return RunEngine(database=":memory:", connection_config=workspace.engine)
