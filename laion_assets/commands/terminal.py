"""What a build shows on the terminal: the plan, progress, the summary.

Lives here: words and bars. On a terminal progress is a bar per asset, otherwise a line per asset.
Not here: any decision.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from laion_assets.commands.shared import some_of
from laion_assets.core.build.graph import GRAPH
from laion_assets.core.build.plan import Plan
from laion_assets.core.build.room import in_words, reckon_room
from laion_assets.core.build.workspace import Workspace
from laion_assets.core.reading.description import read_description
from laion_assets.core.site.formats import listed_lines
from laion_assets.core.sources.left_out import LeftOut

if TYPE_CHECKING:
    from laion_assets.refresh import Refreshed

_KIB = 1024  # ru_maxrss is in KiB on Linux (getrusage(2))


_TOLD_EVERY = 60.0  # seconds between lines of progress in a log
_WORTH_TELLING = 1 << 30  # bytes that a build takes of the disk
_MOST_LEFT_OUT = 5  # lines of each kind
_MOST_NAMED = 20  # lines about files, of a kind


class _Console(Console):
    """A console whose closed pipe is an error like any other, for the one place that tells them."""

    def on_broken_pipe(self) -> None:
        """Raise on what rich, which calls this while it handles it, ends the process for."""
        raise  # noqa: PLE0704 - see above


class _DoneColumn(ProgressColumn):
    """How much is done, of how much, and how much a second."""

    def render(self, task: Task) -> Text:
        """Return it in words; nothing where there is nothing to count."""
        return Text(
            _done(int(task.completed), int(task.total or 0), task.finished_speed or task.speed)
        )


def _done(done: int, total: int, speed: float | None) -> str:
    of = f"{done:,} of {total:,}" if total else f"{done:,}" if done else ""
    return f"{of}, {speed:,.0f} a second" if of and speed and speed >= 1 else of


class Screen:
    """The terminal during one command."""

    def __init__(self, workspace: Workspace | None) -> None:
        self._workspace = workspace
        self._console = _Console(highlight=False)
        self._bars = Progress(
            TextColumn("{task.description:16}"),
            BarColumn(),
            _DoneColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(compact=True),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}
        self._begun: dict[str, float] = {}  # when each label was first heard of
        self._told = self._started = time.monotonic()

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
            self._begun[label] = time.monotonic()
            if not self._console.is_terminal and label in GRAPH:
                self._tell(f"{label} …")
        # A finished file's bar goes, or a hundred downloads would fill the screen.
        going = label in GRAPH or not total or done < total
        self._bars.update(self._tasks[label], completed=done, total=total or None, visible=going)
        if not self._console.is_terminal and time.monotonic() - self._told >= _TOLD_EVERY:
            self._tell(f"{label}: {self._so_far(label, done, total)}")

    def _tell(self, line: str) -> None:
        self._console.print(line, style="dim", soft_wrap=True)
        self._told = time.monotonic()

    def _so_far(self, label: str, done: int, total: int) -> str:
        """Return how far something is, in a log: how fast, how long it has taken and will take."""
        taken = time.monotonic() - self._begun[label]
        speed = done / taken if taken else 0.0
        left = f", about {(total - done) / speed:,.0f} s left" if total and speed else ""
        return f"{_done(done, total, speed)} after {taken:,.0f} s{left}"

    def announce(self, plan: Plan) -> None:
        """Say what is about to happen."""
        if plan.nothing_to_do:
            return
        if plan.keys:
            files = "file" if len(plan.keys) == 1 else "files"
            self._console.print(f"{len(plan.keys)} source {files} to process")
        if plan.vanished:
            self._console.print(f"{len(plan.vanished)} source files are gone and leave the site")
        assert self._workspace is not None  # noqa: S101 - a plan is a workspace's
        room = reckon_room(self._workspace, plan)
        if room.needed >= _WORTH_TELLING:
            free = in_words(room.free)
            self._console.print(
                f"About {in_words(room.needed)} of disk are needed; {free} are free."
            )

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
        self._exports(done)
        if done.plan.nothing_to_do:
            self._console.print("Nothing to do: everything is up to date.")
        else:
            self._console.print(self._seconds(done.seconds))
            count = len(done.plan.keys)
            self._console.print(f"{count} source {'file' if count == 1 else 'files'} processed.")
            for line in self._how_read(workspace, done.plan.keys):
                self._console.print(line, soft_wrap=True, markup=False)
        self._console.print(self._rows(workspace), soft_wrap=True)
        self._damaged_lines(workspace)
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

    def outdated(self, exports: Sequence[str]) -> None:
        """Name the exports that are of an older build."""
        if exports:
            line = f"Of an older build: {', '.join(exports)}; `laion-assets export all` renews them"
            self._console.print(line, soft_wrap=True, markup=False)

    def _exports(self, done: Refreshed) -> None:
        """Say what became of exports; no build makes any."""
        for told, names in (
            ("Exports are damaged", done.damaged_exports),
            ("Exports held rows that are not published any more, and were deleted",
             done.exports_gone),
        ):  # fmt: skip
            if names:
                line = f"{told}: {some_of(names)}; `laion-assets export all` makes them again"
                self._console.print(line, soft_wrap=True, markup=False)

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
    def _how_read(workspace: Workspace, keys: Collection[str]) -> Iterator[str]:
        """Yield how files are read where that is not as their kind suggests, alike ones in one."""
        files: dict[str, list[str]] = {}
        for key in workspace.sources.usable_keys():
            if key in keys:
                description = read_description(workspace.paths.description(key))
                files.setdefault(description.how_read, []).append(description.file)
        files.pop("", None)
        for how, names in list(files.items())[:_MOST_NAMED]:
            more = f" and {len(names) - 1:,} more" if len(names) > 1 else ""
            yield f"{names[0]}{more}: {how}"

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

    def _damaged_lines(self, workspace: Workspace) -> None:
        """Say which lines could not be split, file by file, up to a screenful."""
        told = []
        for key in workspace.sources.usable_keys():
            stamp = workspace.stamps.read("images", key)
            lines = stamp.counts["rejected"].get("damaged_line", 0) if stamp else 0
            if stamp and lines:
                numbers = listed_lines(stamp.counts.get("first_damaged", ()), lines)
                what = "line" if lines == 1 else "lines"
                name = workspace.sources.find(key).relative
                where = f" ({what} {numbers})" if numbers else ""
                told.append(f"{name}: {lines:,} {what} could not be split{where}")
        for line in told[:_MOST_NAMED]:
            self._console.print(line, soft_wrap=True, markup=False)
        if len(told) > _MOST_NAMED:
            more = len(told) - _MOST_NAMED
            self._console.print(f"Lines of {more:,} more files could not be split")

    @staticmethod
    def lost(losses: Mapping[str, str], empty: str) -> None:
        """Name the files of which little was kept, up to a screenful, and why the site is empty."""
        for name, said in sorted(losses.items())[:_MOST_NAMED]:
            print(f"laion-assets: {name}: {said}", file=sys.stderr)  # noqa: T201
        if len(losses) > _MOST_NAMED:
            more = len(losses) - _MOST_NAMED
            print(f"laion-assets: less than half is kept of {more:,} more files", file=sys.stderr)  # noqa: T201
        if losses:
            print(  # noqa: T201
                "laion-assets: if that is as it should be, say so: "
                "laion-assets build --accept-losses",
                file=sys.stderr,
            )
        if empty:
            print(f"laion-assets: the site has no row: {empty}", file=sys.stderr)  # noqa: T201

    @staticmethod
    def _leave_out(left_out: LeftOut) -> None:
        """Name what was left out: the first few of each kind, and how many more there are."""
        for kind, members in left_out.by_kind().items():
            for name, why in members[:_MOST_LEFT_OUT]:
                print(f"laion-assets: left out: {name} {why}", file=sys.stderr)  # noqa: T201
            more = len(members) - _MOST_LEFT_OUT
            if more > 0:
                of_which = "which" if more == 1 else "each of which"
                print(f"laion-assets: left out: {more:,} more, {of_which} {kind}", file=sys.stderr)  # noqa: T201
        if left_out.hidden:
            files = "file" if left_out.hidden == 1 else "files"
            print(  # noqa: T201
                f"laion-assets: {left_out.hidden:,} hidden {files} passed over (named .x or _x, or"
                " checksums and locks)",
                file=sys.stderr,
            )

    @staticmethod
    def _warn(set_aside: Mapping[str, str]) -> None:
        for name, error in sorted(set_aside.items()):
            print(f"laion-assets: {name}: {error}", file=sys.stderr)  # noqa: T201
        if set_aside:
            print(  # noqa: T201
                "laion-assets: rows read from such a file before, if any, stay published",
                file=sys.stderr,
            )
