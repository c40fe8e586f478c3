"""The commands about datasets: `laion-assets datasets` and `laion-assets sample`.

Lives here: options and help. Not here: the words (`datasets_text`), inventing rows
(`laion_assets.sample`).
"""

from __future__ import annotations

from pathlib import Path

import click
from msgspec import to_builtins

from laion_assets.commands.datasets_text import DESCRIBING, explain_dataset, list_presets
from laion_assets.commands.output import to_json
from laion_assets.commands.shared import one_clear_line
from laion_assets.commands.terminal import Screen
from laion_assets.core.sources.datasets import load_dataset, preset_names


@click.command(epilog=DESCRIBING)
@click.argument("name", required=False, metavar="[NAME|FILE.toml]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for other programs.")
@one_clear_line
def datasets(name: str | None, as_json: bool) -> None:  # noqa: FBT001 - click's flag
    """List the presets, or explain one.

    Explained are: where its files are, what its status means, its columns, licence and caveats, and
    how to build it.
    """
    if as_json:
        presets = [load_dataset(preset) for preset in preset_names()]
        told = presets if name is None else load_dataset(name)
        click.echo(to_json(to_builtins(told)))
        return
    lines = list_presets() if name is None else explain_dataset(load_dataset(name), name)
    click.echo("\n".join(lines))


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--rows", default=60_000, show_default=True, type=click.IntRange(min=1))
@click.option("--files", default=6, show_default=True, type=click.IntRange(min=1))
@click.option("--seed", default=2022, show_default=True, type=click.IntRange(min=0))
@one_clear_line
def sample(folder: Path, rows: int, files: int, seed: int) -> None:
    """Write an invented dataset of any size.

    Parquet files in the shape of LAION-Aesthetics v2 6+ appear in FOLDER; the same options give the
    same bytes.
    """
    from laion_assets.sample import write_sample

    with Screen(None) as screen:
        paths = write_sample(
            folder,
            rows=rows,
            files=files,
            seed=seed,
            progress=lambda done, total: screen.progress("rows", done, total),
        )
    click.echo(f"{rows:,} rows in {len(paths)} files in {folder}")
