"""The commands that take rows out: `laion-assets remove` and `laion-assets withdraw`.

Lives here: options and help. Not here: what is removed (`core.cleaning.removal`), rebuilding
(`commands.build`).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import click

from laion_assets.commands.build import build_and_report, report
from laion_assets.commands.shared import BUILD_DIR, one_clear_line, saved_workspace, some_of
from laion_assets.core.base.errors import BadUsage, UserError
from laion_assets.core.base.machine import explain, first_line
from laion_assets.core.base.progress import silent
from laion_assets.core.build.lock import BuildLock
from laion_assets.core.build.paths import Paths
from laion_assets.core.build.settings import FILE_NAME, Settings, load_settings, save_settings
from laion_assets.core.build.stamps import Stamps
from laion_assets.core.build.workspace import Workspace
from laion_assets.core.cleaning.removal_list import Named, RemovalKey
from laion_assets.core.sources.datasets import load_dataset

_MOST_TOLD = 20  # of what concerns no row, with what is near it
_MOST_SAID = 5
_MOST_LETTERS = 300  # of each


@click.command()
@click.option(
    "--url", "urls", multiple=True, help="A URL, in any spelling; its scheme does not matter."
)
@click.option("--id", "ids", multiple=True, help="An image id, as the site and its tables show it.")
@click.option("--domain", "domains", multiple=True, help="A registrable domain, all of it.")
@click.option(
    "--file",
    "files",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="A list of URLs, ids and domains, one a line.",
)
@click.option(
    "--allow-none",
    is_flag=True,
    help="Put on the list what concerns no row yet, for files to come.",
)
@BUILD_DIR
@one_clear_line
def remove(
    urls: Sequence[str],
    ids: Sequence[str],
    domains: Sequence[str],
    files: Sequence[Path],
    allow_none: bool,  # noqa: FBT001 - click's flag
    build_dir: Path,
) -> None:
    """Take rows out, and rebuild what that touches.

    Works on what is built alone: no source, list or dataset file is needed. The removal list
    (removals.csv in the build directory, unless --removals of `build` says otherwise) gets a keyed
    hash of each URL, id or domain, never itself; the key lies beside it. Rows it hits become
    rejects of which only number, id and reason stay, and are in no table, page, index or download;
    exports are deleted.
    Keep list and key, and keep them to yourself: they are what cannot be made again.
    What concerns no row is named, with what is near it, and is not put on the list (exit code 1).
    """
    from laion_assets.core.build.made_from import open_takedown
    from laion_assets.core.cleaning import removal_list as listed

    named = [listed.name_url(url) for url in urls]
    named += [listed.name_id(image_id) for image_id in ids]
    named += [listed.name_domain(domain) for domain in domains]
    named += [each for path in files for each in listed.names_of_file(path)]
    if not named:
        raise BadUsage("nothing to remove; name it with --url, --id, --domain or --file")
    workspace, problem = open_takedown(build_dir.resolve())
    if problem is not None:
        click.echo(f"laion-assets: {problem}; the settings of the last build were used", err=True)
    with workspace.lock.held():
        _remove(workspace, named, allow_none=allow_none)


def _remove(workspace: Workspace, named: list[Named], *, allow_none: bool) -> None:
    """Remember what is named, as far as one can; take it out; make the site again."""
    from laion_assets.core.build.exporting import withdraw_exports
    from laion_assets.core.build.takedown import holds_older_tables, take_out_listed
    from laion_assets.core.cleaning.removal import Removal
    from laion_assets.core.cleaning.removal_list import new_key

    unremembered: Exception | None = None
    listed = workspace.removal_list
    unreadable: list[str] = []
    missed: list[Named] = []
    try:
        key = _key(workspace)
        if not allow_none:
            missed = _missed(workspace, named, key)
        new = listed.add(frozenset(named) - frozenset(missed))
        removal = Removal(listed.entries(key), key)
        remembered = f"{new} new on {listed.path}"
    except (UserError, OSError) as error:
        unremembered, key, missed = error, new_key(), []
        remembered = "not on the removal list"
        removal = Removal(frozenset(key.entry(each) for each in named), key)
    if not workspace.sources.built_keys():
        click.echo(f"{len(named)} named, {remembered}; no rows were read here yet")
        well = True
    elif holds_older_tables(workspace):
        click.echo(f"{len(named)} named, {remembered}; the tables are an older version's")
        # Whatever is left to publish, the site that stands may have what is named (see `losses`).
        workspace.stamps.void("site")
        _tell_exports(withdraw_exports(workspace.paths))
        saved = saved_workspace(workspace.root)
        well = report(Workspace(saved.root, saved.settings, rehash=True))
    else:
        workspace.prepare()
        taken = take_out_listed(workspace, removal)
        click.echo(
            f"{len(named)} named, {remembered}; "
            f"{taken.rows:,} listed rows in {taken.files} source files"
        )
        if taken.forgot_history:
            click.echo("The history that the UI shows named their domains: it was deleted")
        _tell_exports(taken.exports)
        unreadable = taken.unreadable
        well = _make_again(workspace)
    _tell_near(workspace, missed)
    _tell_unsearched(workspace)
    if unremembered is not None:
        raise UserError(
            f"{unremembered}; so the removal list does not have it, and the next build brings it "
            "back: mend that and run this again"
        )
    if unreadable:
        raise UserError(
            f"tables of {len(unreadable)} source files are damaged and left the site, "
            f"{unreadable[0]} among them; `laion-assets build --rehash` reads these files again"
        )
    if missed:
        raise UserError(
            f"{_some([each.said for each in missed])}: concerns no row, and is not put on the "
            "list; `--allow-none` puts it there for files to come"
        )
    if not well:
        sys.exit(1)


def _tell_exports(deleted: Sequence[str]) -> None:
    """Say which exports were deleted; copies of them are out of reach."""
    if deleted:
        click.echo(
            f"Exports are deleted: {some_of(deleted)}; copies that you made elsewhere are yours to "
            "delete"
        )


def _tell_unsearched(workspace: Workspace) -> None:
    """Say what lies in and beside the site that may hold a row and is not ours to search."""
    from laion_assets.core.publish.theirs import kept_aside, theirs_in

    site = workspace.paths.site
    unsearched = [*theirs_in(site, workspace.stamped_site), *kept_aside(site)]
    if unsearched:
        click.echo(
            f"Not made by laion-assets, so not searched for these rows: {some_of(unsearched)}"
        )


def _key(workspace: Workspace) -> RemovalKey:
    """Return the list's key; not a new one where rows were removed by a list that is lost."""
    from laion_assets.core.build.takedown import lost_list

    if lost_list(workspace):
        path = workspace.removal_list.path
        raise UserError(f"{path} is not there, and rows were removed by it; put it back")
    return workspace.removal_list.ensure_key()


def _missed(workspace: Workspace, named: list[Named], key: RemovalKey) -> list[Named]:
    """Return what concerns no row, as far as one can tell, and is not on the list already."""
    from laion_assets.core.build.near_hits import concern_nothing

    entries = workspace.removal_list.entries(key)
    return concern_nothing(workspace, [n for n in named if key.entry(n) not in entries], key)


def _tell_near(workspace: Workspace, missed: Sequence[Named]) -> None:
    """Say what may have been meant; whatever goes wrong with that, the removal is done."""
    from laion_assets.core.build.near_hits import near_hits

    near = near_hits(workspace, missed[:_MOST_TOLD])
    for each in near:
        rows = "row" if each.rows == 1 else "rows"
        click.echo(f"Near {_some([each.said])}: {each.near} ({each.rows:,} {rows})")


def _some(said: Sequence[str]) -> str:
    """Join a few of some things in one line, and say how many others there are."""
    others = len(said) - _MOST_SAID
    few = ", ".join(" ".join(each.split())[:_MOST_LETTERS] for each in said[:_MOST_SAID])
    return few + (f" and {others:,} more" if others > 0 else "")


def _make_again(workspace: Workspace) -> bool:
    """Make the site again from the tables; say what is left to do when that fails.

    Where damaged tables are in the way, it is made without the files they are of.
    """
    from laion_assets.core.build.damage import find_damage
    from laion_assets.core.build.takedown import without

    try:
        try:
            return report(workspace)
        except Exception:
            damages = find_damage(workspace, silent)
            keys = sorted({each.key for each in damages if each.key is not None})
            if not keys:
                raise
            without(workspace, keys)
            click.echo(f"Damaged, and left out until read again: {', '.join(keys)}")
            report(workspace)
            return False
    except Exception as error:
        said = explain(error, workspace.root) or first_line(error)
        raise UserError(
            f"the rows are out of the tables, but the site could not be made again: {said}; until "
            "`laion-assets build` is through, `laion-assets withdraw` takes the site away"
        ) from error


@click.command()
@click.option("--why", help="The reason, shown on the page that takes the site's place.")
@click.option("--undo", is_flag=True, help="Publish the site again.")
@BUILD_DIR
@one_clear_line
def withdraw(why: str | None, undo: bool, build_dir: Path) -> None:  # noqa: FBT001 - click's flag
    """Replace the whole site by a page that says why.

    The tables stay; every page, table, download and index file of the site goes, until --undo, and
    so does every export.
    """
    if bool(why and why.strip()) == undo:
        raise BadUsage("say why with --why TEXT, or publish again with --undo")
    if undo:
        workspace = saved_workspace(build_dir)
        workspace.settings = replace(workspace.settings, withdrawn="")
        build_and_report(workspace)
    else:
        _withdraw(build_dir.resolve(), str(why).strip())


def _withdraw(root: Path, why: str) -> None:
    """Remember it as far as one can, and publish the page from the site's folder alone."""
    from laion_assets.core.build.code_version import code_version
    from laion_assets.core.build.exporting import withdraw_exports
    from laion_assets.core.build.made_from import note_withdrawn
    from laion_assets.core.build.plan import withdrawn_inputs
    from laion_assets.core.build.stamps import Stamp, site_outputs
    from laion_assets.core.publish.theirs import theirs_in
    from laion_assets.core.publish.withdrawal import withdraw_site
    from laion_assets.core.site.publisher import NOBODY

    paths = Paths(root)
    if not paths.site.is_dir():
        raise UserError(f"{paths.site}: no site there to withdraw")
    problem: Exception | None = None
    settings: Settings | None = None
    with BuildLock(paths.lock).held():
        try:  # remembered first: whatever happens then, no build publishes the site again
            settings = load_settings(root)
            if settings is not None:
                save_settings(root, replace(settings, withdrawn=why))
            note_withdrawn(root, why)
        except (UserError, OSError) as error:
            problem = error
            with suppress(OSError):
                note_withdrawn(root, why)
        title, dated = _identity(settings, paths.site)
        published = withdraw_site(
            paths.site,
            title,
            why,
            lambda: site_outputs(Stamps(paths).read("site")),
            NOBODY if settings is None else settings.published_by,
            dated,
        )
        click.echo(f"Withdrawn: {paths.site} is one page that says why")
        _tell_exports(withdraw_exports(paths))
        theirs = theirs_in(paths.site, dict)
        if theirs:
            click.echo(f"Not made by laion-assets, and still there: {some_of(theirs)}")
        if settings is not None and problem is None:
            outputs = {f"site/{name}": entry for name, entry in published.files.items()}
            inputs = withdrawn_inputs(replace(settings, withdrawn=why))
            stamp = Stamp(code_version("site"), inputs, outputs, published.counts)
            Stamps(paths).write("site", None, stamp)
    if problem is not None:
        raise UserError(f"{problem}; it could not be remembered, so a build may publish it again")
    if settings is None:
        raise UserError(f"{root}: no {FILE_NAME} there to remember it; a build publishes it again")


def _identity(settings: Settings | None, site: Path) -> tuple[str, str]:
    """Return the dataset's title and date, as it is described or else as the site says it."""
    from laion_assets.core.publish.withdrawal import published_identity

    try:
        dataset = load_dataset(settings.dataset) if settings else None
    except UserError:
        dataset = None
    return (dataset.title, dataset.dated) if dataset else published_identity(site)
