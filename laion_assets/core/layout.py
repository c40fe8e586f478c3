"""What is known of one source file before its rows are read.

Lives here: the records that describing a file returns and reading it takes. Not here: either of
the two (`reading`).
"""

import codecs
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from laion_assets.core.datasets import PARQUET, FileFormat

#: Rows, and bytes of text, that are held at once while a file is read.
BATCH_ROWS = 65_536
BATCH_BYTES = 64 << 20
#: Bytes of one text that are kept: well above the longest that can pass (100,000 characters of four
#: bytes), so what is cut is rejected for its length all the same.
MAX_TEXT = 1 << 20
#: Columns a source may have; the widest of the family has some twenty.
MAX_COLUMNS = 4_096


class ColumnMap(Mapping[str, str]):
    """Our column -> the source's, together with the format that says how to find the latter."""

    def __init__(self, columns: Mapping[str, str], file_format: FileFormat = PARQUET) -> None:
        self._columns = dict(columns)
        self.format = file_format

    def __getitem__(self, ours: str) -> str:
        return self._columns[ours]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)


@dataclass(frozen=True)
class SourceDescription:
    """What a source file says of itself, and how its columns are understood."""

    rows: int
    row_groups: int  # 0 for text files, which have none
    columns: tuple[str, ...]  # as found, in order
    mapping: ColumnMap

    @property
    def unknown(self) -> list[str]:
        """Columns that are not carried."""
        return [name for name in self.columns if name not in self.mapping.values()]


def end_whole(text: bytes) -> bytes:
    """Return a text that was cut without the character the cut went through."""
    tail = text[-4:]  # as long as a character gets
    _, whole = codecs.utf_8_decode(tail, "replace", False)
    return text[: len(text) - len(tail) + whole]
