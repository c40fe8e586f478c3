"""The raw layer: a source file found or generated, and a description of it.

Lives here: making the embedded sample's files, writing down what a source file is. Not here:
looking for files (`sources`) or reading rows (`reading`).
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from laion_assets.core.datasets import FileFormat
from laion_assets.core.errors import BadSourceFile, UserError
from laion_assets.core.files import write_json
from laion_assets.core.layout import ColumnMap
from laion_assets.core.reading import describe_source
from laion_assets.core.sample import write_sample_file
from laion_assets.core.workspace import Workspace


def write_description(workspace: Workspace, key: str, path: Path) -> dict[str, Any]:
    """Check a source file (making it first when it is the sample's) and describe it at `path`.

    Returns the counts for its stamp, with the fingerprint by which a change is noticed. Raises
    BadSourceFile when it cannot be read or has no URL or caption column.
    """
    source = workspace.source(key)
    generated = workspace.dataset.generated
    if source.part is not None and generated is not None and not source.path.exists():
        write_sample_file(
            source.path,
            number=source.part,
            rows=generated.rows,
            files=generated.files,
            seed=generated.seed,
        )
    fingerprint = workspace.fingerprint(source)
    if fingerprint is None:
        raise BadSourceFile("vanished while it was read")
    found = describe_source(source.path, workspace.dataset)
    write_json(
        path,
        {
            "file": source.relative,
            "bytes": fingerprint.size,
            "sha256": fingerprint.sha256,
            "rows": found.rows,
            "row_groups": found.row_groups,
            "mapping": dict(found.mapping),
            "format": asdict(found.mapping.format),
            "unknown_columns": found.unknown,
        },
    )
    return {"rows": found.rows, "bytes": fingerprint.size, "fingerprint": vars(fingerprint)}


def read_description(path: Path) -> dict[str, Any]:
    """Read what `write_description` wrote, the mapping as reading the file takes it.

    Raises UserError when an older version of this program wrote it.
    """
    description: dict[str, Any] = json.loads(path.read_bytes())
    if "format" not in description:
        raise UserError(f"{path.name} is of an older version; materialise raw_parquet again first")
    known = description["format"]
    file_format = FileFormat(**{**known, "columns": tuple(known["columns"])})
    return {**description, "mapping": ColumnMap(description["mapping"], file_format)}
