"""Shards: packed ids, front-coded terms and script files come back as they went in."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from laion_assets.core.index import shards
from laion_assets.core.index.shards import (
    IndexFolder,
    TermShards,
    directory,
    front_code,
    pack_ids,
    script,
)
from tests.index_reader import IndexReader, decode_fronts, read_script, unpack_ids


def ids(*numbers: int) -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
    """Return ids as the merge hands them over."""
    return np.array(numbers, np.uint32)


# -- ids -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "numbers",
    [
        [],
        [0],
        [127],
        [128],
        [0, 1, 2, 3],
        [5, 132, 133, 16_516, 2_113_668],
        [0, 2**32 - 1],
        [2**31 - 1, 2**31, 2**32 - 1],
        list(range(0, 100_000, 7)),
    ],
)
def test_ids_come_back_as_they_were_packed(numbers: list[int]) -> None:
    """Gaps of one to five bytes, none at all, and the largest number there is."""
    assert unpack_ids(pack_ids(ids(*numbers))) == numbers


def test_packed_ids_are_the_documented_bytes() -> None:
    """LEB128 varints of the gaps, the first from 0, in base64 with padding."""
    assert base64.b64decode(pack_ids(ids(3, 4, 304))) == bytes([3, 1, 0xAC, 0x02])
    assert pack_ids(ids(0)) == "AA=="
    assert pack_ids(ids()) == ""


# -- terms -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["a"],
        ["a", "ab", "abc", "abd", "b"],
        [":domain:a.com", ":domain:a.de", ":url:00", "0", "é", "éa"],
        ["a\U0001f600", "a\U0001f601", "a\U0001f601b"],
        ["\ud7ff", "\ue000", "\U00010000", "\U0010ffff"],
        ["漢", "漢字"],
    ],
)
def test_front_coded_terms_come_back(words: list[str]) -> None:
    """Also where two terms share half of a surrogate pair: it is never split."""
    coded = front_code(words)
    assert decode_fronts(coded) == words
    json.dumps(coded).encode()
    for _, suffix in coded:
        suffix.encode()


def test_front_coding_counts_utf16_units() -> None:
    """JavaScript slices strings by UTF-16 units, so an astral character counts two."""
    assert front_code(["\U0001f600a", "\U0001f600b"]) == [[0, "\U0001f600a"], [2, "b"]]


# -- script files ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        {"a": [1, None, "x"]},
        'it\'s \\ a "test"',
        "\\'",
        "</script><script>alert(1)</script>",
        "\u2028 \u2029 \x85",
        "\n\r\t\x00\x1f\x7f",
        "${x} `y` \\u2028",
        "漢字 😀 \ufeff \ud7ff",
    ],
)
def test_script_parses_back(value: object) -> None:
    """Whatever the text, the file is one call with one string that holds the JSON."""
    content = shards.to_json(value)
    assert read_script(script("t0", content)) == ("t0", value)


def test_script_is_pure_utf8_on_one_line() -> None:
    """The third argument is the length of the JSON in bytes."""
    assert script("d1", '["é\'"]') == 'LaionIndex("d1",JSON.parse(\'["é\\\'"]\'),7);\n'.encode()


# -- folders ---------------------------------------------------------------------------------------


def write_index(folder: Path, target: int = 300) -> tuple[IndexFolder, TermShards, IndexReader]:
    """Write an index of 40 terms over 100 documents in small shards."""
    output = IndexFolder(folder)
    found = TermShards(output, lambda number: json.dumps([str(number), "é'"]).encode(), target)
    for number in range(40):
        word = f":url:{number:03}" if number < 5 else f"term {number:03}"
        found.add(word, ids(*range(number, 100, number + 1)))
    found.flush()
    blocks = [output.write("d", "d0", "0", "[]")]
    content = directory(found, 100, 256, blocks, ("shown",), ("url",))
    digest = output.write("", "directory", "directory", content)
    return output, found, IndexReader(folder, f"directory-{digest}.js")


def test_shards_read_back_and_are_bounded(tmp_path: Path) -> None:
    """Terms in order with their counts, ids and first documents; shards about as large as asked."""
    output, written, reader = write_index(tmp_path)
    terms = reader.terms()
    assert list(terms) == sorted(terms)
    assert len(terms) == written.terms == reader.directory["terms"] == 40
    assert len(reader.shards) > 3
    for number, (word, term) in enumerate(terms.items()):
        expected = list(range(number, 100, number + 1))
        assert (term.df, term.ids) == (len(expected), expected)
        top = [] if word.startswith(":url:") else [[str(n), "é'"] for n in expected[:24]]
        assert term.top == top
    assert reader.read == set(output.files)


def test_content_is_in_the_name(tmp_path: Path) -> None:
    """Names carry a hash of the content and the folder's record has digest and size of each."""
    output, _, _ = write_index(tmp_path)
    for path, (digest, size) in output.files.items():
        content = (tmp_path / path).read_bytes()
        assert len(content) == size
        assert hashlib.sha256(content).hexdigest() == digest
        if not path.startswith("i/"):
            assert path.endswith(f"-{digest[:12]}.js")


def test_the_same_terms_make_the_same_files(tmp_path: Path) -> None:
    """Names and bytes do not differ from run to run."""
    first, _, _ = write_index(tmp_path / "a")
    second, _, _ = write_index(tmp_path / "b")
    assert first.files == second.files


def test_common_terms_have_their_ids_in_segments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the limit ids are in files of their own, each starting again from 0."""
    monkeypatch.setattr(shards, "INLINE_IDS", 20)
    monkeypatch.setattr(shards, "SEGMENT_IDS", 30)
    output, _, reader = write_index(tmp_path)
    terms = reader.terms()
    for number, term in enumerate(terms.values()):
        assert term.ids == list(range(number, 100, number + 1))
    assert sum(path.startswith("i/") for path in output.files) == 4 + 2 + 2 + 1
    assert reader.read == set(output.files)


def test_long_documents_are_left_to_their_block(tmp_path: Path) -> None:
    """A document beyond 4 KiB is null in a shard."""
    output = IndexFolder(tmp_path)
    sizes = [4_096, 4_097]
    found = TermShards(output, lambda n: b'"' + b"x" * (sizes[n] - 2) + b'"', 10**6)
    found.add("a", ids(0, 1))
    found.flush()
    (path,) = output.files
    _, shard = read_script((tmp_path / path).read_bytes())
    assert shard["top"] == [["x" * 4_094, None]]


def test_top_is_one_page(tmp_path: Path) -> None:
    """At most 24 documents stand in full beside a term."""
    found = TermShards(IndexFolder(tmp_path), lambda n: str(n).encode(), 10**6)
    found.add("a", ids(*range(30)))
    found.flush()
    _, shard = read_script(next(tmp_path.glob("t/*.js")).read_bytes())
    assert shard["top"] == [list(range(24))]


def test_flushing_nothing_writes_nothing(tmp_path: Path) -> None:
    """An index without terms has no shards."""
    output = IndexFolder(tmp_path)
    TermShards(output, lambda _: b"", 10).flush()
    assert output.files == {}
