"""What `laion-assets inspect` prints: for people, and as JSON for programs.

Lives here: words and columns of text. Whatever a file holds stays on its line: nothing in it can
move the cursor. Not here: looking at a file (`core.cleaning.inspection`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from laion_assets.core.cleaning.inspection import Inspection, SeenRow
from laion_assets.core.reading.layout import SourceDescription
from laion_assets.core.site.measures import REASONS, VISIBILITIES
from laion_assets.core.sources.formats import in_words

_WIDEST = 100  # letters of a value that are shown
_NAMES = 12  # columns that are named
_KIB = 1024
#: Facts about a file that have words of their own; whatever else is known of it is named as it is.
_TOLD = {"rows", "row_groups", "columns", "layout", "format"}
_IN_WORDS = {
    "kind", "delimiter", "quote", "escape", "encoding", "compression", "columns", "header",
    "line_end", "skip", "spaced", "trailing", "shape", "within",
}  # fmt: skip


def tell_inspection(name: str, found: Inspection, look: str) -> Iterator[str]:
    """Yield the lines about one file; `look` is the command that shows more of its rows."""
    description = found.description
    mapped = description.layout.columns
    yield f"{one_line(name)} ({_size(found.bytes)})"
    yield f"  taken for    {one_line(_taken_for(description))}"
    yield f"  rows         {_row_count(found)}"
    for ours, theirs in mapped.items():
        yield f"  {ours:12} is column {_quoted(theirs)}"
    unknown = [_quoted(column) for column in description.unknown]
    if unknown:
        more = f" and {len(unknown) - _NAMES:,} more" if len(unknown) > _NAMES else ""
        yield f"  not read     {', '.join(unknown[:_NAMES])}{more}"
    for fact, value in _further_facts(description).items():
        yield f"  {fact:12} {one_line(str(value))}"
    if found.rows:
        yield f"  of the first {_of(len(found.rows), 'row')}, {found.counts['kept']:,} kept:"
    for row in found.rows:
        yield f"    {_told_row(row)}"
    for word, meaning in _meanings(found.rows).items():
        yield f"  {word} means: {meaning}"
    loss = found.loss(look)
    if loss:
        yield f"  {one_line(loss, 10 * _WIDEST)}"


def tell_unreadable(name: str, size: int | None, problem: str) -> Iterator[str]:
    """Yield the lines about a file that cannot be read."""
    yield f"{one_line(name)} ({_size(size)})" if size is not None else one_line(name)
    yield f"  {one_line(problem, 10 * _WIDEST)}"


def _taken_for(description: SourceDescription) -> str:
    file_format = description.layout.format
    words = [in_words(file_format)]
    if file_format.kind != "parquet" and not file_format.encoding:
        words.append("in utf-8")
    if file_format.header:
        words.append("with a header")
    return ", ".join(words)


def _row_count(found: Inspection) -> str:
    description = found.description
    if description.rows is None:
        return "not counted: that takes reading all of it"
    groups = description.row_groups
    return f"{description.rows:,}" + (f", in {_of(groups, 'row group')}" if groups else "")


def _further_facts(description: SourceDescription) -> Mapping[str, Any]:
    """Return what else is known of a file, by name: fields without words of their own."""
    records = (
        (description, _TOLD),
        (description.layout, _TOLD),
        (description.layout.format, _IN_WORDS),
    )
    return {
        field.name.replace("_", " "): getattr(record, field.name)
        for record, told in records
        for field in dataclasses.fields(record)
        if field.name not in told and getattr(record, field.name)
    }


def _told_row(row: SeenRow) -> str:
    """Return one row, by its number from 0 on, or the line of a damaged one from 1 on."""
    texts = (_plain(row.values[name]) for name in ("url", "caption"))
    url, caption = ("nothing" if text is None else one_line(text) for text in texts)
    if row.reason == "damaged_line":
        where = f" (line {row.line:,})" if row.line is not None else ""
        return f"row {row.row:,} rejected, {row.reason}{where}: {caption}"
    fate = f"kept, {row.values['visibility']}" if row.reason is None else f"rejected, {row.reason}"
    return f"row {row.row:,} {fate}: {url}  {caption}"


def _meanings(rows: Sequence[SeenRow]) -> Mapping[str, str]:
    """Return the reasons and visibilities that occur, with what they mean."""
    met = {row.reason or row.values["visibility"] for row in rows}
    return {word: said for word, said in {**VISIBILITIES, **REASONS}.items() if word in met}


def text_of_bytes(value: bytes | None) -> str | None:
    """Return the text of bytes as found; what is not UTF-8 as `\\xe9`."""
    return None if value is None else value.decode("utf-8", "backslashreplace")


def one_line(text: str, most: int = _WIDEST) -> str:
    """Return text that stays on its line: controls, and whatever turns letters round, escaped."""
    cut = text[:most]
    plain = "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii")
        for letter in cut
    )
    return plain if len(text) <= most else f"{plain}…"


def _quoted(column: str) -> str:
    return f"'{one_line(column)}'"


def _of(count: int, what: str) -> str:
    return f"{count:,} {what if count == 1 else what + 's'}"


def _size(size: int) -> str:
    if size < _KIB:
        return f"{size} B"
    for unit, power in (("GiB", 30), ("MiB", 20)):
        if size >= 1 << power:
            return f"{size / (1 << power):,.1f} {unit}"
    return f"{size / _KIB:,.1f} KiB"


def inspection_as_json(found: Inspection, look: str) -> dict[str, Any]:
    """Return what was found as plain values."""
    description = found.description
    return {
        "bytes": found.bytes,
        "format": dataclasses.asdict(description.layout.format),
        "rows": description.rows,
        "row_groups": description.row_groups,
        "columns": list(description.columns),
        "mapped": dict(description.layout.columns),
        "not_read": description.unknown,
        **_further_facts(description),
        "first_rows": [
            {
                "row": row.row,
                "line": row.line,
                "kept": row.reason is None,
                "reason": row.reason,
                **{name: _plain(value) for name, value in row.values.items()},
            }
            for row in found.rows
        ],
        "kept": found.counts["kept"],
        "rejected": {reason: rows for reason, rows in found.counts["rejected"].items() if rows},
        "likely_cause": found.loss(look) or None,
        "error": None,
    }


def _plain(value: Any) -> Any:
    return text_of_bytes(value) if isinstance(value, bytes) else value
