"""How the bytes of a source file are rows.

Lives here: the formats, and what the endings of files stand for. Not here: reading them
(`core.reading`), saying so in a dataset's description (`datasets`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

FormatKind = Literal["parquet", "csv", "tsv", "jsonl"]


@dataclass(frozen=True)
class FileFormat:
    """How a file's bytes are rows. Parquet needs `kind` alone, JSON Lines as well.

    `header` says whether the first line of a csv or tsv file names the columns; None looks whether
    it does. Without a header `columns` names them, in order. An empty `quote` means that quotation
    marks are text like any other.
    """

    kind: FormatKind = "parquet"
    header: bool | None = None
    columns: tuple[str, ...] = ()
    delimiter: str = ""
    quote: str = ""


PARQUET = FileFormat()
#: What the endings of text files stand for; `.gz` may follow any of them.
FORMAT_OF_SUFFIX: Mapping[str, FileFormat] = {
    ".csv": FileFormat("csv", delimiter=",", quote='"'),
    ".tsv": FileFormat("tsv", delimiter="\t"),
    ".jsonl": FileFormat("jsonl"),
    ".ndjson": FileFormat("jsonl"),
}
