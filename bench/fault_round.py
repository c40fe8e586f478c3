"""One round of faults: commands as processes, a look at the site all the while, the end compared.

Lives here: starting, signalling and judging commands, bringing the round to its end. Not here: what
is disturbed (`fault_kinds`, `fault_damage`), which rounds there are (`faults`).
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.fault_corpus import CHANGES, Change, Place, differences, look_at_site

PROJECT = Path(__file__).parents[1]
_PATIENCE = 300.0  # seconds until a command counts as hung
_LOOK_EVERY = 0.1  # seconds between two looks at the site
_TICK = 0.01
_LAST_ASSET = 17
_WITH_OTHERS = (  # lines that come with those about a file
    "laion-assets: check failed: raw_parquet: every_file_readable;",
    "laion-assets: rows read from such a file before, if any, stay published",
    "laion-assets: check failed: images: most_rows_kept;",
    "laion-assets: if that is as it should be, say so: ",
)
#: Sets limits and drops the right to write where permissions say no, then becomes the command.
_LAUNCHER = """
import ctypes, json, os, resource, sys
limits, unprivileged = json.loads(sys.argv[1])
for name, value in limits.items():
    resource.setrlimit(getattr(resource, name), (value, value))
if unprivileged:
    for capability in (1, 2):
        ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)
os.execv(sys.argv[2], sys.argv[2:])
"""


@dataclass
class Done:
    """A command that ended."""

    command: str
    code: int
    output: str
    errors: str


class Running:
    """A `laion-assets` command as a process of its own."""

    def __init__(
        self,
        place: Place,
        arguments: Collection[str],
        limits: Mapping[str, int],
        *,
        unprivileged: bool = False,
    ) -> None:
        self._arguments = list(arguments)
        command = [sys.executable, "-m", "laion_assets.cli", *self._arguments]
        command += ["--build-dir", str(place.build)]
        if limits or unprivileged:
            asked = json.dumps([dict(limits), unprivileged])
            command = [sys.executable, "-c", _LAUNCHER, asked, *command]
        log = place.folder / "log"
        log.mkdir(exist_ok=True)
        number = len(list(log.iterdir()))
        self._out, self._err = log / f"{number:02}.out", log / f"{number:02}.err"
        environment = {**os.environ, "PYTHONPATH": str(PROJECT), "NO_COLOR": "1", "COLUMNS": "100"}
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env=environment,
                cwd=place.folder,
                start_new_session=True,
            )

    def wait_for(self, assets: int, seconds: float) -> bool:
        """Wait until so many assets were begun and then some time; False when it ended before."""
        while self.output().count(" …\n") < assets:
            if self.process.poll() is not None:
                return False
            time.sleep(_TICK)
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return True
        return False

    def output(self) -> str:
        """Return what it printed so far."""
        return self._out.read_text(errors="replace")

    def kill(self, number: signal.Signals, *, alone: bool = False) -> None:
        """Send a signal to it and, unless `alone`, to every child it may have."""
        if self.process.poll() is None:
            (os.kill if alone else os.killpg)(self.process.pid, number)

    def children(self) -> list[int]:
        """Return the processes it started."""
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        try:
            return [int(child) for child in path.read_text().split()]
        except OSError:
            return []

    def end(self) -> Done:
        """Wait for the end; a command that hangs is killed and has the code -9."""
        try:
            self.process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill(signal.SIGKILL)
            self.process.wait()
        errors = self._err.read_text(errors="replace")
        return Done(" ".join(self._arguments), self.process.returncode, self.output(), errors)


def _own_lines(done: Done) -> list[str]:
    """Return the lines of error, without those that go with every file that is set aside."""
    return [line for line in done.errors.splitlines() if not line.startswith(_WITH_OTHERS)]


@dataclass
class Expected:
    """An undisturbed build of one change."""

    contents: dict[str, str]
    manifest: str  # its digest


@dataclass
class Round:
    """A place with a finished build and a change that the next build has to take in."""

    place: Place
    base: Place  # what it is a copy of
    change: str
    expected: Expected
    before: Expected
    rng: random.Random
    may_mount: bool
    after: tuple[str, ...] = ("build",)  # the command that brings it to its end
    finished: bool = False
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def what(self) -> Change:
        """The change."""
        return CHANGES[self.change]

    def start(self, *arguments: str, **limits: int) -> Running:
        """Start a command; limits are those of `resource`."""
        return Running(self.place, arguments, limits)

    def run(self, *arguments: str, **limits: int) -> Done:
        """Run a command to its end."""
        return self.start(*arguments, **limits).end()

    def build(self, **limits: int) -> Running:
        """Start the build that takes in the change."""
        return self.start("build", *self.what.arguments, **limits)

    def moment(self, running: Running) -> bool:
        """Wait for a moment at random; False when the command was through before."""
        assets, seconds = self.rng.randrange(_LAST_ASSET + 1), self.rng.uniform(0, 0.7)
        self.notes.append(f"asset {assets} + {seconds:.2f} s")
        return running.wait_for(assets, seconds)

    def judge(self, done: Done, codes: Collection[int], lines: int = 1) -> None:
        """Hold a command to its exit codes, and to so many lines of error when it failed."""
        if done.code not in codes:
            self.problem(f"`{done.command}` ended with {done.code}, not {sorted(codes)}", done)
        elif "Traceback" in done.errors:
            self.problem(f"`{done.command}`: a traceback", done)
        elif (found := len(_own_lines(done))) > lines:
            self.problem(f"`{done.command}`: {found} lines of error, not {lines}", done)
        elif done.code > 0 and not found:
            self.problem(f"`{done.command}` ended with {done.code} and said nothing", done)

    def problem(self, text: str, done: Done | None = None) -> None:
        """Note what did not hold."""
        last = done.errors.strip().splitlines()[-1:] if done else []
        self.problems.append(" | ".join([text, *(line[:300] for line in last)]))

    @contextmanager
    def watched(self, *others: str, any_site: bool = False) -> Iterator[None]:
        """Look at the site all the while: whole, and the one before or the one expected.

        `others` are digests of manifests that may be there as well.
        """
        allowed = {self.before.manifest, self.expected.manifest, *others}
        over = threading.Event()
        seen: dict[str, None] = {}

        def look() -> None:
            while not over.wait(_LOOK_EVERY):
                looked = look_at_site(self.place.site)
                if looked is not None:
                    seen.update(dict.fromkeys(looked[1][:3]))
                    if looked[0] not in allowed and not any_site and not looked[1]:
                        seen["a site that is neither the old nor the new one"] = None

        watcher = threading.Thread(target=look)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()
            self.problems += [f"during the fault: {line}" for line in seen]

    def finish(self) -> None:
        """Build without a disturbance; compare every byte; a second build has nothing to do."""
        arguments = self.what.arguments if self.after[0] == self.what.command == "build" else ()
        done = self.run(*self.after, *arguments)
        self.judge(done, {0}, lines=0)
        if not done.code:
            wrong = differences(self.place.build, self.expected.contents)
            if wrong:
                self.problem(f"{len(wrong)} files differ in the end, first {'; '.join(wrong[:3])}")
            looked = look_at_site(self.place.site)
            if looked is None or looked[1]:
                self.problem(f"the site is not whole in the end: {looked}")
            again = self.run("build")
            self.judge(again, {0}, lines=0)
            if not again.code and "Nothing to do" not in again.output:
                self.problem("a second build had something to do")
        left = [p.name for p in self.place.build.rglob(".tmp-*") if p.name != ".tmp-work"]
        left += [p.name for p in self.place.build.glob(".site-before*")]
        if left and not done.code:
            self.problem(f"left lying: {', '.join(left[:3])}")


#: Disturbs a round's build; whatever does not hold becomes a problem of the round.
Disturb = Callable[[Round], Any]
