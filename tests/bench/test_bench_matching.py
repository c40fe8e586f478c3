"""The matching benchmark: runs with tiny numbers, and would notice a wrong count."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest

from bench.matching import disagreements
from bench.matching_inputs import invent_people, invent_phrases, list_names
from tests.repository import ROOT

#: Runs the benchmark as if pyahocorasick were not installed.
WITHOUT_AHO_CORASICK = (
    "import runpy, sys; sys.modules['ahocorasick'] = None; "
    "runpy.run_module('bench.matching', run_name='__main__')"
)


def bench(*command: str) -> str:
    """Run the benchmark on few rows and return what it prints; it must exit 0."""
    done = subprocess.run(
        [sys.executable, *command],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def rows_of(output: str) -> list[str]:
    """Return the lines of the table, as what was measured and, if it matters, of how many names."""
    table = output[: output.index("ratio: ")].splitlines()[1:]
    return [line[:24].strip() for line in table]


def test_every_contender_is_measured_and_counts_the_same() -> None:
    """The table has each of them for each number of names, and says what is scaled."""
    output = bench("-m", "bench.matching", "--rows", "4000", "--part", "1000", "--names", "50,100")
    aho = ["Aho-Corasick: build", "Aho-Corasick: fold", "Aho-Corasick: match"]
    installed = importlib.util.find_spec("ahocorasick") is not None
    each = ["ours: compile names", "ours: read and match", "ours: read and match"]
    each += [*(aho if installed else []), "FTS5: a query per name"]
    once = ["DuckDB: bare scan", "FTS5: index"]
    assert rows_of(output) == [*once, *each, *each, "ours: the worst case"]
    assert "* scaled: measured on the first 1,000 rows" in output
    assert "seconds times 4.00" in output
    assert "All contenders count the same over the first 1,000 rows" in output


def test_aho_corasick_is_left_out_when_not_installed() -> None:
    """One line says so, and nothing that is not scaled is called so."""
    output = bench("-c", WITHOUT_AHO_CORASICK, "--rows", "1000", "--names", "50")
    assert [row for row in rows_of(output) if row.startswith("Aho")] == []
    assert "Aho-Corasick is left out: pyahocorasick is not installed." in output
    assert "scaled:" not in output
    assert "All contenders count the same over the first 1,000 rows" in output


def test_one_differing_count_is_noticed() -> None:
    """The line says who differs, on how many names and on which."""
    counts = {name: np.array([3, 0, 7]) for name in ("ours", "FTS5", "Aho-Corasick")}
    assert disagreements(counts) == []
    counts["FTS5"][1] = 2
    line = "FTS5 and ours differ on 1, such as number 1: 2 instead of 0"
    assert disagreements(counts) == [line]


@pytest.mark.parametrize("count", [1, 500])
def test_the_worst_case_is_the_captions_words_and_always_the_same(count: int) -> None:
    """Fewer names are the first of more; all are distinct pairs and triples."""
    captions = pa.array(["a harbour in the fog", "the old harbour of Marseille", "fog over hills"])
    names = invent_phrases(captions, count)
    assert len(set(names)) == count
    assert names == invent_phrases(captions, 600)[:count]
    words = {word.lower() for caption in captions.to_pylist() for word in caption.split()}
    assert {word for name in names for word in name.split()} <= words
    assert {len(name.split()) for name in names} <= {2, 3}


def test_invented_people_are_crossed_of_listed_names_and_always_the_same() -> None:
    """Fewer names are the first of more; all are distinct, of a first and a last word."""
    names = invent_people(pa.array([""]), 500)
    assert len(set(names)) == 500
    assert names == invent_people(pa.array([""]), 600)[:500]
    assert {len(name.split()) for name in names} == {2}


def test_listed_names_come_from_all_lists() -> None:
    """A choice of few is spread over the lists, with aliases."""
    names = list_names(300)
    assert len(names) == len(set(names)) == 300
    assert {len(phrases) > 1 for phrases in names} == {True, False}
