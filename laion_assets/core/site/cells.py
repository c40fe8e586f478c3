"""Cells that are one text, written as HTML: nearly all of a site's, some millions at full size.

Lives here: what a template could write as well, at a fifth of the time; everything is escaped.
Cells with something drawn or listed in them are the template's (`partials/_table.html`). Not here:
what a cell says (`columns`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from markupsafe import Markup, escape

from laion_assets.core.site.columns import Column
from laion_assets.core.site.formats import UNKNOWN
from laion_assets.core.site.tables import Row

#: HTML that stands before a cell of the template's own; that cell's column, text and sort value.
Piece = tuple[Markup, Column | None, str, str | None]


def cells(
    row: Row,
    columns: Sequence[Column],
    sortable: bool = False,  # noqa: FBT001, FBT002 - a filter of templates
    labelled: bool = False,  # noqa: FBT001, FBT002
) -> Iterator[Piece]:
    """The cells of a row, in pieces: HTML, then a cell that the template writes, until all are.

    A row may say beside its values where they lead (`links`), and of its name a `flag` and a
    `meaning`. A labelled cell says what stands above it, for screens that show rows as cards.
    """
    links: Mapping[str, str | None] = row.get("links") or {}
    written: list[str] = []
    for column in columns:
        text = column.text(row) if column.is_text or column.is_drawn else ""
        value = column.sort_value(row, text) if sortable and column.is_sortable else None
        if column.is_text:
            label = column.label if labelled and not column.head else ""
            written.append(_cell(column, row, text, value, links.get(column.key), label))
            continue
        yield Markup("".join(written)), column, text, value  # noqa: S704 - each is escaped
        written = []
    yield Markup("".join(written)), None, "", None  # noqa: S704 - each is escaped


def _cell(
    column: Column, row: Row, text: str, value: str | None, link: str | None, label: str
) -> str:
    shown = str(escape(text))  # as text: Markup would escape what is added to it
    if link:
        shown = f'<a href="{escape(link)}">{shown}</a>'
    elif text == UNKNOWN and not column.head:
        shown = f'<span class="muted">{shown}</span>'
    if column.head:
        for name in ("flag", "meaning"):
            if row.get(name):
                shown += f' <span class="{name}">{escape(row[name])}</span>'
    data = "" if value is None else f' data-value="{escape(value)}"'
    if label:
        data += f' data-label="{escape(label)}"'
    return f"<{column.tag}{column.attributes}{data}>{shown}</{column.tag}>"
