"""The files a browser loads: callback scripts holding JSON, content hashes in their names.

Lives here: the container, how postings are packed, how terms are cut
into shards. Not here: where postings come from (`merge`), how the client reads them
(`site_templates/static/search-files.js`).
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from laion_assets.core.base.compiled import compiled
from laion_assets.core.index.segment import TOP_DOCUMENTS

FORMAT_VERSION = 1
INLINE_IDS = 16_384  # postings given inside the term's shard; beyond, in segments of their own
SEGMENT_IDS = 65_536  # ids per such segment
TOP_BYTES = 4_096  # a document longer than this is looked up in its block instead
_HASH_DIGITS = 12

_Ids = npt.NDArray[np.uint32]


def script(key: str, content: str) -> bytes:
    """Return a classic script that hands parsed JSON to the client.

    The JSON travels as a string in single quotes: an object literal of this size would take the
    browser far longer to parse. The third argument is its length in bytes.
    """
    data = content.encode()
    # Replaced as bytes, which takes a fraction of the time: one odd character makes a text wide.
    literal = data.replace(b"\\", b"\\\\").replace(b"'", b"\\'")
    for separator in ("\u2028", "\u2029"):
        literal = literal.replace(separator.encode(), f"\\u{ord(separator):x}".encode())
    head, tail = f"LaionIndex({json.dumps(key)},JSON.parse('", f"'),{len(data)});\n"
    return b"".join((head.encode(), literal, tail.encode()))


def to_json(value: Any) -> str:
    """Return compact JSON, non-ASCII characters as themselves."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class IndexFolder:
    """Writes index files below one folder and remembers the digest and size of each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.files: dict[str, tuple[str, int]] = {}

    def write(self, kind: str, key: str, name: str, content: str) -> str:
        """Write `<kind>/<name><hash>.js` (kind may be empty) and return the hash in its name."""
        data = script(key, content)
        digest = hashlib.sha256(data).hexdigest()
        return self._store(kind, name, data, digest)

    def write_ids(self, ids: _Ids) -> str:
        """Write a segment of ids, keyed and named by its content; return its hash."""
        content = to_json({"ids": pack_ids(ids)})
        key = hashlib.sha256(content.encode()).hexdigest()[:_HASH_DIGITS]
        data = script(f"i{key}", content)
        path = f"i/{key}.js"
        if path not in self.files:
            self._put(path, data, hashlib.sha256(data).hexdigest())
        return key

    def _store(self, kind: str, name: str, data: bytes, digest: str) -> str:
        path = f"{kind}/{name}-{digest[:_HASH_DIGITS]}.js".removeprefix("/")
        self._put(path, data, digest)
        return digest[:_HASH_DIGITS]

    def _put(self, path: str, data: bytes, digest: str) -> None:
        target = self._folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        self.files[path] = (digest, len(data))


def pack_ids(ids: _Ids) -> str:
    """Return ascending ids as base64 of LEB128 varints of their gaps (the first from 0)."""
    return base64.b64encode(_varints(ids).tobytes()).decode("ascii")


@compiled
def _varints(ids: _Ids) -> npt.NDArray[np.uint8]:
    """Return the gaps between ascending ids as LEB128 varints, the first from 0."""
    packed = np.empty(len(ids) * 5, np.uint8)
    end = 0
    before = np.int64(0)
    for number in ids:
        rest = np.int64(number) - before
        before = np.int64(number)
        while rest >= 0x80:  # noqa: PLR2004 - seven bits a byte
            packed[end] = (rest & 0x7F) | 0x80
            rest >>= 7
            end += 1
        packed[end] = rest
        end += 1
    return packed[:end]


def front_code(words: Iterable[str]) -> list[list[Any]]:
    """Return [shared, suffix] pairs: `shared` UTF-16 code units are those of the word before."""
    coded, before, shared = [], "", 0
    for word in words:
        most = min(len(word), len(before))
        # Neighbours in order share about as much as those before them did: begin there.
        shared = min(shared, most) if before.startswith(word[:shared]) else 0
        while shared < most and word[shared] == before[shared]:
            shared += 1
        head = word[:shared]
        units = shared if head.isascii() else len(head.encode("utf-16-le")) // 2
        coded.append([units, word[shared:]])
        before = word
    return coded


@dataclass
class TermShards:
    """Cuts the sorted stream of terms into shards of about `target` bytes and writes them.

    At most `most_shards` of them: `target` is an estimate, so it doubles whenever half of those
    that are left are written, and the last one takes all the rest. Likewise at most `most_segments`
    files hold ids of common terms; when they are used up, ids stay in the term's shard.
    """

    folder: IndexFolder
    document: Callable[[int], bytes]
    target: int
    most_shards: int = sys.maxsize
    most_segments: int = sys.maxsize
    scale: int = 1  # of what is common, and of a segment
    first: list[str] = field(default_factory=list)
    hashes: list[str] = field(default_factory=list)
    terms: int = 0
    _words: list[str] = field(default_factory=list)
    _frequencies: list[int] = field(default_factory=list)
    _ids: list[str] = field(default_factory=list)
    _tops: list[str] = field(default_factory=list)
    _segments: dict[str, list[str]] = field(default_factory=dict)
    _size: int = 0

    def __post_init__(self) -> None:
        """Begin with half of the shards."""
        self._half = self.most_shards // 2

    def add(self, term: str, ids: _Ids) -> None:
        """Add a term, greater than every one before, with its ascending document numbers."""
        size = self.segment_ids
        needed = -(-len(ids) // size) if len(ids) > INLINE_IDS * self.scale else 0
        if 0 < needed <= self.most_segments:
            self.most_segments -= needed
            parts = [ids[i : i + size] for i in range(0, len(ids), size)]
            self._segments[str(len(self._words))] = [self.folder.write_ids(part) for part in parts]
            packed = ""
        else:
            packed = pack_ids(ids)
        top = self._top(term, ids)
        self._words.append(term)
        self._frequencies.append(len(ids))
        self._ids.append(packed)
        self._tops.append(top)
        self._size += len(term) + len(packed) + len(top) + 24
        self.terms += 1
        left = self.most_shards - len(self.hashes)
        if self._size >= self.target and left > 1:
            self.flush()
            if left - 1 <= self._half:
                self.target, self._half = self.target * 2, self._half // 2

    @property
    def segment_ids(self) -> int:
        """Ids in every segment of a term but its last."""
        return SEGMENT_IDS * self.scale

    def _top(self, term: str, ids: _Ids) -> str:
        """Return the first documents in full, as JSON; none for URLs, which are looked up alone."""
        if term.startswith(":url:"):
            return "[]"
        documents = (self.document(number) for number in ids[:TOP_DOCUMENTS].tolist())
        return f"[{','.join(d.decode() if len(d) <= TOP_BYTES else 'null' for d in documents)}]"

    def flush(self) -> None:
        """Write the shard being filled, if it holds a term."""
        if not self._words:
            return
        number = len(self.hashes)
        content = (
            f'{{"terms":{to_json(front_code(self._words))},"df":{to_json(self._frequencies)},'
            f'"ids":{to_json(self._ids)},"segments":{to_json(self._segments)},'
            f'"top":[{",".join(self._tops)}]}}'
        )
        self.first.append(self._words[0])
        self.hashes.append(self.folder.write("t", f"t{number}", str(number), content))
        self._words, self._frequencies, self._ids, self._tops = [], [], [], []
        self._segments, self._size = {}, 0


def directory(
    shards: TermShards,
    documents: int,
    block: int,
    blocks: Sequence[str],
    visibilities: Sequence[str],
    fields: Sequence[str],
) -> str:
    """Return the directory as JSON: how to find the shard of a term and the block of a document."""
    return to_json(
        {
            "version": FORMAT_VERSION,
            "documents": documents,
            "terms": shards.terms,
            "block": block,
            "blocks": blocks,
            "segment": shards.segment_ids,
            "shards": {"first": front_code(shards.first), "hash": shards.hashes},
            "visibilities": visibilities,
            "fields": fields,
            "columns": [
                "id", "url", "caption", "width", "height", "aesthetic", "punsafe", "domain",
                "visibility",
            ],
        }
    )  # fmt: skip
