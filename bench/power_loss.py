"""Power loss: every state in which the power could leave a build directory, tried on a record.

A kind of `bench.faults` (`--kind "power loss"`): records a build (`power_recorder`), asks of every
state whether the site is the old or the new one and whole and whether every stamp tells the truth,
and lets the next build start from one of them. Not here: recording.

What is not durable may be lost or not. Tried are: every name there and unflushed bytes lost (the
file empty, or of its size and full of zeros), every name not flushed lost as well, and a mixture by
the seed, folder by folder.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bench.fault_corpus import Place, copy_place, copy_tree, place_at
from bench.fault_round import PROJECT, Round
from bench.power_recorder import IGNORED

VARIANTS = ("bytes lost", "zeros", "names lost", "mixed")


@dataclass(frozen=True)
class State:
    """What is there and what is durable, after one call."""

    store: Path
    number: int
    call: str
    root: int
    names: Mapping[int, Mapping[str, int]]
    durable: Mapping[int, Mapping[str, int]]
    versions: Mapping[int, int]
    sizes: Mapping[int, int]

    def entries(self, variant: str) -> dict[str, int]:
        """Return the node of every file that a power loss leaves, by its path."""
        rng = random.Random(f"{self.number}")
        found: dict[str, int] = {}
        waiting = [(self.root, "")]
        while waiting:
            node, path = waiting.pop()
            lost = variant == "names lost" or (variant == "mixed" and rng.random() < 0.5)
            names = self.durable.get(node, {}) if lost else self.names.get(node)
            if names is None:  # gone, but a folder that is older still names it
                names = self.durable.get(node, {})
            for name, child in sorted(names.items()):
                if child in self.names or child in self.durable:
                    waiting.append((child, f"{path}{name}/"))
                else:
                    found[path + name] = child
        return found

    def content(self, node: int, variant: str) -> bytes:
        """Return the bytes that are left of a file."""
        version = self.versions.get(node)
        if version is not None:
            return (self.store / f"v{version}").read_bytes()
        return b"\0" * self.sizes.get(node, 0) if variant == "zeros" else b""


@dataclass(frozen=True)
class Record:
    """A recorded build."""

    store: Path

    @cached_property
    def states(self) -> list[State]:
        """Every state, in the order of time."""
        found = []
        lines = (self.store / "states.jsonl").read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines):
            raw = json.loads(line)
            names, durable = (
                {int(node): entries for node, entries in raw[key].items()}
                for key in ("names", "durable")
            )
            versions, sizes = (
                {int(node): value for node, value in raw[key].items()}
                for key in ("versions", "sizes")
            )
            found.append(
                State(self.store, number, raw["call"], raw["root"], names, durable, versions, sizes)
            )
        return found

    @cached_property
    def _digests(self) -> dict[int, str]:
        return {
            int(path.name[1:]): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in self.store.glob("v*")
        }

    def digest(self, state: State, node: int, variant: str) -> str:
        """Return the digest of what is left of a file."""
        version = state.versions.get(node)
        if version is not None:
            return self._digests[version]
        return hashlib.sha256(state.content(node, variant)).hexdigest()

    def problems(self) -> Iterator[str]:
        """Yield one line for each state that is not as it has to be."""
        first, last = self.states[0], self.states[-1]
        whole = {
            self.digest(state, state.entries("")["site/manifest.json"], "")
            for state in (first, last)
        }
        final = last.entries("")
        trusted = {
            path: self.digest(last, node, "")
            for path, node in final.items()
            if path.endswith(".stamp.json")
        }
        for state in self.states:
            for variant in VARIANTS:
                left = state.entries(variant)
                where = f"state {state.number} of {len(self.states)} ({state.call}), {variant}"
                for problem in self._site(state, variant, left, whole):
                    yield f"{where}: {problem}"
                for path, digest in trusted.items():
                    node = left.get(path)
                    if node is not None and self.digest(state, node, variant) == digest:
                        content = json.loads(state.content(node, variant))
                        for name in self._lies(state, variant, left, content["outputs"]):
                            yield f"{where}: {path} vouches for other bytes of {name}"

    def _site(
        self, state: State, variant: str, left: Mapping[str, int], whole: set[str]
    ) -> Iterator[str]:
        node = left.get("site/manifest.json")
        if node is None:
            yield "no site"
        elif self.digest(state, node, variant) not in whole:
            yield "the site is neither the old nor the new one"
        else:
            listed = json.loads(state.content(node, variant))["files"]
            for name, digest in listed.items():
                there = left.get(f"site/{name}")
                if there is None or self.digest(state, there, variant) != digest:
                    yield f"the site's {name} is not as its manifest says"
                    return

    def _lies(
        self,
        state: State,
        variant: str,
        left: Mapping[str, int],
        outputs: Mapping[str, tuple[str, int]],
    ) -> Iterator[str]:
        """Yield outputs that have their size and other bytes: nothing would notice."""
        for name, (digest, size) in outputs.items():
            node = left.get(name)
            if node is None or self.digest(state, node, variant) == digest:
                continue
            if len(state.content(node, variant)) == size:
                yield name
                return


def record(place: Place, arguments: tuple[str, ...], store: Path) -> Record:
    """Run a command and write down every state."""
    command = [sys.executable, "-m", "bench.power_recorder", str(store), str(place.build)]
    command += [*arguments, "--build-dir", str(place.build)]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(
            f"the recorded command ended with {done.returncode}: {done.stderr[-2000:]}"
        )
    return Record(store)


def write_state(state: State, variant: str, target: Path, before: Path) -> None:
    """Write a build directory as the power loss leaves it; what was not recorded is as before."""
    written: dict[int, Path] = {}
    target.mkdir()
    for name in IGNORED:
        if (before / name).is_dir():
            copy_tree(before / name, target / name)
    for path, node in state.entries(variant).items():
        file = target / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if node in written:
            os.link(written[node], file)
        else:
            file.write_bytes(state.content(node, variant))
            written[node] = file


def power_lost(turn: Round) -> None:
    """The power goes at a random moment of the build, or of what takes the change in."""
    command = (turn.what.command, *turn.what.arguments)
    place = turn.place
    before = place_at(place.folder / "before")
    copy_place(place, before)
    store = place.folder / "record"
    found = record(place, command, store)
    problems = list(found.problems())
    if problems:
        turn.problem(f"{len(problems)} states after a power loss, first {problems[0]}")
    state, variant = turn.rng.choice(found.states), turn.rng.choice(VARIANTS)
    turn.notes.append(f"state {state.number} of {len(found.states)}, {variant}")
    if turn.what.command != "build":
        turn.after = command
    shutil.rmtree(place.build)
    write_state(state, variant, place.build, before.build)
