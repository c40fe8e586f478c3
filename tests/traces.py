"""Everything that a build directory holds, in a form in which a text can be looked for.

Lives here: reading files of every kind it has, whatever they are packed by. No tests here.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq


def holding(root: Path, text: str) -> list[str]:
    """Return the files below `root` that hold a text, its own name included."""
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


def _text(row: dict[str, object]) -> str:
    plain = {
        name: value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
        for name, value in row.items()
    }
    return json.dumps(plain, ensure_ascii=False)
