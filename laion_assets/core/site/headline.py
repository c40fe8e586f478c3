"""The headline numbers: those the overview and About pages print and `data/summary.json` holds.

Everything is taken or summed from the merged tables; nothing is estimated. Counts are of published
rows unless their name says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from laion_assets.core.cleaning.thresholds import Thresholds
from laion_assets.core.names.registry import ENTITY_LISTS
from laion_assets.core.site.inputs import DatasetInfo, SourceInfo
from laion_assets.core.site.tables import Row, read_table, rows_of
from laion_assets.core.tables.registry import PUBLISHED_TABLES

#: How many of the largest domains the concentration figure sums, as the 2022 study did.
TOP_DOMAINS = 100


#: Whole sets of rows that shares are of, each within the one before, and what a page calls them.
POPULATIONS = {"read": "rows read", "kept": "rows kept", "published": "published images"}


@dataclass(frozen=True, slots=True)
class Whole:
    """What the shares of a table are of: so many, of what."""

    count: int
    of: str


@dataclass(frozen=True, slots=True)
class ListStatistics:
    """What a list of names came to: names listed, names found at all, and mentions.

    A mention is one image for one name, so an image naming two of them counts twice here.
    """

    listed: int
    found: int
    zero: int
    mentions: int

    @property
    def whole(self) -> Whole:
        """What counts of its names are out of."""
        return Whole(self.listed, "listed names")


@dataclass(frozen=True, slots=True)
class Headline:
    """The numbers of the whole dataset; dictionaries are label → rows in the table's order."""

    rows: dict[str, int]
    rejected: dict[str, int]
    repaired: dict[str, int]
    unknown: dict[str, int]
    out_of_range: dict[str, int]
    visibility: dict[str, int]
    tables: dict[str, int]
    names: dict[str, ListStatistics]
    top_domains_images: int

    @property
    def published(self) -> int:
        """Rows that pages, counts, search and downloads are over: kept less withheld."""
        return self.rows.get("published", 0)

    def share_of(self, images: int, denominator: str = "published") -> float | None:
        """`images` as a share of a row count (0 to 1), or None when that count is zero."""
        whole = self.rows.get(denominator, 0)
        return images / whole if whole else None

    def population(self, name: str) -> Whole:
        """One of POPULATIONS with its size, for counts that are out of it."""
        return Whole(self.rows.get(name, 0), POPULATIONS[name])

    def whole_of(self, rows: Sequence[Row], of: str = "", likely: str = "published") -> Whole:
        """What the shares of these rows are of, by their own `denominator`.

        Its name is `of`, or that of the population which is as large: `likely` when it is, else
        the widest (of several as large as one another each holds the same rows). Raises ValueError
        when the rows' denominators differ.
        """
        counts = {row["denominator"] for row in rows} or {self.rows.get(likely, 0)}
        if len(counts) > 1:
            raise ValueError(f"shares of one table are of several numbers: {sorted(counts)}")
        (count,) = counts
        names = [key for key in (likely, *POPULATIONS) if self.rows.get(key, 0) == count]
        return Whole(count, of or (POPULATIONS[names[0]] if names else "rows"))


def measure(rows: Iterable[Row], name: str) -> list[Row]:
    """The rows of one measure of the `nsfw` or `quality` table, in the table's order."""
    return [row for row in rows if row["measure"] == name]


def labelled(rows: Iterable[Row], name: str) -> dict[str, int]:
    """One measure as label → images."""
    return {row["label"]: row["images"] for row in measure(rows, name)}


def build_headline(tables: Path) -> Headline:
    """Sum the headline numbers from the merged tables under `tables`."""
    loaded = {name: read_table(tables, name) for name in PUBLISHED_TABLES}
    quality = rows_of(loaded["quality"])
    largest = loaded["domains"].slice(0, TOP_DOMAINS).column("images")
    return Headline(
        rows=labelled(quality, "rows"),
        rejected=labelled(quality, "rejected"),
        repaired=labelled(quality, "repaired"),
        unknown=labelled(quality, "unknown"),
        out_of_range=labelled(quality, "out_of_range"),
        visibility=labelled(rows_of(loaded["nsfw"]), "visibility"),
        tables={name: table.num_rows for name, table in loaded.items()},
        names={name: _list_statistics(loaded[name]) for name in ENTITY_LISTS},
        top_domains_images=int(pc.sum(largest).as_py() or 0),
    )


def _list_statistics(table: pa.Table) -> ListStatistics:
    images = table.column("images").to_pylist()
    found = sum(1 for count in images if count)
    return ListStatistics(len(images), found, len(images) - found, sum(images))


def summary_document(
    headline: Headline,
    dataset: DatasetInfo,
    thresholds: Thresholds,
    sources: Sequence[SourceInfo],
    build_id: str,
) -> dict[str, Any]:
    """The content of `data/summary.json`; plain values only, in a fixed order."""
    return {
        "build": build_id,
        "dataset": asdict(dataset),
        "thresholds": asdict(thresholds),
        "rows": headline.rows,
        "rejected": headline.rejected,
        "repaired": headline.repaired,
        "unknown": headline.unknown,
        "out_of_range": headline.out_of_range,
        "visibility": headline.visibility,
        "tables": headline.tables,
        "names": {name: asdict(statistics) for name, statistics in headline.names.items()},
        "top_domains": {"domains": TOP_DOMAINS, "images": headline.top_domains_images},
        "sources": [asdict(source) for source in sources],
    }
