"""What a build shows on the terminal: the plan, progress, the summary.

Lives here: words and bars. On a terminal progress is a bar per asset, otherwise a line per asset.
Not here: any decision.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from laion_assets.commands.shared import some_of
from laion_assets.core.build.graph import GRAPH
from laion_assets.core.build.plan import Plan
from laion_assets.core.build.workspace import Workspace

if TYPE_CHECKING:
    from laion_assets.refresh import Refreshed

_KIB = 1024  # ru_maxrss is in KiB on Linux (getrusage(2))


_MOST_LEFT_OUT = 20  # lines


class _Console(Console):
    """A console whose closed pipe is an error like any other, for the one place that tells them."""

    def on_broken_pipe(self) -> None:
        """Raise on what rich, which calls this while it handles it, ends the process for."""
        raise  # noqa: PLE0704 - see above


class Screen:
    """The terminal during one command."""

    def __init__(self, workspace: Workspace | None) -> None:
        self._workspace = workspace
        self._console = _Console(highlight=False)
        self._bars = Progress(
            TextColumn("{task.description:16}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}
        self._started = time.monotonic()

    def __enter__(self) -> Self:
        """Start drawing bars."""
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Take the bars away."""
        self._bars.stop()

    def progress(self, label: str, done: int, total: int) -> None:
        """Show how far `label` is; a total of 0 is unknown."""
        if label not in self._tasks:
            self._tasks[label] = self._bars.add_task(label, total=total or None)
            if not self._console.is_terminal and label in GRAPH:
                self._console.print(f"{label} …", style="dim")
        # A finished file's bar goes, or a hundred downloads would fill the screen.
        going = label in GRAPH or not total or done < total
        self._bars.update(self._tasks[label], completed=done, total=total or None, visible=going)

    def announce(self, plan: Plan) -> None:
        """Say what is about to happen."""
        if plan.nothing_to_do:
            return
        if plan.keys:
            files = "file" if len(plan.keys) == 1 else "files"
            self._console.print(f"{len(plan.keys)} source {files} to process")
        if plan.vanished:
            self._console.print(f"{len(plan.vanished)} source files are gone and leave the site")

    def status(self, plan: Plan) -> None:
        """Show every asset as up to date or not."""
        assert self._workspace is not None  # noqa: S101 - status is about a workspace
        table = Table("asset", "state", box=None)
        for name, node in GRAPH.items():
            stale = len(plan.per_file.get(name, ())) if node.per_file else int(name in plan.merged)
            total = len(self._workspace.sources.all()) if node.per_file else 1
            of = f" {stale} of {total} files" if node.per_file else ""
            table.add_row(name, f"[yellow]to make[/]{of}" if stale else "[green]up to date[/]")
        self._console.print(table)
        self._warn(plan.set_aside)
        self._leave_out(self._workspace.sources.left_out)

    def summary(self, done: Refreshed) -> None:
        """Say what was done: rows, files, time per asset, peak memory."""
        workspace = self._workspace
        assert workspace is not None  # noqa: S101 - summaries are about a workspace
        for path in done.repaired:
            self._console.print(f"Damaged, and made again: {path}", soft_wrap=True, markup=False)
        if done.plan.nothing_to_do:
            self._console.print("Nothing to do: everything is up to date.")
        else:
            self._console.print(self._seconds(done.seconds))
            count = len(done.plan.keys)
            self._console.print(f"{count} source {'file' if count == 1 else 'files'} processed.")
        self._console.print(self._rows(workspace), soft_wrap=True)
        stamp = workspace.stamps.read("site")
        if stamp and not done.plan.nothing_to_do:
            counts = stamp.counts
            written = counts["written"] if "site" in done.seconds else 0
            unchanged = counts["files"] - written
            self._console.print(
                f"Site: {counts['files']:,} files, {counts['bytes'] / 2**20:,.1f} MiB; "
                f"{written:,} written, {unchanged:,} unchanged."
            )
        edited = stamp.counts.get("edited", ()) if stamp and "site" in done.seconds else ()
        self._theirs(workspace.paths.site, edited)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KIB / 2**20
        elapsed = time.monotonic() - self._started
        self._console.print(f"Took {elapsed:.1f} s, peak memory {peak:,.0f} MiB.")
        for check in done.failed_checks:
            print(f"laion-assets: check failed: {check}; see it in the UI", file=sys.stderr)  # noqa: T201
        self._warn(done.set_aside)
        self._leave_out(workspace.sources.left_out)
        self._console.print(f"Open {workspace.paths.site / 'index.html'}", soft_wrap=True)

    def _theirs(self, site: Path, edited: Sequence[str]) -> None:
        """Say what became of what people changed in the site's folder, or keep there."""
        from laion_assets.core.publish.theirs import kept_aside, theirs_in

        for told, names in (
            ("Changed since it was published, and written anew", edited),
            ("In the site, not made by laion-assets, and left as it is", theirs_in(site, dict)),
            ("Not made by laion-assets, and moved out of its way", kept_aside(site)),
        ):
            if names:
                self._console.print(f"{told}: {some_of(names)}", soft_wrap=True, markup=False)

    @staticmethod
    def _seconds(seconds: Mapping[str, float]) -> Table:
        table = Table("asset", "seconds", box=None)
        table.columns[1].justify = "right"
        order = {name: place for place, name in enumerate(GRAPH)}
        for name in sorted(seconds, key=lambda name: order.get(name, len(order))):
            table.add_row(escape(name), f"{seconds[name]:.1f}")
        return table

    @staticmethod
    def _rows(workspace: Workspace) -> str:
        read = kept = 0
        rejected: dict[str, int] = {}
        for key in workspace.sources.usable_keys():
            stamp = workspace.stamps.read("images", key)
            counts: Mapping[str, Any] = stamp.counts if stamp else {"read": 0, "kept": 0}
            read, kept = read + counts["read"], kept + counts["kept"]
            for reason, number in counts.get("rejected", {}).items():
                rejected[reason] = rejected.get(reason, 0) + number
        reasons = ", ".join(f"{reason} {number:,}" for reason, number in rejected.items() if number)
        why = f" ({reasons})" if reasons else ""
        return f"Rows: {read:,} read, {kept:,} kept, {read - kept:,} rejected{why}."

    @staticmethod
    def _leave_out(left_out: Mapping[str, str]) -> None:
        """Name what was left out, line by line, up to a screenful."""
        for name, why in sorted(left_out.items())[:_MOST_LEFT_OUT]:
            print(f"laion-assets: left out: {name} {why}", file=sys.stderr)  # noqa: T201
        if len(left_out) > _MOST_LEFT_OUT:
            more = len(left_out) - _MOST_LEFT_OUT
            print(f"laion-assets: left out: {more:,} more", file=sys.stderr)  # noqa: T201

    @staticmethod
    def _warn(set_aside: Mapping[str, str]) -> None:
        for name, error in sorted(set_aside.items()):
            print(f"laion-assets: {name}: {error}", file=sys.stderr)  # noqa: T201
        if set_aside:
            print(  # noqa: T201
                "laion-assets: rows read from such a file before, if any, stay published",
                file=sys.stderr,
            )
