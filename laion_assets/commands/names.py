"""The commands about names: `laion-assets lookup` and `laion-assets lists`.

Lives here: options and help. Not here: the words (`names_text`), the work (`core.names`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from laion_assets.commands.output import to_json
from laion_assets.commands.shared import BUILD_DIR, one_clear_line, room_for_work, saved_workspace
from laion_assets.commands.terminal import Screen
from laion_assets.core.base.errors import BadUsage, UserError
from laion_assets.core.base.files import write_bytes
from laion_assets.core.build.settings import Settings, load_settings
from laion_assets.core.build.workspace import Workspace
from laion_assets.core.names.list_files import ListFiles


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for other programs.")
@BUILD_DIR
@one_clear_line
def lookup(names: Sequence[str], as_json: bool, build_dir: Path) -> None:  # noqa: FBT001 - click's flag
    """Count any names, on a list or not.

    \b
    laion-assets lookup "Greg Rutkowski" "Beeple" "my own name"

    Counts the captions of what is built: exactly, over the rows that are published. Other
    spellings (joined, split, without apostrophe, initials, ...) are tried and counted apart, and a
    zero is explained.
    """
    from laion_assets.commands import names_text as naming
    from laion_assets.core.names.lists import load_all
    from laion_assets.core.names.lookup import look_up

    workspace = _built_workspace(build_dir)
    room_for_work(workspace.settings)
    # Bytes that are no text come from the shell as halves of characters, which nothing can print.
    asked = [name.encode("utf-8", "replace").decode() for name in names]
    lists = {**load_all(workspace.lists), "platforms": naming.as_entities(workspace.lists)}
    threads = workspace.settings.threads
    with Screen(workspace) as screen:
        published, found = workspace.sources.read_settled(
            lambda images: look_up(
                workspace.connect(), images, asked, lists, threads, screen.progress
            )
        )
    if workspace.settings.withdrawn:
        click.echo(f"laion-assets: the site is withdrawn: {workspace.settings.withdrawn}", err=True)
    if as_json:
        answers = naming.found_as_json(found, published)
        click.echo(to_json(answers))
        return
    for line in naming.tell_found(found, published, workspace.dataset.populations):
        click.echo(line)


@click.command()
@click.option("--lists", "folder", type=click.Path(path_type=Path), help="Your own lists.")
@click.option(
    "--compare",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    metavar="FILE",
    help="Somebody's names (CSV, TSV, JSON, or text with one a line): which of them are on ours?",
)
@click.option(
    "--lacking",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="With --compare: write every name that is on no list of ours there, as CSV.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for other programs.")
@BUILD_DIR
@one_clear_line
def lists(
    folder: Path | None,
    compare: Path | None,
    lacking: Path | None,
    as_json: bool,  # noqa: FBT001 - click's flag
    build_dir: Path,
) -> None:
    """Check the lists of names, or compare them with another.

    Without options: what each list holds, and names to look at again (one word or ordinary words,
    not said to be ambiguous or not). A mistake in a list is told with its line.

    With --compare: how many of somebody's names are on our lists, and which are not. When something
    was built, the names we lack are counted in it, so the important ones come first.
    """
    from laion_assets.commands import names_text as naming
    from laion_assets.core.claims.claim_files import load_claims
    from laion_assets.core.names.coverage import compare_names, read_names
    from laion_assets.core.names.list_remarks import list_remarks
    from laion_assets.core.names.lists import load_all, load_platforms
    from laion_assets.core.names.lookup import look_up

    if lacking is not None and compare is None:
        raise BadUsage("--lacking goes with --compare FILE")
    root = build_dir.resolve()
    saved = load_settings(root)
    files = ListFiles(folder.absolute()) if folder else Workspace(root, saved or Settings()).lists
    entities = load_all(files)
    if compare is None:
        remarks = {name: list_remarks(rows) for name, rows in entities.items()}
        claims = len(load_claims(files))
        platforms = load_platforms(files)
        if as_json:
            told = naming.lists_as_json(files, entities, platforms, remarks, claims)
            click.echo(to_json(told))
            return
        lines = naming.tell_lists(files, entities, platforms, remarks, claims)
        click.echo("\n".join(lines))
        return
    coverage = compare_names(read_names(compare), entities)
    if lacking is not None:
        try:
            write_bytes(lacking, b"")  # a place that cannot be written is told before the counting
        except OSError as error:
            raise BadUsage(f"{lacking}: cannot write there ({error.strerror})") from error
    names = list(dict.fromkeys(name for group in coverage for name in group.lacking))
    images = None
    if saved is not None and names and (built := Workspace(root, saved)).sources.images():
        room_for_work(saved)
        with Screen(built) as screen:
            _, found = built.sources.read_settled(
                lambda tables: look_up(
                    built.connect(), tables, names, {}, saved.threads, screen.progress
                )
            )
        images = {entry.asked: entry.images for entry in found}
    if as_json:
        click.echo(to_json(naming.coverage_as_json(coverage, images)))
    else:
        click.echo("\n".join(naming.tell_coverage(coverage, images)))
    if lacking is not None:
        write_bytes(lacking, naming.lacking_csv(coverage, images))


def _built_workspace(build_dir: Path) -> Workspace:
    workspace = saved_workspace(build_dir)
    if not workspace.sources.images():
        raise UserError(f"{workspace.root}: no rows were read there yet; run `laion-assets build`")
    return workspace
