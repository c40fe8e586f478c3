"""What is known of one source file, as it is written down: JSON beside the file's stamp.

Lives here: its fields and their form. Not here: finding them out (`source_file`), where it lies
(`core.build`).
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from laion_assets.core.base.errors import UserError
from laion_assets.core.reading.layout import FileLayout
from laion_assets.core.sources.formats import FileFormat, in_words, is_plain


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
    repeated_headers: int = 0  # lines of a text file that are its header again, and no rows

    @property
    def how_read(self) -> str:
        """How its rows are read, in words, where that is not as its kind suggests; else empty."""
        again = self.repeated_headers
        if is_plain(self.format) and not again:
            return ""
        left_out = f", {again:,} repeated header{'s' * (again != 1)} left out" if again else ""
        return f"read as {in_words(self.format)}{left_out}"

    @property
    def layout(self) -> FileLayout:
        """How its rows are read."""
        return FileLayout(self.mapping, self.format)


def encode_description(description: Description) -> bytes:
    """Return the description as JSON, indented and sorted."""
    text = msgspec.json.encode(description, order="sorted")
    return msgspec.json.format(text, indent=1) + b"\n"


def read_description(path: Path) -> Description:
    """Read what `encode_description` wrote.

    Raises UserError when an older version of this program wrote it, or it is damaged.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Description)
    except msgspec.ValidationError as error:
        raise UserError(
            f"{path.name} is of another version ({error}); materialise raw_parquet again first"
        ) from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise UserError(f"{path.name} is damaged; run `laion-assets build --rehash`") from error
