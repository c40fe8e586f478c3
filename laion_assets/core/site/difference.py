"""What changed from one build to another: the records, and a page and an Atom entry of them.

Counts, and names that both builds have: a row that was taken out is in none of it. Not here:
comparing two builds (`core.build.differing`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from laion_assets.core.site.announcing import plain
from laion_assets.core.site.formats import number
from laion_assets.core.site.render import build_environment
from laion_assets.core.site.safety import STRICT_CSP


@dataclass(frozen=True)
class Build:
    """A build that is compared: what it calls itself."""

    title: str
    build: str
    date: str


@dataclass(frozen=True)
class TableDifference:
    """How a table differs, in rows; `moved` is None where rows have no rank."""

    table: str
    rows_was: int
    rows_now: int
    added: int
    removed: int
    changed: int
    moved: int | None = None


@dataclass(frozen=True)
class Moved:
    """A name whose rank is another."""

    table: str
    name: str
    rank_was: int
    rank_now: int
    images_was: int
    images_now: int


@dataclass(frozen=True)
class Difference:
    """How one build differs from another."""

    was: Build
    now: Build
    tables: tuple[TableDifference, ...]
    moved: tuple[Moved, ...]

    @property
    def is_none(self) -> bool:
        """Tell whether the two hold the same."""
        return not any(t.added or t.removed or t.changed or t.moved for t in self.tables)

    @property
    def sentence(self) -> str:
        """Return the images in one sentence."""
        images = self.tables[0]
        return (
            f"{number(images.added)} images added, {number(images.removed)} removed, "
            f"{number(images.changed)} changed; {number(images.rows_now)} now."
        )


def difference_page(difference: Difference, templates: Path) -> bytes:
    """Return a page that says what changed; it needs no other file."""
    template = build_environment(templates).get_template("difference.html")
    return template.render(csp=STRICT_CSP, difference=difference).encode("utf-8", "replace")


def difference_entry(difference: Difference) -> bytes | None:
    """Return an Atom entry (RFC 4287) of the same; None where the newer build has no date."""
    now = difference.now
    if not now.date:
        return None
    title = escape(plain(now.title))
    text = f"""<?xml version="1.0" encoding="UTF-8"?>
<entry xmlns="http://www.w3.org/2005/Atom">
<id>tag:laion-assets,{now.date}:{escape(difference.was.build)}-{escape(now.build)}</id>
<title>{title}: {escape(difference.sentence)}</title>
<updated>{now.date}T00:00:00Z</updated>
<author><name>{title}</name></author>
<summary>From build {escape(difference.was.build)} to {escape(now.build)}.</summary>
<content type="text">{escape(difference.sentence)}</content>
</entry>
"""
    return text.encode("utf-8", "replace")
