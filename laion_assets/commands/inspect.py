"""The command that looks before anything is built: `laion-assets inspect`.

Lives here: options, help, exit codes. Not here: looking (`core.cleaning.inspection`), the words
(`inspect_text`).
"""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from laion_assets.commands.shared import one_clear_line
from laion_assets.core.base.errors import BadUsage
from laion_assets.core.base.machine import explain, first_line
from laion_assets.core.build.paths import NAMES
from laion_assets.core.sources.datasets import Dataset, load_dataset
from laion_assets.core.sources.finding import SourceFile, Surroundings, find_sources, is_url
from laion_assets.core.sources.folders import text_of
from laion_assets.core.sources.left_out import LeftOut
from laion_assets.core.sources.own_work import OwnWork
from laion_assets.core.sources.twins import Contents

if TYPE_CHECKING:
    from laion_assets.core.cleaning.inspection import Inspection

_DATASET = "files"
#: No build directory: nothing is fetched, and what was read of files is not remembered.
_NOWHERE = Surroundings(
    Path(), OwnWork(Path("build").absolute(), NAMES), Contents(Path("build") / "none")
)


@click.command(
    epilog="""\b
Examples:
  laion-assets inspect rows.csv.gz
  laion-assets inspect folder/ --rows 3
  laion-assets inspect rows.tsv --dataset mine.toml
  laion-assets inspect folder/ --json

What it says of a row is what a build would do with it, but for rows on your removal list. Where a
column or the format is not what you meant, say so in a dataset file of your own (`laion-assets
datasets --help`), and look again with --dataset."""
)
@click.argument("paths", nargs=-1, required=True, metavar="FILE|FOLDER...")
@click.option(
    "--dataset",
    "name",
    default=_DATASET,
    show_default=True,
    metavar="NAME|FILE.toml",
    help="The preset, or your own description, to read the files by.",
)
@click.option(
    "--rows",
    default=10,
    show_default=True,
    type=click.IntRange(min=0, max=10_000),
    help="First rows of each file that are judged.",
)
@click.option("--follow-links", is_flag=True, help="Look at what links in a folder lead to.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for other programs.")
@one_clear_line
def inspect(
    paths: Sequence[str],
    name: str,
    rows: int,
    follow_links: bool,  # noqa: FBT001 - click's flag
    as_json: bool,  # noqa: FBT001 - click's flag
) -> None:
    """Say what files are taken for, without building anything.

    Shown are for each file: its format, compression and encoding, how many rows it has, which of
    its columns are read as what and which are not, and the first rows as they would be kept, or
    rejected and why. Named are files that cannot be read, with what to do about it, and whatever of
    a folder is left out. Nothing is written.

    Exit code 1 when a file cannot be read.
    """
    for path in paths:
        if is_url(path):
            raise BadUsage(f"{path} is a URL; download it, and inspect the file")
    dataset = load_dataset(name)
    left_out = LeftOut()
    files = find_sources(dataset, paths, _NOWHERE, follow_links=follow_links, left_out=left_out)
    files.sort(key=lambda file: file.relative)
    looked = _look(files, dataset, rows)
    if as_json:
        unreadable = _print_json(looked, left_out, name)
    else:
        unreadable = _print_text(looked, left_out, name)
    if unreadable:
        of = "1 file" if len(files) == 1 else f"{unreadable:,} of {len(files):,} files"
        click.echo(f"laion-assets: {of} cannot be read", err=True)
        sys.exit(1)


def _look(
    files: Sequence[SourceFile], dataset: Dataset, rows: int
) -> Iterator[tuple[SourceFile, Inspection | str]]:
    """Yield each file with what was found, or what is wrong with it."""
    import duckdb

    from laion_assets.core.cleaning.inspection import inspect_file

    # Nothing is written: rows are few, and what does not fit in memory is no use here.
    with duckdb.connect(":memory:", config={"threads": 1, "temp_directory": ""}) as connection:
        for file in files:
            try:
                yield file, inspect_file(connection, file.path, dataset, rows)
            except Exception as error:  # noqa: BLE001 - whatever it is, the other files are shown
                yield file, str(explain(error) or first_line(error))


def _command(file: SourceFile, name: str) -> str:
    """Return the command that shows more of a file."""
    dataset = [] if name == _DATASET else ["--dataset", name]
    path = text_of(str(file.path))
    return shlex.join(["laion-assets", "inspect", path, *dataset, "--rows", "100"])


def _print_text(
    looked: Iterator[tuple[SourceFile, Inspection | str]], left_out: LeftOut, name: str
) -> int:
    from laion_assets.commands.inspect_text import one_line, tell_inspection, tell_unreadable

    unreadable = 0
    for number, (file, found) in enumerate(looked):
        if number:
            click.echo()
        if isinstance(found, str):
            unreadable += 1
            lines = tell_unreadable(file.relative, _size(file), found)
        else:
            lines = tell_inspection(file.relative, found, _command(file, name))
        click.echo("\n".join(lines))
    for other, why in sorted(left_out.named.items()):
        click.echo(f"left out: {one_line(f'{other} {why}', 1_000)}")
    if left_out.hidden:
        click.echo(f"hidden files passed over: {left_out.hidden:,}")
    return unreadable


def _print_json(
    looked: Iterator[tuple[SourceFile, Inspection | str]], left_out: LeftOut, name: str
) -> int:
    from laion_assets.commands.inspect_text import inspection_as_json

    unreadable = 0
    files: list[dict[str, Any]] = []
    for file, found in looked:
        if isinstance(found, str):
            unreadable += 1
            told: dict[str, Any] = {"bytes": _size(file), "error": found}
        else:
            told = inspection_as_json(found, _command(file, name))
        files.append({"file": file.relative, "path": str(file.path), **told})
    click.echo(
        json.dumps(
            {"files": files, "left_out": left_out.named, "hidden": left_out.hidden}, indent=2
        )
    )
    return unreadable


def _size(file: SourceFile) -> int | None:
    try:
        return file.path.stat().st_size
    except OSError:
        return None
