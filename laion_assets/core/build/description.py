"""Describing a source file of a build directory, and when a generated one is made anew.

Lives here: the description beside the source's stamp. Not here: its form and what is in it
(`core.reading`), looking for files (`core.sources.finding`), inventing the sample
(`laion_assets.sample`).
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from laion_assets.core.base.errors import BadSourceFile, UserError
from laion_assets.core.base.files import write_bytes
from laion_assets.core.build.plan import generated_version
from laion_assets.core.build.workspace import Workspace
from laion_assets.core.reading.description import Description, encode_description, read_description
from laion_assets.core.reading.source_file import describe_source


class MakeSampleFile(Protocol):
    """Writes one generated file (`laion_assets.sample.write_sample_file`)."""

    def __call__(self, path: Path, *, number: int, rows: int, files: int, seed: int) -> None:
        """Write file `number` of `files`, which have `rows` rows together, to `path`."""


def write_description(
    workspace: Workspace, key: str, path: Path, make_sample_file: MakeSampleFile
) -> dict[str, Any]:
    """Check a source file (making it first when it is the sample's) and describe it at `path`.

    Returns the counts for its stamp, with the fingerprint by which a change is noticed. Raises
    BadSourceFile when it cannot be read or has no URL or caption column.
    """
    source = workspace.sources.find(key)
    if _is_outdated(workspace, key):
        source.path.unlink(missing_ok=True)
    bring_generated(workspace, key, make_sample_file)
    fingerprint = workspace.sources.fingerprint(source)
    if fingerprint is None:
        raise BadSourceFile("vanished while it was read")
    found = describe_source(source.path, workspace.dataset, workspace.spill)
    assert found.rows is not None  # noqa: S101 - they were asked for
    workspace.sources.require_unchanged(source, fingerprint)
    description = Description(
        file=source.relative,
        bytes=fingerprint.size,
        sha256=fingerprint.sha256,
        rows=found.rows,
        row_groups=found.row_groups,
        mapping=dict(found.layout.columns),
        format=found.layout.format,
        unknown_columns=found.unknown,
        repeated_headers=found.repeated_headers,
    )
    write_bytes(path, encode_description(description))
    return {"rows": found.rows, "bytes": fingerprint.size, "fingerprint": vars(fingerprint)}


def rows_of(workspace: Workspace, key: str) -> int:
    """Return how many rows a file is known to have; 0 where that is not known."""
    with suppress(UserError, OSError):
        return read_description(workspace.paths.description(key)).rows
    return 0


def bring_generated(workspace: Workspace, key: str, make_sample_file: MakeSampleFile) -> None:
    """Make a file of a generated dataset where it is not there."""
    source, generated = workspace.sources.find(key), workspace.dataset.generated
    if source.part is None or generated is None or source.path.exists():
        return
    make_sample_file(
        source.path,
        number=source.part,
        rows=generated.rows,
        files=generated.files,
        seed=generated.seed,
    )


def _is_outdated(workspace: Workspace, key: str) -> bool:
    """Tell whether a generated file was made by another version of the sample."""
    if workspace.sources.find(key).part is None:
        return False
    stamp = workspace.stamps.read("raw_parquet", key)
    return stamp is None or stamp.inputs.get("sample") != generated_version(workspace)
