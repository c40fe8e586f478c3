"""Derives `laion_assets/core/names/ordinary_words.txt`: which words of captions a dictionary has.

    pip install english-words==2.0.2
    python -m bench.derive_ordinary_words CAPTIONS.parquet NAMES.csv ...

A word is ordinary when Webster's dictionary of 1934 (public domain, the list `web2` of BSD) has it
in small letters and not as a proper name as well. Kept are those that stand in the captions and
lists of names given, in the embedded sample's captions, or in a name of our lists: a name of words
that no caption has cannot be in captions by accident. Lives here: the derivation. Not here: what it
is for (`names.list_remarks`).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq

from laion_assets.core.base.files import write_bytes
from laion_assets.core.names.list_files import ListFiles
from laion_assets.core.names.lists import fold_name, load_entities, load_platforms
from laion_assets.core.names.registry import LISTS
from laion_assets.sample import write_sample_file

TARGET = Path("laion_assets/core/names/ordinary_words.txt")
_CAPTION = ("TEXT", "caption", "text")


def _texts(path: Path) -> Iterator[str]:
    if path.suffix != ".parquet":
        yield from path.read_text("utf-8", errors="replace").splitlines()
        return
    table = pq.read_table(path)
    (column,) = [name for name in table.column_names if name in _CAPTION]
    for caption in table.column(column).cast(pa.binary()).to_pylist():
        yield (caption or b"").decode(errors="replace")


def _seen(paths: list[Path]) -> set[str]:
    words: set[str] = set()
    for path in paths:
        for text in _texts(path):
            words.update(fold_name(text).split())
    files = ListFiles()
    for name in LISTS:
        for entity in load_entities(name, files):
            words.update(word for phrase in entity.phrases for word in fold_name(phrase).split())
    for platform in load_platforms(files):
        words.update(fold_name(platform.platform).split())
    return words


def main() -> None:
    """Derive the words and write them, sorted, one a line."""
    dictionary: set[str] = import_module("english_words").get_english_words_set(["web2"])
    proper = {word.lower() for word in dictionary if word != word.lower()}
    ordinary = {word for word in dictionary if word == word.lower()} - proper
    with TemporaryDirectory() as folder:
        sample = Path(folder) / "sample.parquet"
        write_sample_file(sample, number=0)
        found = sorted(_seen([sample, *map(Path, sys.argv[1:])]) & ordinary)
    write_bytes(TARGET, "".join(f"{word}\n" for word in found).encode())
    print(f"{len(found):,} words, {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
