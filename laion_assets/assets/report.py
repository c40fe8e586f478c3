"""Metadata that makes clicking an asset in the UI worthwhile, read from what was made.

Lives here: where it lies, row counts, column schemas and lineage, every count as a number that the
UI plots, a small table with bars per asset, and where its code stands. Not here: what an asset is
(`assets.*`).
"""

import inspect
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow.parquet as pq

from laion_assets.core.build.graph import GRAPH
from laion_assets.core.build.stamps import Stamp
from laion_assets.core.build.workspace import Workspace
from laion_assets.core.cleaning.schemas import IMAGES
from laion_assets.core.exports.columns import ROW_TABLES
from laion_assets.core.names.mentions import MENTIONS
from laion_assets.keys import asset_key

_PREVIEW_ROWS = 15
_BAR = 24  # characters of the longest bar
_CELL = 60  # characters of a cell


def describe_made(
    workspace: Workspace, asset: str, key: str | None, stamp: Stamp
) -> dict[str, Any]:
    """Return Dagster metadata for one output, from its stamp and its table."""
    metadata: dict[str, Any] = dict(_numbers(stamp.counts))
    tables = GRAPH[asset].tables
    main = workspace.paths.table(tables[0].name if tables else asset, key)
    if asset == "index_segment" and key is not None:
        main = workspace.paths.segment(key, "documents")
    rows = stamp.counts.get("rows")
    if main.relative_to(workspace.root).as_posix() in stamp.outputs:
        metadata["dagster/uri"] = main.as_uri()
        metadata["dagster/table_name"] = tables[0].name if tables else asset
        about = tables[0] if tables else _OF_ROWS.get(asset)
        meanings = {column.name: column.explained for column in about.columns} if about else {}
        with pq.ParquetFile(main) as table:
            rows = table.metadata.num_rows
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
            metadata["dagster/column_lineage"] = _lineage(asset, table.schema_arrow.names)
    if rows is not None:
        metadata["dagster/partition_row_count" if key else "dagster/row_count"] = rows
    if tables and tables[0].preview:
        metadata["preview"] = _preview(main, tables[0].preview)
    if asset == "site":
        metadata["open"] = dg.MetadataValue.path(str(workspace.paths.site / "index.html"))
    return metadata


def code_of(make: Callable[..., Any]) -> dict[str, Any]:
    """Return metadata that says where the function stands which makes an asset."""
    found = inspect.unwrap(make)
    path, line = inspect.getsourcefile(found), inspect.getsourcelines(found)[1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)  # code references are, in Dagster 1.13
        reference = dg.LocalFileCodeReference(file_path=path or "", line_number=line)
        value = dg.CodeReferencesMetadataValue(code_references=[reference])
    return {"dagster/code_references": value}


def _numbers(counts: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, float | str]]:
    """Yield nested counts one by one, under names that say where they stood."""
    for name, value in counts.items():
        if isinstance(value, dict) and name != "fingerprint":
            yield from _numbers(value, f"{prefix}{name}: ")
        elif isinstance(value, int | float | str):
            yield f"{prefix}{name}", value


def _lineage(asset: str, columns: Sequence[str]) -> dg.TableColumnLineage:
    """Return from which column of what an asset is made of each column of that name comes."""
    made_of = {
        name: GRAPH[name].tables[0].schema.names if GRAPH[name].tables else _COLUMNS.get(name, ())
        for name in GRAPH[asset].upstream
    }
    deps = {
        column: [
            dg.TableColumnDep(asset_key(name), column)
            for name, names in made_of.items()
            if column in names and column not in _COUNTED
        ]
        for column in columns
    }
    return dg.TableColumnLineage({column: found for column, found in deps.items() if found})


#: What the columns of the tables of each file mean, as exports have them too.
_OF_ROWS = {table.name: table for table in ROW_TABLES}
#: Columns of the tables of each file.
_COLUMNS = {"images": IMAGES.names, "mentions": MENTIONS.names}
#: Columns that every table counts anew.
_COUNTED = frozenset(("rank", "images", "share", "denominator", "unique_urls", "unique_captions"))


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
