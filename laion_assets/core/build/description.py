"""What is known of a source file: written down when it is found, read when its rows are.

Lives here: the description as JSON beside the source's stamp, and when the embedded sample's files
are made anew. Not here: looking for files (`core.sources.finding`), reading rows (`core.reading`),
inventing the sample (`laion_assets.sample`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import msgspec

from laion_assets.core.base.errors import BadSourceFile, UserError
from laion_assets.core.base.files import write_bytes
from laion_assets.core.build.code_version import sample_version
from laion_assets.core.build.workspace import Workspace
from laion_assets.core.reading.layout import FileLayout
from laion_assets.core.reading.source_file import describe_source
from laion_assets.core.sources.formats import FileFormat


class MakeSampleFile(Protocol):
    """Writes one generated file (`laion_assets.sample.write_sample_file`)."""

    def __call__(self, path: Path, *, number: int, rows: int, files: int, seed: int) -> None:
        """Write file `number` of `files`, which have `rows` rows together, to `path`."""


class Description(msgspec.Struct, frozen=True):
    """What a source file is, and how its rows are read."""

    file: str  # relative to its source root
    bytes: int
    sha256: str
    rows: int
    row_groups: int
    mapping: dict[str, str]
    format: FileFormat
    unknown_columns: list[str]

    @property
    def layout(self) -> FileLayout:
        """How its rows are read."""
        return FileLayout(self.mapping, self.format)


def write_description(
    workspace: Workspace, key: str, path: Path, make_sample_file: MakeSampleFile
) -> dict[str, Any]:
    """Check a source file (making it first when it is the sample's) and describe it at `path`.

    Returns the counts for its stamp, with the fingerprint by which a change is noticed. Raises
    BadSourceFile when it cannot be read or has no URL or caption column.
    """
    source = workspace.sources.find(key)
    generated = workspace.dataset.generated
    if source.part is not None and generated is not None and _is_outdated(workspace, key):
        make_sample_file(
            source.path,
            number=source.part,
            rows=generated.rows,
            files=generated.files,
            seed=generated.seed,
        )
    fingerprint = workspace.sources.fingerprint(source)
    if fingerprint is None:
        raise BadSourceFile("vanished while it was read")
    found = describe_source(source.path, workspace.dataset)
    description = Description(
        file=source.relative,
        bytes=fingerprint.size,
        sha256=fingerprint.sha256,
        rows=found.rows,
        row_groups=found.row_groups,
        mapping=dict(found.layout.columns),
        format=found.layout.format,
        unknown_columns=found.unknown,
    )
    text = msgspec.json.format(msgspec.json.encode(description, order="sorted"), indent=1)
    write_bytes(path, text + b"\n")
    return {"rows": found.rows, "bytes": fingerprint.size, "fingerprint": vars(fingerprint)}


def _is_outdated(workspace: Workspace, key: str) -> bool:
    """Tell whether a generated file is not there, or was made by another version of the sample."""
    if not workspace.sources.find(key).path.exists():
        return True
    stamp = workspace.stamps.read("raw_parquet", key)
    return stamp is not None and stamp.inputs.get("sample") != sample_version()


def read_description(path: Path) -> Description:
    """Read what `write_description` wrote.

    Raises UserError when an older version of this program wrote it.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Description)
    except msgspec.ValidationError as error:
        raise UserError(
            f"{path.name} is of another version ({error}); materialise raw_parquet again first"
        ) from error
