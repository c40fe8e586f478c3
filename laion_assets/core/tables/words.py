"""The table `words`: in how many published rows each word of the captions occurs.

Not here: the words beside a name (`entities`).
"""

from __future__ import annotations

from laion_assets.core.base.open_files import read_files
from laion_assets.core.base.sql import Connection, ask
from laion_assets.core.tables.rows import FileParts, MergeInputs, Tables, open_rows
from laion_assets.core.text.tokens import LONGEST_WORD

LEAST_ROWS = 3  # published rows a word needs for a place in the table


def make(inputs: MergeInputs) -> Tables:
    """In how many published rows each word of the captions occurs; words of three rows or more."""
    return make_words(inputs.connection, inputs.parts)


def make_words(connection: Connection, parts: FileParts) -> Tables:
    """Count every word that enough published rows have, from the words of the segments."""
    read_files(connection, parts.words).create_view("words_of_runs", replace=True)
    table = ask(
        connection,
        "tables/count_words",
        denominator=open_rows(connection, parts),
        longest=LONGEST_WORD,
        least=LEAST_ROWS,
    )
    return {"words": table}
