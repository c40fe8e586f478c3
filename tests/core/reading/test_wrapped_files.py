"""Text and parquet inside compressions: the same rows, the same bounds."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from laion_assets.core.base.errors import UserError
from laion_assets.core.reading import opening, source_file, unwrapping
from laion_assets.core.reading.source_file import describe_source, read_batches
from tests.core.base.test_expanding import FORMS
from tests.core.reading.text_rows import FILES, complaint, read, texts, written

CSV = "url,caption\n" + "".join(f"u{n},caption {n}\n" for n in range(2_000))
LINES = "".join(f'{{"url": "u{n}", "caption": "caption {n}"}}\n' for n in range(2_000))
EXPECTED = [(f"u{n}".encode(), f"caption {n}".encode()) for n in range(2_000)]


@pytest.fixture(autouse=True)
def spill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for temporary files that has to be empty in the end."""
    folder = tmp_path / "spill"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert not list(folder.iterdir())


def parquet(tmp_path: Path, rows: int = 2_000) -> bytes:
    """Return a parquet file of the expected rows."""
    path = tmp_path / "plain.parquet"
    urls, captions = zip(*EXPECTED[:rows], strict=True)
    pq.write_table(pa.table({"url": urls, "caption": captions}), path, row_group_size=500)
    return path.read_bytes()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("content", [CSV, CSV.replace(",", "\t"), LINES])
def test_text_in_any_compression_is_read(tmp_path: Path, form: str, content: str) -> None:
    """Whatever it is called."""
    path = written(
        tmp_path, "x.csv" if content != LINES else "x.jsonl", FORMS[form](content.encode())
    )
    assert texts(read(path)) == EXPECTED


@pytest.mark.parametrize("form", FORMS)
def test_parquet_in_any_compression_is_read(tmp_path: Path, form: str) -> None:
    """The same rows as without, in batches of any size."""
    path = written(tmp_path, "x.parquet", FORMS[form](parquet(tmp_path)))
    assert texts(read(path)) == EXPECTED
    assert texts(read(path, batch_rows=7)) == EXPECTED
    assert describe_source(path, FILES).layout.format.compression == form


def test_copy_is_where_it_is_told_to_be_and_has_no_name(tmp_path: Path, spill: Path) -> None:
    """So it goes with the process, however that ends."""
    path = written(tmp_path, "x.parquet", FORMS["zstd"](parquet(tmp_path)))
    layout = describe_source(path, FILES, spill).layout
    batches = read_batches(path, layout, 100, spill=spill)
    next(batches)
    if Path("/proc/self/fd").is_dir():
        assert not list(spill.iterdir())
        open_files = list(Path("/proc/self/fd").iterdir())
        names = [str(file.readlink()) for file in open_files if file.is_symlink()]
        assert any(name.startswith(f"{spill}/") for name in names)
    batches.close()


def test_copy_with_a_name_is_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system opens none without."""
    monkeypatch.setattr(unwrapping, "_OPEN_FILES", tmp_path / "none")
    path = written(tmp_path, "x.parquet", FORMS["xz"](parquet(tmp_path)))
    assert texts(read(path)) == EXPECTED


@pytest.mark.parametrize("form", FORMS)
def test_damage_inside_or_around_is_one_line(tmp_path: Path, form: str) -> None:
    """Of the compression, or of the parquet in it."""
    content = parquet(tmp_path)
    whole = FORMS[form](content)
    assert f"is cut short or damaged ({form}" in complaint(
        written(tmp_path, "x.parquet", whole[:-9])
    )
    cut = written(tmp_path, "y.parquet", FORMS[form](content[:-9]))
    assert "is cut short or damaged (no parquet footer" in complaint(cut)
    nothing = written(tmp_path, "z.parquet", FORMS[form](b""))
    assert complaint(nothing) == "is empty (0 bytes); download it again"


def test_parquet_that_expands_absurdly_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the disk is full of it."""
    path = written(tmp_path, "x.parquet", FORMS["gzip"](b"PAR1" + b"\0" * 3_000_000 + b"PAR1"))
    monkeypatch.setattr(opening, "_EXPANSION_FLOOR", 1 << 16)
    assert complaint(path) == "expands more than 500-fold and is not read"


def test_parquet_has_no_more_rows_for_being_compressed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row for each byte that lies there."""
    path = written(tmp_path, "x.parquet", FORMS["xz"](parquet(tmp_path)))
    monkeypatch.setattr(source_file, "most_rows", lambda size: size // 100)
    assert complaint(path).startswith("says it has 2,000 rows in ")


def test_full_disk_is_said_to_be_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no fault of the file."""
    path = written(tmp_path, "x.parquet", FORMS["xz"](parquet(tmp_path)))

    def full(*_: object, **__: object) -> object:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    with pytest.raises(UserError, match="the disk is full"):
        describe_source(path, FILES)
