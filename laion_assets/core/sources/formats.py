"""How the bytes of a source file are rows.

Lives here: the formats, and what the endings of files stand for. Not here: telling what a file is
(`recognising`), reading it (`core.reading`), saying so in a dataset's description (`datasets`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

FormatKind = Literal["parquet", "csv", "tsv", "jsonl"]
#: How JSON holds rows: an object a line; objects one after another or in an array, however they are
#: laid out; as the members of one object; as columns, each a list of its values.
JsonShape = Literal["lines", "values", "members", "columns"]
#: What a file is wrapped in; a file's first bytes say so, its name never does.
Compression = Literal["", "gzip", "bz2", "xz", "zstd", "zip"]


@dataclass(frozen=True)
class FileFormat:
    """How a file's bytes are rows. Parquet needs `kind` alone, JSON as well.

    `header` says whether the first line of a csv or tsv file names the columns; None looks whether
    it does. Without a header `columns` names them, in order. An empty `quote` means that quotation
    marks are text like any other; `escape` is what makes one text within quotes, besides doubling
    it. An empty `encoding` is UTF-8.

    `shape` is how a JSON file holds its rows; where these are an array within an outermost object,
    `within` is its name there. Both are told by the file itself.
    """

    kind: FormatKind = "parquet"
    header: bool | None = None
    columns: tuple[str, ...] = ()
    delimiter: str = ""
    quote: str = ""
    escape: str = ""
    encoding: str = ""
    compression: Compression = ""
    shape: JsonShape = "lines"
    within: str = ""

    def wrapped_in(self, compression: Compression) -> "FileFormat":
        """Return the format of a file that is compressed so."""
        return replace(self, compression=compression)


PARQUET = FileFormat()
CSV = FileFormat("csv", delimiter=",", quote='"')
TSV = FileFormat("tsv", delimiter="\t")
JSON = FileFormat("jsonl")
#: What the endings of text files stand for; that of a compression may follow any of them.
FORMAT_OF_SUFFIX: Mapping[str, FileFormat] = {
    ".csv": CSV,
    ".tsv": TSV,
    ".tab": TSV,
    ".jsonl": JSON,
    ".ndjson": JSON,
    ".json": JSON,
}
