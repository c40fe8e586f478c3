"""Every query of docs/queries.md is run on a real export of the embedded sample, and answers so.

`LAION_ASSETS_QUERIES=refresh .venv/bin/pytest tests/test_queries.py` writes the first rows anew.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from laion_assets.core.build import plan
from laion_assets.core.build.graph import MERGED
from tests.building import Builder
from tests.repository import ROOT

DOCUMENT = ROOT / "docs" / "queries.md"
_QUESTION = re.compile(
    r"^### (?P<title>.+?)\n.*?^```sql\n(?P<sql>.*?)^```\n(?P<answer>\n\|.*?\n(?=\n|\Z))?",
    re.MULTILINE | re.DOTALL,
)
_CELL = 70  # characters of a cell in the document
QUESTIONS = {
    match["title"]: match for match in _QUESTION.finditer(DOCUMENT.read_text(encoding="utf-8"))
}


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Build the embedded sample as far as exports need it, export it, move it, and open it."""
    builder = Builder(tmp_path_factory.mktemp("sample") / "build", Path())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan, "MERGED", MERGED[: MERGED.index("search_index")])
        builder.build("--dataset", "sample")
    result = builder.run("export", "duckdb")
    assert result.exit_code == 0, result.output
    moved = (builder.root / "exports").rename(builder.root.with_name("taken elsewhere"))
    with duckdb.connect(str(moved / "laion.duckdb"), read_only=True) as connection:
        connection.execute(f"SET file_search_path = '{moved}'")
        yield connection


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    shown = text if len(text) <= _CELL else f"{text[: _CELL - 1]}…"
    return shown.replace("|", "\\|")


def _answer(connection: duckdb.DuckDBPyConnection, sql: str) -> str:
    """Return the answer as the document prints it: a Markdown table."""
    found = connection.sql(sql)
    rows = [[_cell(value) for value in row] for row in found.fetchall()]
    lines = [found.columns, ["---"] * len(found.columns), *rows]
    return "\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines)


@pytest.mark.parametrize("title", QUESTIONS)
def test_every_question_is_answered_as_printed(
    title: str, export: duckdb.DuckDBPyConnection
) -> None:
    """By one statement, with at least one row."""
    question = QUESTIONS[title]
    answer = _answer(export, question["sql"])
    assert answer.count("\n") > len(("", "heading", "rule")), title
    if os.environ.get("LAION_ASSETS_QUERIES") == "refresh":
        text = DOCUMENT.read_text(encoding="utf-8")
        before = f"```sql\n{question['sql']}```\n"
        DOCUMENT.write_text(
            text.replace(before + (question["answer"] or ""), before + answer), encoding="utf-8"
        )
    else:
        assert question["answer"] == answer


def test_there_are_twenty_questions() -> None:
    """Numbered, and no statement in the document is left out of the test."""
    assert [title.partition(".")[0] for title in QUESTIONS] == [str(n) for n in range(1, 21)]
    assert DOCUMENT.read_text(encoding="utf-8").count("```sql\n") == len(QUESTIONS)
