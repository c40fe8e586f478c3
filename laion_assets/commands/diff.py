"""The command that says what changed from one build to another: `laion-assets diff`.

Lives here: options, help, the table on the terminal. Not here: comparing (`core.build.differing`).
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from laion_assets.commands.output import to_json
from laion_assets.commands.shared import one_clear_line

if TYPE_CHECKING:
    from laion_assets.core.site.difference import Difference

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.argument("build_a", type=_FOLDER)
@click.argument("build_b", type=_FOLDER)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for other programs.")
@click.option(
    "--out",
    type=_FOLDER,
    help="Also write diff.html there and, where the dataset has a date, diff.atom.",
)
@one_clear_line
def diff(build_a: Path, build_b: Path, as_json: bool, out: Path | None) -> None:  # noqa: FBT001
    """Say what changed from one build to another.

    Two build directories are compared, the older one first: rows added, removed and changed by
    table, and the ranks that moved. An image is its id and URL. What was taken out is only counted.
    """
    import tempfile

    import duckdb

    from laion_assets.commands.terminal import Screen
    from laion_assets.core.build.differing import compare_builds

    roots = build_a.resolve(), build_b.resolve()
    with (
        tempfile.TemporaryDirectory(prefix="laion-assets-") as spill,
        Screen(None) as screen,
        duckdb.connect(":memory:", config=_engine(roots[1], spill)) as connection,
    ):
        found = compare_builds(*roots, connection, screen.progress)
    if out is not None:
        _write(found, out)
    if as_json:
        click.echo(to_json(asdict(found)))
        return
    _show(found)


def _engine(build_dir: Path, spill: str) -> dict[str, Any]:
    """Return the limits of DuckDB that are set for a build, and where it spills."""
    from laion_assets.core.build.settings import Settings, load_settings

    settings = load_settings(build_dir) or Settings()
    return {
        "memory_limit": settings.memory,
        "threads": settings.threads,
        "temp_directory": spill,
        "autoinstall_known_extensions": "false",
    }


def _write(found: Difference, folder: Path) -> None:
    from laion_assets.core.base.files import write_bytes
    from laion_assets.core.base.package import TEMPLATES
    from laion_assets.core.site.difference import difference_entry, difference_page

    style = (TEMPLATES / "static" / "style.css").read_bytes()
    write_bytes(folder / "static" / "style.css", style)
    write_bytes(folder / "diff.html", difference_page(found, TEMPLATES))
    entry = difference_entry(found)
    if entry is not None:
        write_bytes(folder / "diff.atom", entry)


def _show(found: Difference) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console(highlight=False)
    if found.is_none:
        click.echo(f"Nothing changed: both hold the same {found.tables[0].rows_now:,} images.")
        return
    table = Table("table", "before", "now", "added", "removed", "changed", "ranks moved", box=None)
    for row in found.tables:
        if row.added or row.removed or row.changed or row.moved or row.table == "images":
            counts = (row.rows_was, row.rows_now, row.added, row.removed, row.changed)
            moved = "" if row.moved is None else f"{row.moved:,}"
            table.add_row(row.table, *(f"{count:,}" for count in counts), moved)
    for column in table.columns[1:]:
        column.justify = "right"
    console.print(table)
    if found.moved:
        ranks = Table("ranks that moved", "name", "before", "now", "images", "now", box=None)
        for move in found.moved:
            places = (move.rank_was, move.rank_now, move.images_was, move.images_now)
            ranks.add_row(move.table, escape(move.name), *(f"{place:,}" for place in places))
        console.print(ranks)
