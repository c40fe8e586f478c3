"""The command that takes a site somewhere else: `laion-assets publish`.

Lives here: options, help, what is said. Not here: any target (`core.publish.sending`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from laion_assets.commands.output import to_json
from laion_assets.commands.shared import BUILD_DIR, one_clear_line
from laion_assets.core.publish.hosts import ANY, HOSTS

if TYPE_CHECKING:
    from laion_assets.core.publish.changes import Changes
    from laion_assets.core.publish.outgoing import Outgoing

#: Hosts that keep what was there before, as far as a target tells.
_KEEPING = "huggingface"


@click.command()
@click.argument("target")
@BUILD_DIR
@click.option(
    "--for",
    "host",
    type=click.Choice([*HOSTS, ANY]),
    help="Check what this host allows first, and send what it wants besides; a target that is "
    "s3:// or hf:// says it itself.",
)
@click.option("--dry-run", is_flag=True, help="Only list what would be sent and deleted.")
@click.option(
    "--replace", is_flag=True, help="Overwrite what is there under our names and is not ours."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for other programs.")
@one_clear_line
def publish(
    target: str,
    build_dir: Path,
    host: str | None,
    dry_run: bool,  # noqa: FBT001 - click's flags
    replace: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
) -> None:
    """Send the site to where people read it, only what changed.

    \b
    laion-assets publish /var/www/laion             a folder, exchanged in one step
    laion-assets publish laion.zip                  one file that opens from any disk
    laion-assets publish s3://bucket/laion          an S3 store, by AWS_… in the environment
    laion-assets publish me@example.org:www/laion   another machine, by rsync
    laion-assets publish hf://spaces/me/laion       a static Space, or hf://datasets/me/laion

    What a publish put there and the site does not have any more is deleted, whatever else is there
    stays. One that was stopped continues the next time.
    """
    from laion_assets.commands.terminal import Screen
    from laion_assets.core.build.lock import BuildLock
    from laion_assets.core.build.paths import Paths
    from laion_assets.core.publish.hosts import check_host, host_named
    from laion_assets.core.publish.outgoing import read_outgoing
    from laion_assets.core.publish.sending import host_of, open_target, publish_to

    paths = Paths(build_dir.resolve())
    name = host or host_of(target)
    besides = host_named(name).besides if name else ()
    place = open_target(target, paths.root)
    read_outgoing(paths.site)  # before a lock is made where nothing was built
    with BuildLock(paths.lock).held(), Screen(None) as screen:
        outgoing = read_outgoing(paths.site, dict.fromkeys(besides, b""))
        if name:
            check_host(host_named(name), outgoing)
        changes = publish_to(
            place,
            outgoing,
            named=target,
            replace=replace,
            dry_run=dry_run,
            progress=screen.progress,
        )
    if as_json:
        click.echo(to_json(_record(target, outgoing, changes, dry_run=dry_run)))
        return
    if outgoing.is_withdrawn:
        click.echo("The site is withdrawn: the page that says so is what is published.")
    if dry_run:
        for path in changes.send:
            click.echo(f"send    {path}")
        for path in changes.delete:
            click.echo(f"delete  {path}")
    click.echo(_sentence(target, changes, dry_run=dry_run))
    if changes.delete and host_of(target) == _KEEPING:
        click.echo(
            "The hub keeps earlier commits, and in them what was deleted: docs/hosting.md says how"
            " to squash them."
        )


def _record(target: str, outgoing: Outgoing, changes: Changes, *, dry_run: bool) -> object:
    return {
        "target": target,
        "dry_run": dry_run,
        "withdrawn": outgoing.is_withdrawn,
        "files": len(outgoing.digests),
        "sent": list(changes.send),
        "deleted": list(changes.delete),
        "unchanged": changes.unchanged,
        "bytes_sent": changes.bytes,
    }


def _sentence(target: str, changes: Changes, *, dry_run: bool) -> str:
    if not changes:
        return f"{target}: nothing to send, all {changes.unchanged:,} files are there."
    size = f"{changes.bytes / 2**20:,.1f} MiB"
    done = "would be " if dry_run else ""
    return (
        f"{target}: {len(changes.send):,} files ({size}) {done}sent, {len(changes.delete):,} "
        f"{done}deleted, {changes.unchanged:,} unchanged."
    )
