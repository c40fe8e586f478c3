"""A zip for each table: its rows, and a README that says what they are.

Lives here: the archives and their README. The same table, the same bytes: files in a fixed order,
all of one date, no clock. Not here: the files beside the archives (`downloads`), what the columns
mean (`core.tables.registry`).
"""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Iterator, Sequence

import pyarrow as pa

from laion_assets.core.site.downloads import csv_parts, numbered, parquet_bytes, saved_name
from laion_assets.core.site.formats import number
from laion_assets.core.site.inputs import Page
from laion_assets.core.site.model import Site
from laion_assets.core.site.safety import one_line
from laion_assets.core.site.tables import read_table, table_path
from laion_assets.core.tables.registry import TABLES

#: The earliest date that the format knows.
_DATE = (1980, 1, 1, 0, 0, 0)
_PLAIN_FILE = 0o100644 << 16
_UNIX = 3

_CSV = (
    "for spreadsheets. UTF-8, missing values are empty. Shares have four significant digits. A "
    "cell that a spreadsheet would run has an apostrophe in front; that includes negative numbers."
)
_PARQUET = "the same rows with their types and all digits."
_NOT_MEANT = (
    "A row that counts is an address with a caption, not a picture. A name in a caption is not\n"
    "proof of who made a picture or who is in it. Captions and addresses come from the web as\n"
    "they are: do not trust them when you show them."
)


def table_archives(site: Site, name: str) -> Iterator[Page]:
    """The zip of one table, `data/NAME.zip`, or several of `max_bytes` each when it is too large.

    Each holds some rows as CSV and the same as Parquet, and the README.
    """
    path = table_path(site.inputs.tables, name)
    table = read_table(site.inputs.tables, name)
    count = max(1, math.ceil(path.stat().st_size / site.inputs.max_bytes))
    while True:
        rows = max(1, math.ceil(table.num_rows / count))
        starts = range(0, max(1, table.num_rows), rows)
        slices = [table.slice(start, rows) for start in starts]
        whole = path.read_bytes() if len(slices) == 1 else None
        parts = [
            _archive(site, name, part, whole, (place, len(slices)))
            for place, part in enumerate(slices, start=1)
        ]
        if rows == 1 or all(len(part) <= site.inputs.max_bytes for part in parts):
            yield from numbered(name, "zip", parts)
            return
        count += math.ceil(count / 2)


def _archive(
    site: Site, name: str, rows: pa.Table, parquet: bytes | None, place: tuple[int, int]
) -> bytes:
    """One archive, the first, second … of so many; `parquet` are its rows if there is a file."""
    part, parts = place
    stem = saved_name(site.inputs.dataset, f"{name}-{part}" if parts > 1 else name)
    (text,) = csv_parts(rows, name, 2**62)
    files = {
        "README.txt": _readme(site, name, stem, rows.num_rows, place).encode("utf-8", "replace"),
        f"{stem}.csv": text,
        f"{stem}.parquet": parquet if parquet is not None else parquet_bytes(rows),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for file, content in files.items():
            entry = zipfile.ZipInfo(file, _DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system, entry.external_attr = _UNIX, _PLAIN_FILE
            archive.writestr(entry, content)
    return buffer.getvalue()


def _readme(site: Site, name: str, stem: str, rows: int, place: tuple[int, int]) -> str:
    """What the table is, of which dataset, what to beware of, what each column means."""
    about, dataset, headline = TABLES[name], site.inputs.dataset, site.headline
    part, parts = place
    of = f", part {part} of {parts}" if parts > 1 else ""
    publisher = site.inputs.publisher
    facts = [
        ("Dataset", dataset.title),
        ("Images", f"{number(headline.published)} of {number(headline.rows['read'])} rows read"),
        ("Date of the data", dataset.dated),
        ("Licence", dataset.licence or "not stated"),
        ("Published by", publisher.name),
        ("Contact", publisher.contact),
        ("Address", site.address("downloads.html") or ""),
    ]  # fmt: skip
    caveats = [one_line(caveat) for caveat in dataset.caveats]
    columns = [f"{column.name} ({column.type}): {column.explained}" for column in about.columns]
    parts_of_it = [
        f"{name}{of}: {number(rows)} {'row' if rows == 1 else 'rows'}",
        about.meaning + (f"\nSorted by {about.order}." if about.sort else ""),
        "\n".join(f"{label}: {one_line(value)}" for label, value in facts if value),
        "About the dataset",
        _list([one_line(dataset.description), *caveats]),
        "Files",
        _list([f"{stem}.csv: {_CSV}", f"{stem}.parquet: {_PARQUET}"]),
        "Columns",
        _list(columns),
        _NOT_MEANT,
    ]
    return "\n\n".join(part for part in parts_of_it if part) + "\n"


def _list(entries: Sequence[str]) -> str:
    """Each on a line of its own."""
    return "\n".join(f"- {entry}" for entry in entries if entry)
