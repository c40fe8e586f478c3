"""The columns of a parquet file by name, and what of them can be ours.

A field of a struct is a column too, by the names on the way to it: `image.url`. Lives here: finding
columns in a schema, judging their types, taking them out of what was decoded. Not here: what a file
claims of them (`parquet_rows`), how far they expand (`parquet_pages`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from laion_assets.core.base.errors import BadSourceFile
from laion_assets.core.reading.arrow_types import (
    first_texts,
    is_shown_as_text,
    is_text,
    plain,
    stored_type,
)
from laion_assets.core.reading.layout import MAX_COLUMNS
from laion_assets.core.sources.columns import NUMBERS, TEXTS, Fits, instead, shown_name

_DEEPEST = 8  # structs within structs whose fields have names here


@dataclass(frozen=True)
class Column:
    """One column: its fields from the top, its name (them, joined by dots) and its stored type."""

    path: tuple[str, ...]
    kind: pa.DataType

    @property
    def name(self) -> str:
        """The names on the way to it, joined by dots."""
        return ".".join(self.path)

    @property
    def is_list(self) -> bool:
        """Tell whether its values are lists."""
        return _is_list(self.kind)

    @property
    def is_text(self) -> bool:
        """Tell whether it is a column of its own whose values are texts."""
        return len(self.path) == 1 and is_text(self.kind)

    def of(self, batch: pa.Table) -> pa.ChunkedArray:
        """Return its values in a table of top columns, plain; of a list its first text."""
        values = batch.column(self.path[0])
        for name in self.path[1:]:
            values = pc.struct_field(plain(values), [name])
        values = plain(values)
        return plain(first_texts(values)) if self.is_list else values


class Columns:
    """The columns of a schema by name; at the top a name is itself, whatever dots are in it."""

    def __init__(self, schema: pa.Schema) -> None:
        if len(schema.names) > MAX_COLUMNS:
            raise BadSourceFile(f"has {len(schema.names):,} columns; at most {MAX_COLUMNS:,}")
        self.names: list[str] = []
        self._by_name: dict[str, Column] = {}
        top = set(schema.names)
        for column in _columns(schema):
            if len(column.path) > 1 and (column.name in top or len(self.names) >= MAX_COLUMNS):
                continue
            self.names.append(column.name)
            self._by_name.setdefault(column.name, column)

    def __getitem__(self, name: str) -> Column:
        return self._by_name[name]

    @property
    def fits(self) -> Fits:
        """What tells whether a column can be what one of ours is."""
        return lambda ours, theirs: _fits(ours, self._by_name[theirs].kind)

    def check(self, mapping: Mapping[str, str]) -> None:
        """Raise BadSourceFile when a column is mapped that cannot be what ours is."""
        for ours, theirs in mapping.items():
            kind = self._by_name[theirs].kind
            if _fits(ours, kind):
                continue
            wanted = "text" if ours in TEXTS else "a number" if ours in NUMBERS else "one value"
            raise BadSourceFile(
                f"column {shown_name(theirs)} has type {str(kind)[:80]}, not {wanted}"
                f"{instead(ours, self.names, self.fits)}"
            )

    def shown(self, mapping: Mapping[str, str]) -> tuple[str, ...]:
        """Return the columns' names, each struct as one where none of its fields is mapped."""
        opened = {self._by_name[theirs].path[0] for theirs in mapping.values()}
        names: dict[str, None] = {}
        for name in self.names:
            top = self._by_name[name].path[0]
            names[name if top in opened else top] = None
        return tuple(names)


def _columns(schema: pa.Schema) -> Iterator[Column]:
    for field in schema:
        yield from _within((field.name,), field.type)


def _within(path: tuple[str, ...], kind: pa.DataType) -> Iterator[Column]:
    kind = stored_type(kind)
    if not pa.types.is_struct(kind) or len(path) > _DEEPEST:
        yield Column(path, kind)
        return
    for field in kind:
        yield from _within((*path, field.name), field.type)


def _fits(ours: str, kind: pa.DataType) -> bool:
    if ours == "caption" and _is_list(kind):
        return is_text(stored_type(kind.value_type))  # a list of numbers is no caption
    return is_shown_as_text(kind) if ours in TEXTS else not pa.types.is_nested(kind)


def _is_list(kind: pa.DataType) -> bool:
    checks = (
        pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list,
        pa.types.is_list_view, pa.types.is_large_list_view,
    )  # fmt: skip
    return any(check(kind) for check in checks)
