"""The referee: SQLite FTS5 itself, asked what the tokens of a text are and what a phrase matches.

Tests compare the text core with it; the code under test never uses it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Self

#: The tokeniser of the contract, as an FTS5 option.
TOKENIZER = "unicode61 remove_diacritics 2"


def fts5_string(text: str) -> str:
    """Quote a text as one FTS5 string, which FTS5 tokenises into one phrase.

    A query is a C string, so that NUL, a separator anyway, becomes a space.
    """
    return '"' + text.replace("\x00", " ").replace('"', '""') + '"'


def _decode(term: bytes) -> str:
    """Decode a term that may have been cut inside a character."""
    return term.decode("utf-8", "surrogateescape")


class Fts5Referee:
    """An FTS5 table `captions` in memory, over captions that count from row 0.

    Captions may be text, None, or bytes (which SQLite takes as UTF-8, valid or not).
    """

    def __init__(self, captions: Iterable[str | bytes | None] = ()) -> None:
        self.database = sqlite3.connect(":memory:", isolation_level=None)
        self.database.text_factory = _decode
        self.database.execute(
            f"CREATE VIRTUAL TABLE captions USING fts5(caption, tokenize='{TOKENIZER}')"
        )
        self.database.execute("CREATE VIRTUAL TABLE tokens USING fts5vocab(captions, instance)")
        self._insert(enumerate(captions))

    def _insert(self, rows: Iterable[tuple[int, str | bytes | None]]) -> None:
        self.database.execute("BEGIN")
        self.database.executemany(
            "INSERT INTO captions (rowid, caption) VALUES (?, CAST(? AS TEXT))", rows
        )
        self.database.execute("COMMIT")

    def close(self) -> None:
        """Close the table; it is gone."""
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def rows_phrase(self, text: str) -> list[int]:
        """Return the rows whose captions hold the text's tokens as a contiguous run, ascending."""
        query = "SELECT rowid FROM captions WHERE captions MATCH ? ORDER BY rowid"
        return [row for (row,) in self.database.execute(query, [fts5_string(text)])]

    def count_phrase(self, text: str) -> int:
        """Return how many captions hold the text's tokens as a contiguous run."""
        query = "SELECT count(*) FROM captions WHERE captions MATCH ?"
        (count,) = self.database.execute(query, [fts5_string(text)]).fetchone()
        return int(count)

    def caption_tokens(self) -> dict[int, list[str]]:
        """Return the tokens, in order, of every row that has any."""
        query = 'SELECT doc, term FROM tokens ORDER BY doc, "offset"'
        found: dict[int, list[str]] = {}
        for row, term in self.database.execute(query):
            found.setdefault(row, []).append(term)
        return found

    def tokens(self, text: str | bytes) -> list[str]:
        """Return the tokens of any text, in order; the captions stay as they are."""
        with Fts5Referee([text]) as alone:
            return alone.caption_tokens().get(0, [])
