"""The character table: what every code point does to a token.

Here `unicode61.json` becomes NumPy arrays, once per process.  The file's format and where it
comes from are described in `bench/derive_token_table.py`; reading text with it is `tokens`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

#: The size of Unicode's code space.
CODE_POINTS = 0x110000

#: Class of a code point that ends a token.
SEPARATES = 0

#: Class of a code point that starts a token or goes on with it.
TOKEN = 1

#: Class of a code point that adds nothing, opens no token and closes none.
JOINS = 2

#: The generated table, beside this module.
TABLE_FILE = "unicode61.json"

#: Likewise: letters of scripts without spaces, as ranges (`bench/derive_unspaced.py`).
UNSPACED_FILE = "unspaced.json"


@dataclass(frozen=True)
class CharacterTables:
    """What every code point does, as read-only arrays indexed by code point.

    `classes` is uint8[0x110000] of `SEPARATES`, `TOKEN` and `JOINS`.
    `folds` is int32[0x110000]: the code point a token character becomes, or itself.
    `effects` is int32[0x110000], both in one look-up: -1 separates, 0 joins and adds nothing,
    anything above is the folded code point that a token character adds.
    `sqlite_version` is the SQLite that the table was derived from, such as `3.40.1`.
    """

    classes: npt.NDArray[np.uint8]
    folds: npt.NDArray[np.int32]
    effects: npt.NDArray[np.int32]
    sqlite_version: str


@cache
def character_tables() -> CharacterTables:
    """Return the character table, read on first use and kept (about 10 MB)."""
    return decode(json.loads(table_text()))


def table_text() -> str:
    """Return the generated JSON as it is on disk."""
    return files(__package__).joinpath(TABLE_FILE).read_text(encoding="ascii")


def unspaced_ranges() -> list[int]:
    """Return the letters of scripts without spaces: flat inclusive ranges of code points."""
    text = files(__package__).joinpath(UNSPACED_FILE).read_text(encoding="ascii")
    ranges: list[int] = json.loads(text)
    return ranges


def browser_table() -> str:
    """Return the JSON for browsers: the table, and the ranges as its key `unspaced`."""
    table = {**json.loads(table_text()), "unspaced": unspaced_ranges()}
    return json.dumps(table, separators=(",", ":"))


def decode(table: dict[str, Any]) -> CharacterTables:
    """Unfold the parsed JSON into arrays; the format is that of the deriving script."""
    classes = np.zeros(CODE_POINTS, np.uint8)
    for kind, key in ((TOKEN, "token"), (JOINS, "join")):
        ranges = table[key]
        for first, last in zip(ranges[::2], ranges[1::2], strict=True):
            classes[first : last + 1] = kind
    folds = np.arange(CODE_POINTS, dtype=np.int32)
    runs = np.array(table["fold"], np.int64).reshape(-1, 5)
    for first, count, step, target, target_step in runs:
        steps = np.arange(count)
        folds[first + steps * step] = target + steps * target_step
    effects = np.full(CODE_POINTS, -1, np.int32)
    effects[classes == TOKEN] = folds[classes == TOKEN]
    effects[classes == JOINS] = 0
    for array in (classes, folds, effects):
        array.flags.writeable = False
    return CharacterTables(classes, folds, effects, table["sqlite_version"])
