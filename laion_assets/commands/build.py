"""The commands that build: `laion-assets build`, `status` and `settings`.

Lives here: options (made from `core.build.settings`), help, exit codes (0 done, 1 failed with one
clear line, 2 bad usage). Not here: the work (`refresh`, `core`), what is printed (`terminal`).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from laion_assets.commands.output import to_json
from laion_assets.commands.shared import BUILD_DIR, one_clear_line, room_for_work, saved_workspace
from laion_assets.commands.terminal import Screen
from laion_assets.core.base.budget import check_room
from laion_assets.core.build.exporting import outdated_exports
from laion_assets.core.build.losses import find_losses, why_empty
from laion_assets.core.build.plan import Plan, make_plan
from laion_assets.core.build.settings import (
    Setting,
    Settings,
    all_settings,
    load_settings,
    save_settings,
)
from laion_assets.core.build.workspace import Workspace
from laion_assets.core.site.publisher import remark_on
from laion_assets.core.sources.datasets import load_dataset
from laion_assets.core.sources.finding import checked_source


def _settings_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add an option for every setting that `build` sets."""
    for setting in reversed([setting for setting in all_settings() if setting.option]):
        switch = f"/--no-{setting.option}" if setting.kind is bool else ""
        command = click.option(
            f"--{setting.option}{switch}",
            setting.parameter,
            default=None,
            type=_option_type(setting),
            multiple=setting.kind is tuple,
            metavar=setting.metavar,
            help=setting.meaning,
        )(command)
    return command


def _option_type(setting: Setting) -> click.ParamType[Any]:
    if setting.kind is bool:
        return click.BOOL
    if setting.kind is int:
        least, most = (None if n is None else int(n) for n in (setting.least, setting.most))
        return click.IntRange(min=least, max=most)
    if setting.kind is float:
        return click.FloatRange(min=setting.least, max=setting.most)
    return click.STRING


@click.command()
@_settings_options
@BUILD_DIR
@click.option(
    "--rehash",
    is_flag=True,
    help="Recognise files by content, not by time: sources, and all that was made of them (what is "
    "damaged is made again). Ask hosts for their files again.",
)
@one_clear_line
def build(build_dir: Path, rehash: bool, **options: Any) -> None:  # noqa: FBT001 - click's flag
    """Bring everything missing or stale up to date.

    Decides per asset and source file from content digests and code versions, runs the same assets
    the Dagster UI shows, and ends with a summary.
    """
    root = build_dir.resolve()
    workspace = Workspace(root, _changed_settings(root, **options), rehash=rehash)
    workspace.sources.all()  # what is missing is told before anything is saved or started
    if workspace.settings.allow:
        workspace.removal()
    if workspace.settings.lists:
        from laion_assets.core.claims.claim_files import load_claims
        from laion_assets.core.names.list_files import file_remarks
        from laion_assets.core.names.lists import load_all, load_platforms

        lists = load_all(workspace.lists)  # a mistake in a list likewise
        load_claims(workspace.lists)
        for remark in file_remarks(workspace.lists):
            click.echo(f"Note: {remark}")
        platforms = {each.platform for each in load_platforms(workspace.lists)}
        listed = [len(each) for each in (*lists.values(), platforms)]
        check_room(workspace.settings.max_files, listed)
    went_well = report(workspace, save=True)
    said = remark_on(workspace.settings.published_by)
    if said:
        click.echo(f"Note: {said}")
    if not went_well:
        sys.exit(1)


def build_and_report(workspace: Workspace) -> None:
    """Bring everything up to date, and say what was done; exit code 1 when not all went well.

    The settings are saved once there is a plan: what cannot even begin leaves them as they were.
    From then on every asset reads them there.
    """
    if not report(workspace, save=True):
        sys.exit(1)


def report(workspace: Workspace, *, save: bool = False) -> bool:
    """Bring everything up to date with the settings of the workspace, and say what was done.

    Returns whether all went well: no file is set aside, most rows of each are kept (or that is
    accepted), no check failed.
    """
    from laion_assets.refresh import refresh

    room_for_work(workspace.settings)

    def begin(plan: Plan) -> None:
        if save:
            save_settings(workspace.root, workspace.settings)
        screen.announce(plan)

    with workspace.lock.held(), Screen(workspace) as screen:
        done = refresh(workspace, screen.progress, begin)
    screen.summary(done)
    losses, empty = find_losses(workspace), why_empty(workspace)
    screen.lost(losses, empty)
    return not (done.set_aside or done.failed_checks or losses or empty)


def _changed_settings(
    root: Path,
    *,
    dataset: str | None,
    sources: Sequence[str],
    removals: str | None,
    removals_key: str | None,
    allow: str | None,
    lists: str | None,
    **others: Any,
) -> Settings:
    """Return the saved settings with what the command line changes."""
    saved = load_settings(root)
    settings = saved or Settings()
    if sources:
        named = tuple(map(checked_source, sources))
        settings = replace(settings, sources=named, dataset=dataset or _for_files(saved))
    elif dataset is not None and dataset != settings.dataset:
        settings = replace(settings, dataset=dataset, sources=())
    if settings.dataset.endswith(".toml"):
        settings = replace(settings, dataset=str(Path(settings.dataset).absolute()))
    if settings.dataset != (saved or Settings()).dataset:
        load_dataset(settings.dataset)
    paths_of = {
        "removals": removals, "removals_key": removals_key, "allow": allow, "lists": lists,
    }  # fmt: skip
    absolute = {name: path and str(Path(path).absolute()) for name, path in paths_of.items()}
    return settings.with_changes(**absolute, **others)


def _for_files(saved: Settings | None) -> str:
    """Return the dataset of files given without --dataset: the saved one unless it is generated."""
    if saved is None or load_dataset(saved.dataset).generated:
        return "files"
    return saved.dataset


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for other programs.")
@BUILD_DIR
@one_clear_line
def status(as_json: bool, build_dir: Path) -> None:  # noqa: FBT001 - click's flag
    """Say what the next build would do.

    Plans like `build`, and changes nothing.
    """
    workspace = saved_workspace(build_dir)
    plan: Plan = make_plan(workspace)
    if as_json:
        click.echo(to_json(_plan_as_json(workspace, plan)))
        return
    screen = Screen(workspace)
    screen.status(plan)
    screen.outdated(outdated_exports(workspace))
    screen.lost(find_losses(workspace), why_empty(workspace))


def _plan_as_json(workspace: Workspace, plan: Plan) -> dict[str, Any]:
    """Return a plan with source files by their names."""
    names = {source.key: source.relative for source in workspace.sources.all()}
    return {
        "nothing_to_do": plan.nothing_to_do,
        "per_file": {
            asset: sorted(names[key] for key in keys) for asset, keys in plan.per_file.items()
        },
        "merged": list(plan.merged),
        "vanished": list(plan.vanished),
        "set_aside": plan.set_aside,
        "outdated_exports": outdated_exports(workspace),
    }


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for other programs.")
@BUILD_DIR
@one_clear_line
def settings(as_json: bool, build_dir: Path) -> None:  # noqa: FBT001 - click's flag
    """Show every setting: its value here, its default, what it means.

    Values are those saved in build.toml of the build directory; `laion-assets build` sets them by
    the options of the same names.
    """
    saved = load_settings(build_dir.resolve()) or Settings()
    rows = [
        {
            "name": setting.name,
            "value": _value(saved, setting.name),
            "default": setting.default,
            "range": setting.range,
            "option": f"--{setting.option}" if setting.option else "",
            "meaning": setting.meaning,
        }
        for setting in all_settings()
    ]
    if as_json:
        click.echo(to_json(rows))
        return
    for row in rows:
        default = "" if row["value"] == row["default"] else f" (default {_shown(row['default'])})"
        click.echo(f"{row['name']} = {_shown(row['value'])}{default}")
        limits = f" {row['range']}." if row["range"] else ""
        option = f" Option {row['option']}." if row["option"] else ""
        click.echo(f"    {row['meaning']}{limits}{option}")


def _value(settings: Settings, name: str) -> Any:
    value: Any = settings
    for part in name.split("."):
        value = getattr(value, part)
    return value


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
