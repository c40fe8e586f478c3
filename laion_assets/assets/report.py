"""Metadata that makes clicking an asset in the UI worthwhile, read from what was made.

Lives here: row counts, column schemas, a small table with bars per asset. Not here: what an asset
is (`assets.*`).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow.parquet as pq

from laion_assets.core.site.columns import COLUMNS
from laion_assets.core.stamps import Stamp
from laion_assets.core.workspace import Workspace

_PREVIEW_ROWS = 15
_BAR = 24  # characters of the longest bar
_CELL = 60  # characters of a cell

#: What a merged table's preview shows: columns, and the one that is drawn as a bar.
_PREVIEWS: dict[str, tuple[str, ...]] = {
    "domains": ("domain", "platform", "images"),
    "platforms": ("platform", "category", "domains", "images"),
    "words": ("word", "images"),
    "artists": ("name", "type", "life", "images", "images_in_context"),
    "celebrities": ("name", "occupation", "gender", "images", "images_in_context"),
    "characters": ("name", "franchise", "images", "images_in_context"),
    "study": ("rank", "name", "type", "life", "images"),
    "nsfw": ("measure", "label", "images"),
    "years": ("url_year", "images"),
    "duplicates": ("kind", "cluster_size", "clusters", "images"),
    "quality": ("measure", "label", "images"),
}


#: The table an asset is judged by, where it has not the asset's name.
_MAIN_TABLES = {"study": "study_artists"}


def describe_made(
    workspace: Workspace, asset: str, key: str | None, stamp: Stamp
) -> dict[str, Any]:
    """Return Dagster metadata for one output, from its stamp and its table."""
    shown = {name: value for name, value in stamp.counts.items() if name != "fingerprint"}
    metadata: dict[str, Any] = {"counts": counts_table(shown)} if shown else {}
    main = workspace.table(_MAIN_TABLES.get(asset, asset), key)
    if asset == "index_segment" and key is not None:
        main = workspace.segment(key, "documents")
    if main.relative_to(workspace.root).as_posix() in stamp.outputs:
        with pq.ParquetFile(main) as table:
            metadata["dagster/row_count"] = table.metadata.num_rows
            metadata["dagster/column_schema"] = dg.TableSchema(
                columns=[
                    dg.TableColumn(
                        field.name,
                        str(field.type),
                        description=COLUMNS.get(main.stem, {}).get(field.name),
                    )
                    for field in table.schema_arrow
                ]
            )
    if "rows" in stamp.counts and "dagster/row_count" not in metadata:
        metadata["dagster/row_count"] = stamp.counts["rows"]
    if asset in _PREVIEWS and key is None:
        metadata["preview"] = _preview(main, _PREVIEWS[asset])
    if asset == "site":
        metadata["open"] = dg.MetadataValue.path(str(workspace.site / "index.html"))
    return metadata


def counts_table(counts: Any, prefix: str = "") -> dg.MarkdownMetadataValue:
    """Return nested counts as one Markdown table."""
    lines = ["| | |", "|---|---:|"]

    def add(values: Any, path: str) -> None:
        for name, value in values.items():
            if isinstance(value, dict):
                add(value, f"{path}{name}: ")
            else:
                shown = f"{value:,}" if isinstance(value, int) else str(value)
                lines.append(f"| {_cell(path + name)} | {_cell(shown)} |")

    add(counts, prefix)
    return dg.MetadataValue.md("\n".join(lines))


def _preview(path: Path, columns: Sequence[str]) -> dg.MarkdownMetadataValue:
    with pq.ParquetFile(path) as source:
        first = next(source.iter_batches(batch_size=_PREVIEW_ROWS, columns=list(columns)), None)
    rows = first.to_pylist() if first is not None else []
    most = max((row["images"] for row in rows), default=0) or 1
    lines = [f"| {' | '.join(columns)} | |", f"|{'---|' * (len(columns) + 1)}"]
    for row in rows:
        bar = "█" * round(_BAR * row["images"] / most)
        cells = [_cell("" if row[name] is None else str(row[name])) for name in columns]
        lines.append(f"| {' | '.join(cells)} | {bar} |")
    return dg.MetadataValue.md("\n".join(lines))


def _cell(text: str) -> str:
    """Return text that cannot leave its Markdown cell: captions and names are untrusted."""
    plain = "".join(c if c.isprintable() and c not in "|<>[]`\\" else " " for c in text)
    return plain[:_CELL]
