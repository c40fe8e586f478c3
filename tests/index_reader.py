"""Reading a published index back in Python, as the browser's client would, for the tests."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SCRIPT = re.compile(r"LaionIndex\((\"[^\"]*\"),JSON\.parse\('(.*)'\),(\d+)\);\n", re.DOTALL)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)


def read_script(content: bytes) -> tuple[str, Any]:
    """Return the key and the data of an index file; an error where a browser would have one."""
    matched = _SCRIPT.fullmatch(content.decode())
    assert matched is not None, content[:80]
    key, literal, length = matched.groups()
    assert not re.search("[\n\r\u2028\u2029]", literal), "a line end inside a string literal"
    assert "'" not in _ESCAPE.sub("", literal), "the string literal ends too early"
    text = _ESCAPE.sub(_unescape, literal)
    assert len(text.encode()) == int(length)
    return json.loads(key), json.loads(text)


def _unescape(escape: re.Match[str]) -> str:
    code = escape[1]
    if code.startswith("u") and len(code) > 1:
        return chr(int(code[1:], 16))
    assert code in "\\'", f"JavaScript gives \\{code} another meaning"
    return code


def decode_fronts(coded: list[list[Any]]) -> list[str]:
    """Undo front coding; `shared` counts UTF-16 units, as JavaScript's slice does."""
    words: list[str] = []
    before = b""
    for shared, suffix in coded:
        before = before[: 2 * shared] + suffix.encode("utf-16-le")
        words.append(before.decode("utf-16-le"))
    return words


def unpack_ids(packed: str) -> list[int]:
    """Return the ids that `pack_ids` packed."""
    ids, value, shift, current = [], 0, 0, 0
    for byte in base64.b64decode(packed):
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:  # the continuation bit
            current += value
            ids.append(current)
            value = shift = 0
    return ids


@dataclass(frozen=True)
class Term:
    """A term as its shard has it; a document in `top` may be None (too long for the shard)."""

    df: int
    ids: list[int]
    top: list[list[Any] | None]


class IndexReader:
    """Everything an index folder holds."""

    def __init__(self, folder: Path, directory: str) -> None:
        self._folder = folder
        self.read: set[str] = set()
        self.directory = self._load(directory, "directory")
        self.shards = [
            self._load(f"t/{number}-{digest}.js", f"t{number}")
            for number, digest in enumerate(self.directory["shards"]["hash"])
        ]
        self.documents: list[list[Any]] = []
        for number, digest in enumerate(self.directory["blocks"]):
            block = self._load(f"d/{number}-{digest}.js", f"d{number}")
            assert number * self.directory["block"] == len(self.documents)
            self.documents += block

    def _load(self, path: str, expected_key: str) -> Any:
        self.read.add(path)
        key, data = read_script((self._folder / path).read_bytes())
        assert key == expected_key
        return data

    def terms(self) -> dict[str, Term]:
        """Return every term of every shard, in order."""
        found: dict[str, Term] = {}
        firsts = decode_fronts(self.directory["shards"]["first"])
        for first, shard in zip(firsts, self.shards, strict=True):
            words = decode_fronts(shard["terms"])
            assert words[0] == first
            assert {len(shard[name]) for name in ("df", "ids", "top")} == {len(words)}
            for number, word in enumerate(words):
                assert word not in found
                ids = self._ids(shard, number)
                found[word] = Term(shard["df"][number], ids, shard["top"][number])
        return found

    def _ids(self, shard: Any, number: int) -> list[int]:
        segments = shard["segments"].get(str(number))
        if segments is None:
            return unpack_ids(shard["ids"][number])
        assert shard["ids"][number] == ""
        ids: list[int] = []
        for digest in segments:
            part = unpack_ids(self._load(f"i/{digest}.js", f"i{digest}")["ids"])
            assert len(part) == self.directory["segment"] or digest == segments[-1]
            ids += part
        return ids
