"""The command line: `laion-assets build`, `status`, `remove`, `serve`, `verify` and more.

Lives here: options, help, the words on the screen, exit codes (0 done, 1 failed with one clear
line, 2 bad usage). Not here: the work (`refresh`, `core`).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from laion_assets.commands import names as cli_names
from laion_assets.commands.datasets_text import DESCRIBING, explain_dataset, list_presets
from laion_assets.commands.shared import BUILD_DIR, one_clear_line, saved_workspace
from laion_assets.commands.terminal import Screen
from laion_assets.core.base.errors import BadUsage, UserError
from laion_assets.core.build.plan import Plan, make_plan
from laion_assets.core.build.settings import Settings, load_settings, save_settings
from laion_assets.core.build.workspace import Workspace
from laion_assets.core.sources.datasets import load_dataset
from laion_assets.core.sources.finding import is_address


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="laion-assets", message="%(prog)s %(version)s")
def main() -> None:
    """Turn LAION-style image-caption parquet into a static site anyone can search.

    \b
    laion-assets build                         the embedded sample, into build/
    laion-assets build --source my-parquet/    a folder of your own files
    laion-assets build                         again: only what is missing or stale
    """


@main.command()
@click.option("--dataset", metavar="NAME|FILE.toml", help="A preset, or your own description.")
@click.option(
    "--source",
    "sources",
    multiple=True,
    metavar="PATH|URL",
    help="A file of rows, a folder of them, or an http(s) or s3 address. Give it as often as "
    "needed: together they are the complete source set. Left out, the saved set is used.",
)
@BUILD_DIR
@click.option("--max-files", type=click.IntRange(min=1_000), help="Most files the site may have.")
@click.option("--memory", metavar="SIZE", help="DuckDB's memory, such as 2GB; the rest spills.")
@click.option("--threads", type=click.IntRange(min=1), help="Threads inside a step.")
@click.option(
    "--removals",
    metavar="FILE",
    help="Keep the removal list there instead of in the build directory.",
)
@click.option(
    "--allow",
    metavar="FILE",
    help="Keep only rows whose image id is in this file, one a line; '' keeps all again.",
)
@click.option(
    "--lists",
    metavar="FOLDER",
    help="Your own lists: artists.csv there replaces ours, more-artists.csv adds to it, and so for "
    "celebrities, characters and platforms; '' uses ours again.",
)
@click.option(
    "--rehash",
    is_flag=True,
    help="Recognise source files by content, not by time; ask hosts for their files again.",
)
@one_clear_line
def build(build_dir: Path, rehash: bool, **options: Any) -> None:  # noqa: FBT001 - click's flag
    """Bring everything missing or stale up to date.

    Decides per asset and source file from content digests and code versions, runs the same assets
    the Dagster UI shows, and ends with a summary.
    """
    root = build_dir.resolve()
    settings = _settings(root, **options)
    workspace = Workspace(root, settings, rehash=rehash)
    workspace.sources.all()  # a missing source is told before anything is saved or started
    if settings.lists:
        from laion_assets.core.names.lists import load_all

        load_all(workspace.lists)  # a mistake in a list likewise
    _refresh(workspace, settings)


def _refresh(workspace: Workspace, settings: Settings) -> None:
    """Save the settings, bring everything up to date, and say what was done."""
    from laion_assets.refresh import refresh

    with workspace.lock.held(), Screen(workspace) as screen:
        save_settings(workspace.root, settings)
        done = refresh(workspace, screen.progress, screen.announce)
    screen.summary(done)
    if done.set_aside or done.failed_checks:
        sys.exit(1)


def _settings(
    root: Path,
    *,
    dataset: str | None,
    sources: Sequence[str],
    removals: str | None,
    allow: str | None,
    lists: str | None,
    **limits: Any,
) -> Settings:
    """Return the saved settings with what the command line changes."""
    saved = load_settings(root)
    settings = saved or Settings()
    if sources:
        paths = tuple(s if is_address(s) else str(Path(s).absolute()) for s in sources)
        settings = replace(settings, sources=paths, dataset=dataset or _for_files(saved))
    elif dataset is not None and dataset != settings.dataset:
        settings = replace(settings, dataset=dataset, sources=())
    if settings.dataset.endswith(".toml"):
        settings = replace(settings, dataset=str(Path(settings.dataset).absolute()))
    load_dataset(settings.dataset)
    paths_of = {"removals": removals, "allow": allow, "lists": lists}
    absolute = {name: path and str(Path(path).absolute()) for name, path in paths_of.items()}
    return settings.with_changes(**absolute, **limits)


def _for_files(saved: Settings | None) -> str:
    """Return the dataset of files given without --dataset: the saved one unless it is generated."""
    if saved is None or load_dataset(saved.dataset).generated:
        return "files"
    return saved.dataset


@main.command()
@BUILD_DIR
@one_clear_line
def status(build_dir: Path) -> None:
    """Say what the next build would do.

    Plans like `build`, and changes nothing.
    """
    workspace = saved_workspace(build_dir)
    plan: Plan = make_plan(workspace)
    screen = Screen(workspace)
    screen.status(plan)


@main.command()
@click.option("--url", "urls", multiple=True, help="An address; scheme and port do not matter.")
@click.option("--id", "ids", multiple=True, help="An image id, as the site and its tables show it.")
@click.option("--domain", "domains", multiple=True, help="A registrable domain, all of it.")
@click.option(
    "--file",
    "files",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="A list of addresses, ids and domains, one a line.",
)
@BUILD_DIR
@one_clear_line
def remove(
    urls: Sequence[str],
    ids: Sequence[str],
    domains: Sequence[str],
    files: Sequence[Path],
    build_dir: Path,
) -> None:
    """Take rows out, and rebuild what that touches.

    The removal list (removals.csv in the build directory, unless --removals of `build` says
    otherwise) gets a hash of each address, id or domain, never itself. Rows it hits become rejects
    of which only number, id and reason stay, and are in no table, page, index or download. Keep
    the list: it is the one file in the build directory that cannot be made again.
    """
    from laion_assets.core.cleaning import removal
    from laion_assets.core.names.lists import load_all

    workspace = saved_workspace(build_dir)
    entries = [removal.url_entry(url) for url in urls]
    entries += [removal.id_entry(image_id) for image_id in ids]
    entries += [removal.domain_entry(domain) for domain in domains]
    entries += [entry for path in files for entry in removal.entries_of_file(path)]
    if not entries:
        raise BadUsage("nothing to remove; name it with --url, --id, --domain or --file")
    try:
        load_all(workspace.lists)  # the rows are gone only when the rebuild is through
    except BadUsage as error:
        raise BadUsage(f"{error}; nothing was removed, mend that first") from error
    with workspace.lock.held():
        new = removal.add_removals(workspace.removal_list, entries)
        hits = {source: workspace.hits(source.key) for source in workspace.sources.all()}
    concerned = {source: hit for source, hit in hits.items() if hit.entries & set(entries)}
    rows = sum(len(hit.rows) for hit in concerned.values())
    click.echo(
        f"{len(entries)} named, {new} new on {workspace.removal_list}; "
        f"{rows:,} listed rows in {len(concerned)} source files"
    )
    _refresh(workspace, workspace.settings)


@main.command()
@click.option("--why", help="The reason, shown on the page that takes the site's place.")
@click.option("--undo", is_flag=True, help="Publish the site again.")
@BUILD_DIR
@one_clear_line
def withdraw(why: str | None, undo: bool, build_dir: Path) -> None:  # noqa: FBT001 - click's flag
    """Replace the whole site by a page that says why.

    The tables stay; every page, table, download and index file of the site goes, until --undo.
    """
    if bool(why and why.strip()) == undo:
        raise BadUsage("say why with --why TEXT, or publish again with --undo")
    workspace = saved_workspace(build_dir)
    workspace.settings = replace(workspace.settings, withdrawn="" if undo else str(why).strip())
    _refresh(workspace, workspace.settings)


@main.command()
@BUILD_DIR
@click.option("--port", default=8000, show_default=True, help="Port on this machine.")
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


@main.command()
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


@main.command(epilog=DESCRIBING)
@click.argument("name", required=False, metavar="[NAME|FILE.toml]")
@one_clear_line
def datasets(name: str | None) -> None:
    """List the presets, or explain one.

    Explained are: where its files are, what its status means, its columns, licence and caveats, and
    how to build it.
    """
    lines = list_presets() if name is None else explain_dataset(load_dataset(name), name)
    click.echo("\n".join(lines))


@main.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--rows", default=60_000, show_default=True, type=click.IntRange(min=1))
@click.option("--files", default=6, show_default=True, type=click.IntRange(min=1))
@click.option("--seed", default=2022, show_default=True)
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


main.add_command(cli_names.lookup)
main.add_command(cli_names.lists)


if __name__ == "__main__":
    main()
