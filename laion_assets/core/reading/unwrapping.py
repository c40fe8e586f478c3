"""Parquet inside a compression: a copy that is expanded on the disk, since it is read at any place.

Lives here: that copy. Not here: expanding (`base.expanding`), reading parquet (`parquet_rows`).
"""

import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import IO

from laion_assets.core.base.errors import UserError
from laion_assets.core.base.expanding import open_expanded
from laion_assets.core.base.machine import refuse_exhausted
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
    with ExitStack() as stack:
        try:
            copy = stack.enter_context(_temporary(spill))
            with open_expanded(path, layout.compression) as stream:
                for block in limited(blocks_of(stream), size_of(path)):
                    copy.write(block)
            copy.flush()
        except OSError as error:  # of the copy: those of the stream are told by it
            refuse_exhausted(error)
            raise UserError(f"no temporary file can be written: {error.strerror}") from error
        yield _OPEN_FILES / str(copy.fileno()) if _OPEN_FILES.is_dir() else Path(copy.name)


def _temporary(folder: Path | None) -> AbstractContextManager[IO[bytes]]:
    if _OPEN_FILES.is_dir():
        return tempfile.TemporaryFile(dir=folder)
    return tempfile.NamedTemporaryFile(dir=folder)
