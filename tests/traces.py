"""Everything that a build directory holds, in a form in which a text can be looked for.

Lives here: reading files of every kind it has, whatever they are packed by. No tests here.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pyarrow.parquet as pq

from laion_assets.core.base.files import sha256_file
from laion_assets.core.index.directory import DIRECTORY, SEARCH
from tests.index_reader import IndexReader


def holding(root: Path, text: str) -> list[str]:
    """Return the files below `root` that hold a text, their own names included.

    For what the files of a search index hold together it is their directory that is named.
    """
    wanted = text.encode()
    return [
        path.relative_to(root).as_posix()
        for path in sorted(root.rglob("*"))
        if path.is_file() and any(wanted in form for form in _forms(path))
    ]


def _forms(path: Path) -> Iterator[bytes]:
    content = path.read_bytes()
    yield path.name.encode()
    yield content
    if content[:4] == b"PAR1":
        rows = pq.read_table(path).to_pylist()
        yield "\n".join(map(_text, rows)).encode()
    if content[:2] == b"\x1f\x8b":
        yield gzip.decompress(content)
    if (folder := _index_folder(path)) is not None:
        assert (folder / DIRECTORY).is_file(), f"{path} belongs to no index"
        if path.name == DIRECTORY:
            files = sorted(folder.rglob("*.js"))
            yield _read_index(folder, tuple((file, sha256_file(file)) for file in files))


def _index_folder(path: Path) -> Path | None:
    """Return the folder of the index that a file is of, if it is of one."""
    parents = [parent for parent in path.parents if parent.parent.name == SEARCH]
    return parents[-1] if parents and path.suffix == ".js" else None


@cache
def _read_index(folder: Path, files: tuple[tuple[Path, str], ...]) -> bytes:
    """Return every row, term and suggestion of an index, all of whose files are read."""
    reader = IndexReader(folder, DIRECTORY)
    found = [_json(row) for row in reader.documents]
    for series in sorted(set(reader.directory["series"]) - {"s"}):
        for name, term in reader.terms(series).items():
            found += [name, *map(_json, term.rows)]
            if name.startswith("@"):
                found.append(".".join(reversed(name[1:].split("."))))
    found += [text for text, _, _ in reader.suggestions()]
    left = {path.relative_to(folder).as_posix() for path, _ in files} - reader.read
    assert left <= {"s/0.js"}, f"{sorted(left)} belong to no index"  # that is plain text
    return "\n".join(found).encode()


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _text(row: dict[str, object]) -> str:
    plain = {
        name: value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
        for name, value in row.items()
    }
    return _json(plain)
