"""Parquet inside a compression: a copy that is expanded on the disk, since it is read at any place.

Lives here: that copy. Not here: expanding (`base.expanding`), reading parquet (`parquet_rows`).
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from laion_assets.core.base.expanding import open_expanded
from laion_assets.core.reading.opening import blocks_of, limited, size_of
from laion_assets.core.sources.formats import FileFormat

_OPEN_FILES = Path("/proc/self/fd")  # Linux's: a file without a name is opened again by its number


@contextmanager
def unwrapped(path: Path, layout: FileFormat, spill: Path | None) -> Iterator[Path]:
    """Give a file that is not compressed: itself, or an expanded copy in the folder `spill`.

    Without a folder the copy lies where the system keeps temporary files. It has no name where the
    system can open it all the same, so that it goes with this process. Raises BadSourceFile when
    the compression is damaged or expands absurdly.
    """
    if not layout.compression:
        yield path
        return
    unnamed = _OPEN_FILES.is_dir()
    make = tempfile.TemporaryFile if unnamed else tempfile.NamedTemporaryFile
    with make(dir=spill, prefix="laion-assets-") as copy:
        with open_expanded(path, layout.compression) as stream:
            for block in limited(blocks_of(stream), size_of(path)):
                copy.write(block)
        copy.flush()
        yield _OPEN_FILES / str(copy.fileno()) if unnamed else Path(copy.name)
