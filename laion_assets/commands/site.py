"""The commands about what is published: `laion-assets serve` and `laion-assets verify`.

Lives here: options and help. Not here: serving (`web_server`), the manifest (`core.publish`).
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from laion_assets.commands.output import to_json
from laion_assets.commands.shared import BUILD_DIR, one_clear_line, saved_workspace, some_of
from laion_assets.commands.terminal import Screen
from laion_assets.core.base.errors import UserError
from laion_assets.core.build.workspace import Workspace


@click.command()
@BUILD_DIR
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(min=1, max=65_535),
    help="Port on this machine.",
)
@click.option(
    "--base-path", default="/", show_default=True, help="Sub-path to serve the site under."
)
@one_clear_line
def serve(build_dir: Path, port: int, base_path: str) -> None:
    """Serve the site on this machine.

    For looking at it as a web host would show it, until Ctrl-C; opening index.html from the disk
    works as well.
    """
    from laion_assets.commands.web_server import open_server

    site = build_dir.resolve() / "site"
    with open_server(site, port, base_path) as server:
        click.echo(f"Serving {site}\nOpen {server.url}  (Ctrl-C stops)")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            click.echo("stopped")


@click.command()
@BUILD_DIR
@click.option(
    "--deep",
    is_flag=True,
    help="Also read every table, index file and export, and look for rows that must not be there.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for other programs.")
@one_clear_line
def verify(build_dir: Path, deep: bool, as_json: bool) -> None:  # noqa: FBT001 - click's flags
    """Compare the site with its manifest.

    What differs is named, a line each; `laion-assets build --rehash` makes it again. What
    laion-assets did not make is named too, and no problem.
    """
    from laion_assets.core.build.paths import Paths
    from laion_assets.core.build.stamps import Stamps, site_outputs
    from laion_assets.core.publish.manifest import read_manifest, verify_site
    from laion_assets.core.publish.theirs import theirs_in

    root = build_dir.resolve()
    site = root / "site"
    made = site_outputs(Stamps(Paths(root)).read("site"))
    with Screen(None) as screen:
        problems = verify_site(site, screen.progress, made)
        if deep:
            deeper = _deep_problems(saved_workspace(root), screen)
            problems = list(dict.fromkeys([*problems, *deeper]))
    theirs = [
        path for path in theirs_in(site, lambda: made) if f"left over: {path}" not in problems
    ]
    if as_json:
        files = len(read_manifest(site))
        click.echo(to_json({"files": files, "problems": problems, "not_ours": sorted(theirs)}))
        if problems:
            sys.exit(1)
        return
    for problem in problems:
        click.echo(problem)
    if theirs:
        click.echo(f"Not made by laion-assets, and no matter here: {some_of(theirs)}")
    if problems:
        exported = any("exports/" in problem for problem in problems)
        also = ", and then `laion-assets export all` the exports" if exported else ""
        raise UserError(
            f"{len(problems)} problems; `laion-assets build --rehash` makes again what differs"
            + also
        )
    what = ", and every table and index file" if deep else ""
    click.echo(f"{len(read_manifest(site)):,} files{what}, all as published")


def _deep_problems(workspace: Workspace, screen: Screen) -> list[str]:
    """Return what is wrong below the site: damaged outputs, rows that should be out."""
    from laion_assets.core.build.damage import find_damage
    from laion_assets.core.build.invariants import nothing_removed, nothing_unwanted_exported

    with workspace.lock.held():
        damages = find_damage(workspace, screen.progress)
        if damages:  # rows are looked for once the tables can be read
            return [str(damage).replace(": site/", ": ") for damage in damages]
        with workspace.connect() as connection:
            exported = nothing_unwanted_exported(workspace, connection)
            return [*nothing_removed(workspace, connection), *exported]
