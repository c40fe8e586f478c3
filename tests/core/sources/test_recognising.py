"""A file is what its first bytes say, and only then what it is called."""

import gzip
from pathlib import Path

import pytest

from laion_assets.core.base.errors import BadSourceFile
from laion_assets.core.sources.formats import TSV
from laion_assets.core.sources.recognising import recognise

LINE = b"url,caption\n"
OBJECT = b'{"url": "u"}\n'


@pytest.mark.parametrize(
    ("name", "content", "kind", "compression"),
    [
        ("a.parquet", b"PAR1....", "parquet", ""),
        ("a.csv", b"PAR1....", "parquet", ""),
        ("a", b"PAR1....", "parquet", ""),
        ("a.csv", LINE, "csv", ""),
        ("a.CSV.GZ", gzip.compress(LINE, mtime=0), "csv", "gzip"),
        ("a.csv", gzip.compress(LINE, mtime=0), "csv", "gzip"),
        ("a.tsv", LINE, "tsv", ""),
        ("a.tab", LINE, "tsv", ""),
        ("a.jsonl", OBJECT, "jsonl", ""),
        ("a.ndjson.gz", gzip.compress(OBJECT, mtime=0), "jsonl", "gzip"),
        ("a", OBJECT, "jsonl", ""),
        ("a.csv", OBJECT, "jsonl", ""),
        ("a.tsv", b'[\n {\n  "url": "u"}]', "jsonl", ""),
        ("a.jsonl", LINE, "csv", ""),
        ("a.jsonl", b"damaged\n" + OBJECT, "jsonl", ""),
        ("a.json", LINE.replace(b",", b"\t"), "tsv", ""),
        ("a.tsv000", LINE, "tsv", ""),
        ("a", LINE, "csv", ""),
    ],
)
def test_format_is_told_by_first_bytes_then_by_name(
    tmp_path: Path, name: str, content: bytes, kind: str, compression: str
) -> None:
    """Parquet and compressions by their magic numbers whatever the name; text by its name."""
    (tmp_path / name).write_bytes(content)
    found = recognise(tmp_path / name)
    assert (found.kind, found.compression) == (kind, compression)


def test_dataset_says_how_text_is_split_but_parquet_stays_parquet(tmp_path: Path) -> None:
    """[format] is for text files of any name."""
    (tmp_path / "a.txt").write_bytes(LINE)
    (tmp_path / "b.txt").write_bytes(b"PAR1....")
    assert recognise(tmp_path / "a.txt", TSV) == TSV
    assert recognise(tmp_path / "b.txt", TSV).kind == "parquet"


def test_empty_file_is_no_file_of_rows(tmp_path: Path) -> None:
    """Nothing can be told of no bytes."""
    (tmp_path / "a.csv").touch()
    with pytest.raises(BadSourceFile, match="is empty"):
        recognise(tmp_path / "a.csv")


@pytest.mark.parametrize("name", ["a.csv.gz.gz", "a.parquet.gz", "a"])
def test_what_is_compressed_twice_is_called_that(tmp_path: Path, name: str) -> None:
    """It is no text in some other encoding."""
    (tmp_path / name).write_bytes(gzip.compress(gzip.compress(LINE)))
    with pytest.raises(BadSourceFile, match=r"is compressed twice \(gzip in gzip\); expand it"):
        recognise(tmp_path / name)
