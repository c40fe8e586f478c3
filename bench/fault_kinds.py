"""Faults from outside: signals, limits, full disks, other commands, moved folders, takedowns.

Lives here: a function for each kind, which disturbs a round and holds what happens at once to what
is expected of it. Not here: damaged files (`fault_damage`), the end of a round (`fault_round`).
"""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from bench.fault_corpus import REMOVED_DOMAIN, Place, copy_tree, look_at_site
from bench.fault_round import Disturb, Round, Running

_STOPPED = 128  # an exit code above it names a signal, by the shells' convention


def killed(turn: Round) -> None:
    """Kill -9 at a random moment, of the build or of its children too."""
    with turn.watched():
        running = turn.build()
        turn.moment(running)
        running.kill(signal.SIGKILL, alone=turn.rng.random() < 0.5)
        turn.judge(running.end(), {-signal.SIGKILL, 0}, lines=0)


def killed_twice(turn: Round) -> None:
    """The build after a killed one is killed as well."""
    killed(turn)
    killed(turn)


def killed_and_taken_back(turn: Round) -> None:
    """After a killed build everything is as it was before: what that build made must not stay."""
    killed(turn)
    for name in ("source", "lists"):
        shutil.rmtree(turn.place.folder / name)
        copy_tree(turn.base.folder / name, turn.place.folder / name)
    turn.change, turn.expected = "nothing", turn.before
    turn.after = ("build", "--blurred", "0.5")


def child_killed(turn: Round) -> None:
    """Processes that the build started are killed; it goes on without them."""
    with turn.watched():
        running = turn.build()
        turn.moment(running)
        for child in running.children():
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        turn.judge(running.end(), {0}, lines=0)


def _stopped(turn: Round, number: signal.Signals, *, alone: bool) -> None:
    with turn.watched():
        running = turn.build()
        running.wait_for(1, 0)
        turn.moment(running)
        running.kill(number, alone=alone)
        turn.judge(running.end(), {_STOPPED + number, 0})


def interrupted(turn: Round) -> None:
    """Ctrl-C at a random moment, which a terminal sends to children too: one line, code 130."""
    _stopped(turn, signal.SIGINT, alone=False)


def terminated(turn: Round) -> None:
    """SIGTERM at a random moment: one line, exit code 143."""
    _stopped(turn, signal.SIGTERM, alone=True)


# -- limits --------------------------------------------------------------------------------------


def disk_full(turn: Round) -> None:
    """The build directory's disk has little room left, or (where nothing may be mounted) none."""
    if not turn.may_mount:
        file_size_limit(turn)
        return
    with _own_disk(turn) as disk:
        used = _used(disk)
        disk_size(disk, used + int(2 ** turn.rng.uniform(12, 22)))
        with turn.watched():
            turn.judge(turn.build().end(), {0, 1})
        disk_size(disk, used + (64 << 20))
        turn.finish()


@contextlib.contextmanager
def _own_disk(turn: Round) -> Iterator[Path]:
    """Move the build directory to a small disk of its own for a while."""
    disk, before = turn.place.folder / "disk", turn.place
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", disk], check=True)
    try:
        turn.place = Place(before.folder, disk / "build")
        copy_tree(before.build, turn.place.build)
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)
        turn.place = before
        turn.finished = True


def disk_size(disk: Path, size: int) -> None:
    """Give the small disk a size."""
    subprocess.run(["mount", "-o", f"remount,size={size}", disk], check=True)


def _used(disk: Path) -> int:
    found = os.statvfs(disk)
    return (found.f_blocks - found.f_bfree) * found.f_frsize


def file_size_limit(turn: Round) -> None:
    """No file may grow beyond a random size."""
    size = int(2 ** turn.rng.uniform(9, 18))
    turn.notes.append(f"{size} bytes")
    with turn.watched():
        turn.judge(turn.build(RLIMIT_FSIZE=size).end(), {0, 1})


def open_files_limit(turn: Round) -> None:
    """Few files may be open at once."""
    most = turn.rng.randint(10, 48)
    turn.notes.append(f"{most} files")
    with turn.watched():
        turn.judge(turn.build(RLIMIT_NOFILE=most).end(), {0, 1})


def address_space_limit(turn: Round) -> None:
    """Memory ends (the address space: some libraries reserve more than they use)."""
    size = turn.rng.randint(700, 2500) << 20
    turn.notes.append(f"{size >> 20} MiB")
    with turn.watched():
        turn.judge(turn.build(RLIMIT_AS=size).end(), {0, 1})


def little_memory(turn: Round) -> None:
    """DuckDB gets as little memory as may be asked for; the next build has the usual again."""
    with turn.watched():
        running = turn.start("build", *turn.what.arguments, "--memory", "256MB", "--threads", "1")
        turn.judge(running.end(), {0, 1})
    turn.after = ("build", "--memory", "2GB", "--threads", "2")


def permission_lost(turn: Round) -> None:
    """A folder of the build directory becomes read-only in the middle."""
    folders = [path for path in turn.place.build.rglob("*") if path.is_dir()]
    folder = turn.rng.choice([turn.place.build, *(p for p in folders if "dagster" not in p.parts)])
    turn.notes.append(str(folder.relative_to(turn.place.build)))
    with turn.watched():
        running = Running(turn.place, ["build", *turn.what.arguments], {}, unprivileged=True)
        turn.moment(running)
        before = folder.stat().st_mode if folder.exists() else 0
        if before:
            folder.chmod(0o555)
        done = running.end()
        if folder.exists():
            folder.chmod(before or 0o755)
        turn.judge(done, {0, 1})


# -- other commands ------------------------------------------------------------------------------


def two_builds(turn: Round) -> None:
    """Two builds of one directory: one does it, the other says so in one line, neither harms."""
    with turn.watched():
        first = turn.build()
        time.sleep(turn.rng.uniform(0, 2))
        second = turn.build()
        both = [first.end(), second.end()]
        for done in both:
            turn.judge(done, {0, 1})
            if done.code == 1 and "another build is running" not in done.errors:
                turn.problem("the second build does not say why", done)
        if all(done.code for done in both):
            turn.problem("neither of two builds was done")


def read_meanwhile(turn: Round) -> None:
    """Look-ups, status and verify while a build runs."""
    with turn.watched():
        running = turn.build()
        while running.process.poll() is None:
            name = turn.rng.choice(["lookup", "status", "verify"])
            names = ["Van Gogh", "Pink", "rose", "the"] if name == "lookup" else []
            turn.judge(turn.run(name, *names), {0}, lines=0)
        turn.judge(running.end(), {0}, lines=0)


def look_up_meanwhile(turn: Round) -> None:
    """Look-ups with work files of their own while a build is killed and the next one runs."""
    answers = set()
    with turn.watched():
        for kill in (True, False):
            running = turn.build()
            lookups = [turn.start("lookup", "--json", "Absent Artist", "nobody") for _ in range(2)]
            turn.moment(running)
            lookups.append(turn.start("lookup", "--json", "Absent Artist", "nobody"))
            if kill:
                running.kill(signal.SIGKILL)
            for lookup in lookups:
                done = lookup.end()
                turn.judge(done, {0}, lines=0)
                answers.add(done.output)
            turn.judge(running.end(), {-signal.SIGKILL, 0} if kill else {0}, lines=0)
    if not answers - {""}:
        turn.problem("no look-up had an answer")


def served(turn: Round) -> None:
    """The site is asked for while a build runs and is killed."""
    port = turn.rng.randint(20_000, 60_000)
    server = turn.start("serve", "--port", str(port))
    with turn.watched():
        running = turn.build()
        turn.moment(running)
        for page, expected in (("", 200), ("search.html", 200), ("no-such-page", 404)):
            found = _ask(port, page, server)
            if found != expected:
                turn.problem(f"served {page!r} with {found}, not {expected}")
        running.kill(signal.SIGKILL)
        running.end()
    server.kill(signal.SIGINT)
    turn.judge(server.end(), {0, 128 + signal.SIGINT})


def _ask(port: int, page: str, server: Running) -> int | str:
    """Return the status of a page; the server may have to start first."""
    until = time.monotonic() + 30
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request("GET", f"/{page}")
            answer = connection.getresponse()
            answer.read()
        except OSError as error:
            if time.monotonic() > until or server.process.poll() is not None:
                return repr(error)
            time.sleep(0.1)
        else:
            return answer.status
        finally:
            connection.close()


# -- takedowns -----------------------------------------------------------------------------------


def removing_killed(turn: Round) -> None:
    """`remove` is killed in the middle and then run again."""
    command = ("remove", "--domain", REMOVED_DOMAIN)
    with turn.watched():
        running = turn.start(*command)
        turn.moment(running)
        running.kill(signal.SIGKILL)
        turn.judge(running.end(), {-signal.SIGKILL, 0}, lines=0)
    turn.after = command


def withdrawing_killed(turn: Round) -> None:
    """`withdraw` is killed in the middle and run again; `--undo` publishes the site as it was."""
    command = ("withdraw", "--why", "Under review.")
    with turn.watched(any_site=True):
        running = turn.start(*command)
        running.wait_for(0, turn.rng.uniform(0.2, 1.2))
        running.kill(signal.SIGKILL)
        turn.judge(running.end(), {-signal.SIGKILL, 0}, lines=0)
        turn.judge(turn.run(*command), {0}, lines=0)
        looked = look_at_site(turn.place.site)
        if looked is None or looked[1] or (turn.place.site / "search.html").exists():
            turn.problem(f"not withdrawn: {looked}")
        turn.judge(turn.run("build"), {0}, lines=0)
        if (turn.place.site / "search.html").exists():
            turn.problem("a build published a withdrawn site")
        undoing = turn.start("withdraw", "--undo")
        turn.moment(undoing)
        undoing.kill(signal.SIGKILL)
        undoing.end()
    turn.after = ("withdraw", "--undo")


# -- places and clocks ---------------------------------------------------------------------------


def moved(turn: Round) -> None:
    """The build directory is moved, a folder above it renamed, or both copied anew."""
    before, way = turn.place, turn.rng.choice(["build", "parent", "copy"])
    turn.notes.append(way)
    if turn.rng.random() < 0.5:
        killed(turn)
    if way == "build":
        turn.place = Place(before.folder, before.folder / "else" / "where")
        turn.place.build.parent.mkdir()
        before.build.rename(turn.place.build)
        return
    folder = before.folder.with_name(before.folder.name + "-moved")
    if way == "parent":
        before.folder.rename(folder)
    else:
        subprocess.run(["cp", "-r", before.folder, folder], check=True)
        shutil.rmtree(before.folder)
    turn.place = Place(folder, folder / "build")
    turn.after = ("build", *turn.place.named)


def clock_moved(turn: Round) -> None:
    """Files have times of the past, of 1970 or of the future."""
    when = turn.rng.choice([0, 1, int(time.time()) - 10**8, int(time.time()) + 10**8, 2**33])
    part = turn.rng.choice([turn.place.build, turn.place.source])
    turn.notes.append(f"{part.name}: {when}")
    for path in part.rglob("*"):
        if turn.rng.random() < 0.7:
            os.utime(path, (when, when))
    if turn.rng.random() < 0.5:
        killed(turn)


def source_changed_quietly(turn: Round) -> None:
    """A source changes and keeps its size and time; `--rehash` finds it."""
    killed(turn)


OUTSIDE: Mapping[str, tuple[Disturb, str]] = {
    "SIGKILL": (killed, ""),
    "SIGKILL twice": (killed_twice, ""),
    "SIGKILL, then all as before": (killed_and_taken_back, ""),
    "child killed": (child_killed, ""),
    "SIGINT": (interrupted, ""),
    "SIGTERM": (terminated, ""),
    "disk full": (disk_full, ""),
    "file size limit": (file_size_limit, ""),
    "open files limit": (open_files_limit, ""),
    "address space limit": (address_space_limit, ""),
    "little memory": (little_memory, ""),
    "permission lost": (permission_lost, ""),
    "two builds": (two_builds, ""),
    "read during a build": (read_meanwhile, ""),
    "lookup during kill and build": (look_up_meanwhile, ""),
    "served during a build": (served, ""),
    "remove killed": (removing_killed, "removed"),
    "withdraw killed": (withdrawing_killed, "nothing"),
    "moved, renamed, copied": (moved, ""),
    "clock moved": (clock_moved, ""),
    "source changed quietly": (source_changed_quietly, "a quiet change"),
}
