"""The commands about what is published: `laion-assets serve` and `laion-assets verify`.

Lives here: options and help. Not here: serving (`web_server`), the manifest (`core.publish`).
"""

from __future__ import annotations

from pathlib import Path

import click

from laion_assets.commands.shared import BUILD_DIR, one_clear_line
from laion_assets.commands.terminal import Screen
from laion_assets.core.base.errors import UserError


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
@one_clear_line
def verify(build_dir: Path) -> None:
    """Compare the site with its manifest."""
    from laion_assets.core.publish.manifest import read_manifest, verify_site

    site = build_dir.resolve() / "site"
    with Screen(None) as screen:
        problems = verify_site(site, screen.progress)
    for problem in problems:
        click.echo(problem)
    if problems:
        raise UserError(
            f"{len(problems)} files differ from the manifest; delete {site} and build again"
        )
    click.echo(f"{len(read_manifest(site)):,} files, all as published")
