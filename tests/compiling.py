"""Compiles what the tests would otherwise wait for: `python -m tests.compiling`. No tests here.

Numba keeps machine code for whoever comes next, but workers that meet a function at the same time
compile it each.
"""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

from laion_assets import refresh
from laion_assets.core.index.warming import make_tiny_index
from tests.building import Builder, history_in_memory, write_small_lists, write_source

_ROWS = 20_000  # so many that the loops are compiled that few rows are made without


def main() -> None:
    """Make a tiny index, and a build of more rows than most tests have."""
    make_tiny_index()
    refresh._instance = history_in_memory
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_small_lists(folder / "lists")
        write_source(folder / "source" / "a.parquet", 0, _ROWS)
        given = ("--source", str(folder / "source"), "--lists", str(folder / "lists"))
        Builder(folder / "build", folder / "source").build(*given)


if __name__ == "__main__":
    main()
    os._exit(0)  # nothing is left to tidy up, which takes seconds
