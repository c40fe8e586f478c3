"""A build that writes down what a power loss would leave of it, after every call that could matter.

Lives here: `python -m bench.power_recorder STORE BUILD_DIR ARGUMENT...` runs `laion-assets` in this
process with the calls of `os` that change names or flush bytes wrapped. Nothing else is known of
the program: new files are found by looking. Not here: what is made of the record (`power_loss`).

A *node* is a file or folder whatever its name. What is durable of a file are its bytes at its last
fsync, of a folder its names at its last fsync, of everything what was there at a sync().
"""

from __future__ import annotations

import json
import os
import shutil
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from laion_assets.cli import main

#: Names below the build directory that say nothing of what was built; SQLite looks after its own.
IGNORED = frozenset({"dagster", ".lock", ".tmp-work"})
_WRAPPED = ("fsync", "sync", "rename", "replace", "link", "unlink", "remove", "rmdir", "mkdir")


class Recorder:
    """What is there, and what of it is durable."""

    def __init__(self, store: Path, root: Path) -> None:
        store.mkdir(parents=True)
        self._store = store
        self._root = root
        self._log = (store / "states.jsonl").open("w", encoding="utf-8")
        self._nodes: dict[int, int] = {}  # inode -> node
        self._next = 0
        self._names: dict[int, dict[str, int]] = {}  # of folders, now
        self._durable_names: dict[int, dict[str, int]] = {}
        self._versions: dict[int, int] = {}  # durable content of files, by number in the store
        self._paths: dict[int, str] = {}
        self._last = ""
        self._depth = 0
        self._scan()
        self._everything()
        self._write("start")

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Wrap the calls for a while."""
        before = {name: getattr(os, name) for name in _WRAPPED}
        for name, call in before.items():
            setattr(os, name, self._wrapped(name, call))
        try:
            yield
        finally:
            for name, call in before.items():
                setattr(os, name, call)
            self._log.close()

    def _wrapped(self, name: str, call: Any) -> Any:
        def wrapper(*arguments: Any, **named: Any) -> Any:
            if self._depth:
                return call(*arguments, **named)
            self._depth += 1
            try:
                if name in {"fsync", "sync"}:
                    self._scan()
                    self._write(f"before {name}")
                result = call(*arguments, **named)
                self._scan()
                if name == "sync":
                    self._everything()
                elif name == "fsync":
                    self._flushed(arguments[0])
                self._write(name)
                return result
            finally:
                self._depth -= 1

        return wrapper

    def _node(self, inode: int, before: set[int]) -> int:
        """Return the node of an inode; a new one when the inode was free the last time."""
        if inode not in before:
            self._nodes[inode] = self._next
            self._next += 1
        return self._nodes[inode]

    def _scan(self) -> None:
        """Look at every name below the build directory."""
        before = set(self._nodes)
        root = self._node(self._root.stat().st_ino, before)
        before.add(self._root.stat().st_ino)
        names: dict[int, dict[str, int]] = {}
        paths = {root: str(self._root)}
        seen = {self._root.stat().st_ino}
        waiting = [(root, str(self._root))]
        while waiting:
            node, path = waiting.pop()
            names[node] = {}
            with os.scandir(path) as entries:
                for entry in entries:
                    if entry.name in IGNORED and path == str(self._root):
                        continue
                    inode = entry.inode()
                    found = self._node(inode, before)
                    before.add(inode)
                    seen.add(inode)
                    names[node][entry.name] = found
                    paths[found] = entry.path
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append((found, entry.path))
        self._nodes = {inode: node for inode, node in self._nodes.items() if inode in seen}
        self._names, self._paths = names, paths

    def _everything(self) -> None:
        """Note that all that is there is durable."""
        self._durable_names.update(self._names)
        for node, path in self._paths.items():
            if node not in self._names:
                self._keep(node, path)

    def _flushed(self, descriptor: int) -> None:
        """Note that one file's bytes, or one folder's names, are durable."""
        found = os.fstat(descriptor)
        node = self._nodes.get(found.st_ino)
        if node is None:  # somewhere else
            return
        if stat.S_ISDIR(found.st_mode):
            self._durable_names[node] = self._names[node]
        else:
            self._keep(node, self._paths[node])

    def _keep(self, node: int, path: str) -> None:
        if node not in self._versions or not self._same(node, path):
            version = len(list(self._store.glob("v*")))
            shutil.copyfile(path, self._store / f"v{version}")
            self._versions[node] = version

    def _same(self, node: int, path: str) -> bool:
        kept = self._store / f"v{self._versions[node]}"
        return kept.read_bytes() == Path(path).read_bytes()

    def _write(self, call: str) -> None:
        sizes = {
            node: Path(path).stat().st_size
            for node, path in self._paths.items()
            if node not in self._names and node not in self._versions
        }
        state = {
            "root": self._nodes[self._root.stat().st_ino],
            "names": self._names,
            "durable": self._durable_names,
            "versions": self._versions,
            "sizes": sizes,
        }
        text = json.dumps(state)
        if text != self._last:
            self._last = text
            self._log.write(f'{{"call": "{call}", {text[1:]}\n')


if __name__ == "__main__":
    _store, _root = Path(sys.argv[1]), Path(sys.argv[2])
    with Recorder(_store, _root).watching():
        main(sys.argv[3:])
