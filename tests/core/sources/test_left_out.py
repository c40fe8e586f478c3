"""Nothing in a folder is left out in silence: each file is read, or named for what it is."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import feather, orc

from laion_assets.core.sources.left_out import LeftOut
from tests.core.sources.looking import find, looked_at

CSV = b"url,caption\nhttps://a.example/1.jpg,A red lighthouse\n"
TSV = CSV.replace(b",", b"\t")
ROW = {"url": "https://a.example/1.jpg", "caption": "A red lighthouse"}
LINE = json.dumps(ROW).encode() + b"\n"
TABLE = pa.table({"url": ["u"], "caption": ["c"]})


def parquet() -> bytes:
    """Return a file of one row."""
    sink = io.BytesIO()
    pq.write_table(TABLE, sink)
    return sink.getvalue()


def zstd(content: bytes) -> bytes:
    """Return what zstd makes of some bytes."""
    return pa.Codec("zstd").compress(content, asbytes=True)


def zipped(**members: bytes) -> bytes:
    """Return a zip archive of files."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return sink.getvalue()


def look(tmp_path: Path, name: str, content: bytes) -> tuple[list[str], dict[str, str]]:
    """Look at a folder of one parquet file and one other."""
    (tmp_path / "ok.parquet").write_bytes(parquet())
    (tmp_path / name).write_bytes(content)
    return looked_at(tmp_path)


# -- what is read ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["b.pq", "b.parq", "b.geoparquet", "b.parquet.snappy", "b.parquet.1", "b", "b.bin", "b.csv",
     "b.parquet.gzip", "9f2c"],
)  # fmt: skip
def test_parquet_is_read_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    """Its first four bytes say so."""
    assert look(tmp_path, name, parquet() + b"PAR1") == (sorted([name, "ok.parquet"]), {})


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress, zstd])
@pytest.mark.parametrize(
    ("name", "content"),
    [("b.csv.x", CSV), ("b.jsonl", LINE), ("b", TSV), ("b.parquet.x", parquet()), ("b", parquet())],
)
def test_what_is_compressed_is_looked_into(
    tmp_path: Path, name: str, content: bytes, compress: Callable[[bytes], bytes]
) -> None:
    """Whatever its ending says."""
    assert look(tmp_path, name, compress(content)) == ([name, "ok.parquet"], {})


def test_a_zip_of_one_file_is_that_file(tmp_path: Path) -> None:
    """What macOS puts beside it does not count."""
    members = {"rows.csv": CSV, "__MACOSX/._rows.csv": b"\0", ".DS_Store": b"\0"}
    assert look(tmp_path, "b.zip", zipped(**members)) == (["b.zip", "ok.parquet"], {})


@pytest.mark.parametrize("name", ["b.txt", "b", "b.dat", "b.tsv000", "b.part-0", "b.csv.part1"])
@pytest.mark.parametrize(
    "content",
    [
        CSV,
        TSV,
        CSV.replace(b",", b";"),
        CSV.replace(b",", b" | "),
        b"\xef\xbb\xbf" + CSV,
        CSV.decode().encode("utf-16"),
        CSV.decode().encode("utf-16-le"),
        b'\n# a comment\n"URL" , "Caption"\n',
        b"sep=;\nkey;TEXT;Url\n",
        b'"sep=;"\nkey;TEXT;Url\n',
        b"#url,caption\nu,c\n",
        b"# exported\n# url\tcaption\nu\tc\n",
        b'"# exported, today"\nurl,caption\n',
        b"id|a,b,c,d|url|caption\n",
        b"'url' ; 'caption, or none, or none'; text\n",
        LINE,
        b"[" + LINE + b"]",
        json.dumps([ROW, ROW], indent=2).encode(),
        json.dumps({name: [value] for name, value in ROW.items()}).encode(),
    ],
)
def test_text_that_names_its_columns_is_read_whatever_it_is_called(
    tmp_path: Path, name: str, content: bytes
) -> None:
    """An address column and a caption column in the first line, or the first object."""
    assert look(tmp_path, name, content) == (sorted([name, "ok.parquet"]), {})


def test_json_is_looked_into(tmp_path: Path) -> None:
    """However it is laid out; a first object longer than what is looked at too."""
    long = {"note": "x" * 1_000, **ROW, "more": ["y" * 1_000] * 100}
    assert look(tmp_path, "d.json", LINE)[0] == ["d.json", "ok.parquet"]
    assert look(tmp_path, "d.json", json.dumps(long).encode())[0] == ["d.json", "ok.parquet"]


def rows(count: int) -> list[dict[str, str]]:
    """Return rows that come to more than is looked at of a file."""
    return [{"url": f"https://a.example/{n:09d}.jpg", "caption": "x" * 50} for n in range(count)]


@pytest.mark.parametrize("count", [2, 2_000])
@pytest.mark.parametrize(
    "shape",
    [
        lambda rows: {name: [row[name] for row in rows] for name in ("url", "caption")},
        lambda rows: {name: [row[name] for row in rows] for name in ("caption", "url")},
        lambda rows: {
            name: {str(n): row[name] for n, row in enumerate(rows)} for name in ("url", "caption")
        },
        lambda rows: {str(n): row for n, row in enumerate(rows)},
        lambda rows: {"schema": {"fields": [{"name": "url"}]}, "data": rows},
        lambda rows: [{"url": "https://a.example/"}, *rows],
        lambda rows: [{" URL ": row["url"], "Caption": row["caption"]} for row in rows],
    ],
)
def test_json_of_any_shape_that_is_read_is_read_in_a_folder_too(
    tmp_path: Path, shape: Callable[[object], object], count: int
) -> None:
    """Columns longer than what is looked at, rows within an object, names that come later."""
    content = json.dumps(shape(rows(count))).encode()
    assert look(tmp_path, "d.json", content) == (["d.json", "ok.parquet"], {})


@pytest.mark.parametrize(
    "content",
    [
        {"features": {"url": {"dtype": "string"}, "caption": {"dtype": "string"}}},
        {"images": [{"url": "https://a.example/1.jpg"}], "annotations": [{"caption": "x"}]},
        {"a": {"url": "https://a.example/1.jpg"}, "b": {"caption": "x"}},
        {"rows": [{"row": {"url": "https://a.example/1.jpg", "caption": "x"}}]},
    ],
)
def test_names_of_columns_that_are_not_of_one_row_make_no_source(
    tmp_path: Path, content: object
) -> None:
    """A description of columns, or lists of different things."""
    found, named = look(tmp_path, "d.json", json.dumps(content).encode())
    assert (found, list(named)) == (["ok.parquet"], ["d.json"])


# -- what is an error ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["b.parquet", "b.csv", "b.tsv.gz", "b.JSONL", "b.pq", "b.csv.001", "b.tsv000"]
)
@pytest.mark.parametrize(
    "content", [b"", b"nothing", b"\x89PNG\r\n\x1a\n", b"<!doctype html><p>gone", b"\0\1\2"]
)
def test_a_file_whose_name_promises_rows_is_a_source(
    tmp_path: Path, name: str, content: bytes
) -> None:
    """Whatever is in it: that it cannot be read is an error, told when it is read."""
    assert look(tmp_path, name, content) == (sorted([name, "ok.parquet"]), {})


# -- what is named ---------------------------------------------------------------------------------


def tar() -> bytes:
    """Return an archive as a webdataset is made of."""
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("0.jpg"))
    return sink.getvalue()


def arrow(kind: str) -> bytes:
    """Return a table in a format of Arrow's."""
    sink = io.BytesIO()
    if kind == "feather":
        feather.write_feather(TABLE, sink)
    elif kind == "orc":
        orc.write_table(TABLE, sink)
    else:
        with pa.ipc.new_stream(sink, TABLE.schema) as writer:
            writer.write_table(TABLE)
    return sink.getvalue()


def array() -> bytes:
    """Return an array of numbers as NumPy saves it."""
    sink = io.BytesIO()
    np.save(sink, np.arange(3))
    return sink.getvalue()


INFOS = {"default": {"features": {"url": {"dtype": "string"}, "caption": {"dtype": "string"}}}}


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("rows.arrow", arrow("feather"), "is an Arrow file (Feather); save it as parquet"),
        ("rows", arrow("stream"), "is an Arrow file (a stream); save it as parquet"),
        ("rows.orc", arrow("orc"), "is an ORC file"),
        ("rows.avro", b"Obj\x01\x04", "is an Avro file"),
        ("0.tar", tar(), "is an archive (tar, as of a webdataset); unpack it"),
        ("0.tar.gz", gzip.compress(tar(), mtime=0), "is an archive (tar, as of a webdataset)"),
        ("a.zip", zipped(a=CSV, b=CSV), "is an archive (zip, of 2 files)"),
        ("a.zip", zipped(), "is an archive (zip) without a file"),
        ("a.xlsx", zipped(**{"[Content_Types].xml": b"", "xl/a": b""}), "is an Excel workbook"),
        ("a.ods", zipped(mimetype=b"", b=b""), "is an office document"),
        ("a.npz", zipped(**{"a.npy": array(), "b.npy": array()}), "is a NumPy archive"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is an Excel workbook (of the old kind)"),
        ("a.db", b"SQLite format 3\0", "is a SQLite database"),
        ("a.npy", array(), "is a NumPy array"),
        ("1.jpg", b"\xff\xd8\xff\xe0", "is a picture (JPEG)"),
        ("1.txt", b"\x89PNG\r\n\x1a\n", "is a picture (PNG)"),
        ("1.webp", b"RIFF\x10\0\0\0WEBPVP8 ", "is a picture (WebP)"),
        ("rows", b"\n <!DOCTYPE html>\n<html>", "is a web page (HTML)"),
        ("rows", b"<Error><Code>AccessDenied</Code></Error>", "is an XML document"),
        ("lfs", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "is a Git LFS p"),
        ("link", b"../../blobs/9f2c", "is the path of another file"),
        ("empty", b"", "is empty (0 bytes)"),
        ("a.bin", bytes(range(256)), "is no text and no format that is read"),
        ("notes.txt", b"Nothing to see, here\n", "is text without url and text in its first line"),
        ("half.txt", b"url,width\nu,1\n", "is text without url and"),
        ("dataset_infos.json", json.dumps(INFOS, indent=1).encode(), "is JSON without url and"),
        ("0_stats.json", b'{"count": 5, "status_dict": {"success": 5}}', "is JSON without url"),
        ("list.json", b"[[1, 2], 3]", "is JSON without url"),
        ("a.csv.part", CSV, "is an unfinished download"),
        ("a.parquet.crdownload", parquet(), "is an unfinished download"),
        ("a.parquet.incomplete", parquet(), "is an unfinished download"),
        ("a.csv~", CSV, "is a backup copy"),
        ("a.gz", gzip.compress(gzip.compress(CSV)), "is compressed twice (gzip in gzip); expand"),
        ("a", bz2.compress(lzma.compress(LINE)), "is compressed twice (xz in bz2); expand it"),
        ("a.zip", zipped(a=zipped(b=CSV)), "is compressed twice (zip in zip); unpack it"),
        ("a.zip", zipped(a=gzip.compress(CSV)), "is compressed twice (gzip in zip); unpack it"),
        ("cut.gz", gzip.compress(b"")[:12], "is cut short or damaged (gzip)"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-",
)  # fmt: skip
def test_any_other_file_is_named_for_what_it_is(
    tmp_path: Path, name: str, content: bytes, expected: str
) -> None:
    """One line each, with what to do where something can be done."""
    files, left_out = look(tmp_path, name, content)
    assert files == ["ok.parquet"]
    assert list(left_out) == [name]
    assert left_out[name].startswith(expected)


def test_hidden_files_and_checksums_are_counted(tmp_path: Path) -> None:
    """Marks of Spark and of systems, checksums, locks: one number, whatever folders hold."""
    names = [".a.parquet.crc", "_SUCCESS", "_metadata", ".DS_Store", "a.csv.md5", "SHA256SUMS",
             "a.csv.sha256", ".git/x.parquet", "_temporary/x.parquet", "x.lock",
             "Thumbs.db"]  # fmt: skip
    for name in ["a.parquet", *names]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(parquet())
    left_out = LeftOut()
    assert [file.relative for file in find([tmp_path], left_out)] == ["a.parquet"]
    assert left_out == LeftOut({}, len(names))


def test_a_file_that_may_not_be_opened_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One whose name promises rows is an error instead."""
    opened = Path.open

    def refuse(path: Path, *args: object, **options: object) -> object:
        if path.stem == "closed":
            raise PermissionError(13, "Permission denied")
        return opened(path, *args, **options)  # type: ignore[call-overload]

    for name in ("closed.txt", "closed.csv", "a.csv"):
        (tmp_path / name).write_bytes(CSV + name.encode())
    monkeypatch.setattr(Path, "open", refuse)
    assert looked_at(tmp_path) == (
        ["a.csv", "closed.csv"],
        {"closed.txt": "cannot be read: Permission denied"},
    )


def test_a_file_that_vanishes_meanwhile_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was in the folder's listing and is not there any more."""
    scan = os.scandir
    (tmp_path / "a.csv").write_bytes(CSV)
    (tmp_path / "gone.txt").write_bytes(CSV)

    def scandir(path: Path) -> object:
        found = scan(path)
        (tmp_path / "gone.txt").unlink(missing_ok=True)
        return found

    monkeypatch.setattr(os, "scandir", scandir)
    files, _ = looked_at(tmp_path)
    assert files == ["a.csv"]


def test_reasons_are_gathered_by_kind() -> None:
    """What differs in detail alone is one kind, so that very many are a few lines."""
    left_out = LeftOut()
    for number in range(3):
        left_out.add(f"/{number}.jpg", f"is a picture ({number})")
        left_out.add(f"/{number}.csv", f"is the same as /x/{number}.csv; it is read once")
    kinds = left_out.by_kind()
    assert list(kinds) == ["is a picture", "is the same as another"]
    assert [path for path, _ in kinds["is a picture"]] == ["/0.jpg", "/1.jpg", "/2.jpg"]


@pytest.mark.parametrize("content", [b'"\\"' * 30_000, b"{" * 60_000, b'{"a":' * 12_000])
def test_a_beginning_made_to_take_long_does_not(tmp_path: Path, content: bytes) -> None:
    """Each of its bytes is looked at once."""
    assert look(tmp_path, "x.json", content)[0] == ["ok.parquet"]
