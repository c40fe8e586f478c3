"""What is known of one source file before its rows are read.

Lives here: the records that describing a file returns and reading it takes. Not here: either of
the two (`source_file`).
"""

import codecs
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from laion_assets.core.sources.columns import Fits
from laion_assets.core.sources.formats import PARQUET, FileFormat

#: Rows, and bytes of text, that are held at once while a file is read. Real rows come to 11 MB; a
#: batch is held in some ten forms while it is judged.
BATCH_ROWS = 65_536
BATCH_BYTES = 16 << 20
#: Rows a file may have for each of its bytes; any file may have as many as the floor. A blank line
#: of a text file is a row of one byte, and compressing it makes no more of it; the rows of the
#: largest known file (laion-aesthetics-12m-umap, 2.44 GB) take 200 bytes each.
ROWS_PER_BYTE = 1
ROWS_FLOOR = 1_000_000
#: Bytes that a file may expand to for each of its bytes, be it by compression or by naming a text
#: again and again; any file may expand to the floor. Text compresses ten- or twentyfold.
MAX_EXPANSION = 500
EXPANSION_FLOOR = 450_000_000
#: Bytes of text in one file, unless the settings say otherwise: 25 times that file.
MAX_FILE_TEXT = 64_000_000_000
#: Bytes of one text that are kept: well above the longest that can pass (100,000 characters of four
#: bytes), so what is cut is rejected for its length all the same.
MAX_TEXT = 1 << 20
#: Columns a source may have; the widest of the family has some twenty.
MAX_COLUMNS = 4_096


class SourceConventions(Protocol):
    """What a dataset says of its files: their format, and ours among their columns."""

    @property
    def format(self) -> FileFormat | None:
        """How their bytes are rows; None when each file says it itself."""

    def map_columns(self, found: Sequence[str], fits: Fits = ...) -> dict[str, str]:
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


def most_rows(size: int) -> int:
    """Return how many rows a file of `size` bytes may have."""
    return max(ROWS_FLOOR, ROWS_PER_BYTE * size)


def most_expanded(size: int) -> int:
    """Return how many bytes a file of `size` bytes may expand to."""
    return max(EXPANSION_FLOOR, MAX_EXPANSION * size)


def end_whole(text: bytes) -> bytes:
    """Return a text that was cut without the character the cut went through."""
    tail = text[-4:]  # as long as a character gets
    _, whole = codecs.utf_8_decode(tail, "replace", False)
    return text[: len(text) - len(tail) + whole]
