"""Metadata that makes clicking an asset in the UI worthwhile, read from what was made.

Lives here: row counts, column schemas, a small table with bars per asset. Not here: what an asset
is (`assets.*`).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow.parquet as pq

from laion_assets.core.build.graph import GRAPH
from laion_assets.core.build.stamps import Stamp
from laion_assets.core.build.workspace import Workspace

_PREVIEW_ROWS = 15
_BAR = 24  # characters of the longest bar
_CELL = 60  # characters of a cell


def describe_made(
    workspace: Workspace, asset: str, key: str | None, stamp: Stamp
) -> dict[str, Any]:
    """Return Dagster metadata for one output, from its stamp and its table."""
    shown = {name: value for name, value in stamp.counts.items() if name != "fingerprint"}
    metadata: dict[str, Any] = {"counts": counts_table(shown)} if shown else {}
    tables = GRAPH[asset].tables
    main = workspace.paths.table(tables[0].name if tables else asset, key)
    if asset == "index_segment" and key is not None:
        main = workspace.paths.segment(key, "documents")
    if main.relative_to(workspace.root).as_posix() in stamp.outputs:
        meanings = {column.name: column.explained for column in tables[0].columns} if tables else {}
        with pq.ParquetFile(main) as table:
            metadata["dagster/row_count"] = table.metadata.num_rows
            metadata["dagster/column_schema"] = dg.TableSchema(
                columns=[
                    dg.TableColumn(
                        field.name,
                        str(field.type),
                        description=meanings.get(field.name),
                    )
                    for field in table.schema_arrow
                ]
            )
    if "rows" in stamp.counts and "dagster/row_count" not in metadata:
        metadata["dagster/row_count"] = stamp.counts["rows"]
    if tables and tables[0].preview:
        metadata["preview"] = _preview(main, tables[0].preview)
    if asset == "site":
        metadata["open"] = dg.MetadataValue.path(str(workspace.paths.site / "index.html"))
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
