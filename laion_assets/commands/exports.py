"""The command `laion-assets export`: what is built, in the forms that other programs open.

Lives here: options, help, what is printed. Not here: the work (`refresh`, `assets.exports`).
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from laion_assets.commands.shared import BUILD_DIR, one_clear_line, room_for_work, saved_workspace
from laion_assets.commands.terminal import Screen
from laion_assets.core.build.exporting import exports_there
from laion_assets.core.build.graph import EXPORTS
from laion_assets.core.build.room import in_words
from laion_assets.core.build.workspace import Workspace
from laion_assets.core.exports.folder import MADE

#: What people call them, and the asset of each.
FORMS: Mapping[str, str] = {
    "datasette": "datasette_db",
    "duckdb": "duckdb_file",
    "card": "dataset_card",
}
_ALL = "all"


@click.command()
@click.argument("form", type=click.Choice([*FORMS, _ALL]))
@BUILD_DIR
@one_clear_line
def export(form: str, build_dir: Path) -> None:
    """Make files for Datasette, DuckDB or a data hub.

    They are written to exports/ of the build directory, without anything withheld or removed. A
    build makes none; run this again after one, and only what is out of date is made again.

    \b
    laion-assets export datasette    images.db and metadata.yml: SQLite with full-text search
        datasette build/exports/images.db --metadata build/exports/metadata.yml
    laion-assets export duckdb       laion.duckdb, and its rows as parquet beside it
        cd build/exports && duckdb laion.duckdb
    laion-assets export card         README.md for the Hugging Face hub, croissant.json,
        datapackage.json (and the parquet files that these describe)
    laion-assets export all          all of them

    Keep the parquet folders beside laion.duckdb: move exports/ as a whole, and open it from within.
    docs/queries.md has twenty questions to ask. `remove`, `withdraw` and a lower --withheld delete
    the exports, which hold what has to go; copies elsewhere are yours to delete.
    """
    from laion_assets.refresh import export as run

    workspace = saved_workspace(build_dir)
    room_for_work(workspace.settings)
    names = list(EXPORTS) if form == _ALL else [FORMS[form]]
    with Screen(workspace) as screen:
        done = run(workspace, names, screen.progress)
    for name in EXPORTS:
        if name in done.plan.merged:
            click.echo(f"{name}: {_said(workspace, name)} ({done.seconds.get(name, 0):.1f} s)")
        elif name in names:
            click.echo(f"{name}: up to date already")
    _tell_how_to_open(workspace, names)
    if done.failed_checks:
        for check in done.failed_checks:
            click.echo(f"laion-assets: check failed: {check}", err=True)
        sys.exit(1)


def _said(workspace: Workspace, name: str) -> str:
    stamp = workspace.stamps.read(name)
    assert stamp is not None  # noqa: S101 - it was made just now
    files = len(stamp.outputs)
    size = in_words(sum(size for _, size in stamp.outputs.values()))
    rows = f"{stamp.counts['rows']:,} images, " if "rows" in stamp.counts else ""
    return f"{rows}{files} {'file' if files == 1 else 'files'}, {size}"


def _tell_how_to_open(workspace: Workspace, names: list[str]) -> None:
    folder = workspace.paths.exports
    if "datasette_db" in names:
        database, metadata = (shlex.quote(str(folder / name)) for name in MADE["datasette_db"])
        click.echo(f"Open with: datasette {database} --metadata {metadata}")
    if "duckdb_file" in names:
        click.echo(f"Open with: cd {shlex.quote(str(folder))} && duckdb {MADE['duckdb_file'][0]}")
    if "dataset_card" in names:
        described = len(exports_there(workspace.paths))
        click.echo(
            f"Publish all of {folder} ({described} files) to the Hugging Face hub, or any host"
        )
