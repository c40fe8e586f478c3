"""README and docs as the tests read them: blocks of commands, and what is said of running each.

A block of `sh` is marked by a comment before it: `<!-- run -->` (its commands are run, in order),
or `<!-- needs: ... -->` (what they need that a test has not). No tests here.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"(?:<!-- ([^\n]*) -->\n)?```(\w*)\n(.*?)```", re.DOTALL)
_PROGRAM = "laion-assets"


@dataclass(frozen=True)
class Block:
    """A block of a document: what is said of running it, its language, its lines."""

    mark: str
    language: str
    text: str

    @property
    def lines(self) -> list[str]:
        """Return its commands."""
        return [line for line in self.text.strip().splitlines() if not line.startswith("#")]

    @property
    def ours(self) -> list[list[str]]:
        """Return the arguments of every command of ours in it."""
        lines = [shlex.split(line, comments=True) for line in self.lines]
        return [words[1:] for words in lines if words and words[0] == _PROGRAM]


def blocks_of(path: Path) -> list[Block]:
    """Return every block of a document, in order."""
    return [Block(*found) for found in _BLOCK.findall(path.read_text(encoding="utf-8"))]
