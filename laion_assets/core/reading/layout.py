"""What is known of one source file before its rows are read.

Lives here: the records that describing a file returns and reading it takes. Not here: either of
the two (`source_file`).
"""

import codecs
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from laion_assets.core.sources.formats import PARQUET, FileFormat

#: Rows, and bytes of text, that are held at once while a file is read.
BATCH_ROWS = 65_536
BATCH_BYTES = 64 << 20
#: Bytes of one text that are kept: well above the longest that can pass (100,000 characters of four
#: bytes), so what is cut is rejected for its length all the same.
MAX_TEXT = 1 << 20
#: Columns a source may have; the widest of the family has some twenty.
MAX_COLUMNS = 4_096


class SourceConventions(Protocol):
    """What a dataset says of its files: the format of each, and ours among their columns."""

    def format_of(self, name: str) -> FileFormat:
        """Return the format of a file by its name."""

    def map_columns(self, found: Sequence[str]) -> dict[str, str]:
        """Return our column -> the source's; BadSourceFile when a required one is missing."""


@dataclass(frozen=True)
class FileLayout:
    """How rows are read from one file: our column -> the source's, and the file's format."""

    columns: Mapping[str, str]
    format: FileFormat = PARQUET


@dataclass(frozen=True)
class SourceDescription:
    """What a source file says of itself, and how its columns are understood."""

    rows: int
    row_groups: int  # 0 for text files, which have none
    columns: tuple[str, ...]  # as found, in order
    layout: FileLayout

    @property
    def unknown(self) -> list[str]:
        """Columns that are not carried."""
        return [name for name in self.columns if name not in self.layout.columns.values()]


def end_whole(text: bytes) -> bytes:
    """Return a text that was cut without the character the cut went through."""
    tail = text[-4:]  # as long as a character gets
    _, whole = codecs.utf_8_decode(tail, "replace", False)
    return text[: len(text) - len(tail) + whole]
