"""Builds disturbed at random: `python -m bench.faults SEED --rounds N`, and a table by kind.

Each round takes a finished build, changes what it is built from, disturbs the build that takes the
change in (kinds: `fault_kinds`, `fault_damage`, `power_loss`), and lets the next one run. It holds
when the site was whole at every moment, whatever failed said so in one line with the right exit
code, and every byte in the end is that of an undisturbed build. Nothing but the public commands is
run, as processes. Not here: any kind.
"""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from bench.fault_corpus import (
    CHANGES,
    DRAWN,
    Place,
    contents,
    copy_place,
    look_at_site,
    place_at,
    write_corpus,
)
from bench.fault_damage import DAMAGE
from bench.fault_kinds import OUTSIDE
from bench.fault_round import Expected, Round, Running
from bench.power_loss import power_lost

#: How each disturbs, and the change it is about where it is about one.
KINDS = {
    **OUTSIDE,
    **DAMAGE,
    "power loss": (power_lost, ""),
    "power loss in remove": (power_lost, "removed"),
    "power loss in withdraw": (power_lost, "withdrawn"),
}


_TOLD_EVERY = 10  # rounds


@dataclass
class Outcome:
    """What became of one round."""

    number: int
    kind: str
    seconds: float
    problems: list[str]
    notes: list[str]


@dataclass
class Campaign:
    """Rounds of one seed in one folder."""

    seed: int
    folder: Path
    keep: bool
    kinds: list[str]
    may_mount: bool = False
    _expected: dict[str, Expected] = field(default_factory=dict)
    _locks: dict[str, threading.Lock] = field(default_factory=lambda: defaultdict(threading.Lock))

    def prepare(self) -> None:
        """Build once what every round starts from."""
        write_corpus(self._base)
        _undisturbed(self._base, "build", *self._base.named)
        self.may_mount = _may_mount(self.folder / "try")

    @property
    def _base(self) -> Place:
        return place_at(self.folder / "base")

    def expected(self, name: str) -> Expected:
        """Return what an undisturbed build makes of a change; built the first time."""
        with self._locks[name]:
            if name not in self._expected:
                place = place_at(self.folder / f"expected {name}")
                copy_place(self._base, place)
                change = CHANGES[name]
                change.apply(place)
                _undisturbed(place, change.command, *change.arguments)
                looked = look_at_site(place.site)
                if looked is None or looked[1]:
                    raise RuntimeError(f"an undisturbed site is not whole: {looked}")
                self._expected[name] = Expected(contents(place.build), looked[0])
                shutil.rmtree(place.folder)
            return self._expected[name]

    def round(self, number: int) -> Outcome:
        """Run one round, which depends on nothing but the seed and its number."""
        rng = random.Random(f"{self.seed}/{number}")
        order = random.Random(self.seed).sample(self.kinds, len(self.kinds))
        kind = order[number % len(order)]
        disturb, fixed = KINDS[kind]
        change = fixed or rng.choice(DRAWN)
        turn = Round(
            place_at(self.folder / f"round-{number}"),
            self._base,
            change,
            self.expected(change),
            self.expected("nothing"),
            rng,
            self.may_mount,
        )
        turn.notes.append(change)
        started = time.monotonic()
        try:
            copy_place(self._base, turn.place)
            turn.what.apply(turn.place)
            disturb(turn)
            if not turn.finished:
                turn.finish()
        except Exception as error:  # noqa: BLE001 - a round that breaks is a round that failed
            place = traceback.extract_tb(error.__traceback__)[-1]
            turn.problem(f"the round broke: {error!r} at {place.filename}:{place.lineno}")
        seconds = time.monotonic() - started
        if not (turn.problems and self.keep):
            shutil.rmtree(turn.place.folder, ignore_errors=True)
        return Outcome(number, kind, seconds, turn.problems, turn.notes)


def _undisturbed(place: Place, *arguments: str) -> None:
    done = Running(place, arguments, {}).end()
    if done.code or done.errors:
        raise RuntimeError(f"an undisturbed build ended with {done.code}: {done.errors}")


def _may_mount(folder: Path) -> bool:
    """Tell whether small disks can be mounted here."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    try:
        if subprocess.run(command, capture_output=True, check=False).returncode:
            return False
    except OSError:
        return False
    subprocess.run(["umount", folder], check=True)
    return True


def print_table(outcomes: list[Outcome]) -> None:
    """Print rounds, failures and seconds by kind."""
    print(f"\n{'kind':34}{'rounds':>7}{'failures':>10}{'seconds':>9}")
    for kind in KINDS:
        rounds = [outcome for outcome in outcomes if outcome.kind == kind]
        if rounds:
            failed = sum(bool(outcome.problems) for outcome in rounds)
            seconds = statistics.median(outcome.seconds for outcome in rounds)
            print(f"{kind:34}{len(rounds):7}{failed:10}{seconds:9.1f}")
    failed = sum(bool(outcome.problems) for outcome in outcomes)
    print(f"{'all':34}{len(outcomes):7}{failed:10}")


def main() -> None:
    """Run the rounds, say what did not hold, print the table; exit code 1 when something failed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("seed", type=int)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--only", type=int, help="repeat this round (of the same kinds)")
    parser.add_argument("--kind", action="append", choices=KINDS, help="only this kind (or these)")
    parser.add_argument("--jobs", type=int, default=2, help="rounds at the same time")
    parser.add_argument("--folder", type=Path, help="work here instead of a temporary folder")
    parser.add_argument("--keep", action="store_true", help="keep the folders of failed rounds")
    options = parser.parse_args()
    # A shell lets what it runs in the background ignore Ctrl-C, and so would every command here.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    numbers = range(options.rounds) if options.only is None else [options.only]
    folder = Path(tempfile.mkdtemp(prefix="laion-faults-", dir=options.folder)).resolve()
    campaign = Campaign(options.seed, folder, options.keep, options.kind or list(KINDS))
    outcomes = []
    try:
        campaign.prepare()
        with ThreadPoolExecutor(options.jobs) as pool:
            for outcome in pool.map(campaign.round, numbers):
                outcomes.append(outcome)
                if len(outcomes) % _TOLD_EVERY == 0:
                    print(f"{len(outcomes)} of {len(numbers)} rounds", file=sys.stderr, flush=True)
                for problem in outcome.problems:
                    notes = ", ".join(outcome.notes)
                    print(
                        f"round {outcome.number}, {outcome.kind} ({notes}): {problem}", flush=True
                    )
    finally:
        if not (options.keep and any(outcome.problems for outcome in outcomes)):
            shutil.rmtree(folder, ignore_errors=True)
        else:
            print(f"kept: {folder}")
    print_table(outcomes)
    if any(outcome.problems for outcome in outcomes):
        sys.exit(1)


if __name__ == "__main__":
    main()
