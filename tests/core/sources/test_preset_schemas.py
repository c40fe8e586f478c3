"""One small file per preset, with its exact column names and types, and one per text format.

The same logical rows, dressed up as each dataset publishes them, build to the same tables; a column
that a dataset lacks is unknown in all of its rows, and nothing else differs.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from laion_assets.core.cleaning.counts import CleaningCounts
from laion_assets.core.cleaning.rules import clean_file, image_id
from laion_assets.core.cleaning.thresholds import Thresholds
from laion_assets.core.reading.source_file import describe_source
from laion_assets.core.sources.datasets import Dataset, load_dataset, preset_names

NUMBERS = ("width", "height", "similarity", "punsafe", "pwatermark", "aesthetic")
Row = Mapping[str, Any]


def row(url: str, caption: str | bytes | None, *numbers: float | None) -> Row:
    """Return a logical row; numbers are exact as 32-bit floats, and unknown when left out."""
    text = caption.encode() if isinstance(caption, str) else caption
    filled = dict(zip(NUMBERS, numbers or [None] * 6, strict=True))
    return {"url": url.encode(), "caption": text, **filled}


#: Kept and rejected ones, in all the ways that every format can hold.
ROWS = (
    row(
        "http://i.pinimg.com/originals/2019/05/a.jpg", "A red fox", 640, 480, 0.25, 0.0, 0.125, 6.5
    ),
    row("https://WWW.Example.org/b c.jpg", "Tom &amp; Jerry  poster", 1, 2, 0.5, 0.25, 0.5, 5.25),
    row("http://a.com/c.jpg", "Unsafe, perhaps", 640, 480, 0.25, 0.75, 0.125, 6.5),
    row("http://a.com/d.jpg", "Unsafe", 640, 480, 0.25, 1.0, 0.125, 6.5),
    row("", "No address", 640, 480, 0.25, 0.0, 0.125, 6.5),
    row("http://a.com/e.jpg", None, 640, 480, 0.25, 0.0, 0.125, 6.5),
    row("UNLIKELY", "0.3289", 640, 480, 0.25, 0.0, 0.125, 6.5),
    row("ftp://a.com/f.jpg", "A scheme of its own", 640, 480, 0.25, 0.0, 0.125, 6.5),
    row("http://user@a.com/g.jpg", "A user", 640, 480, 0.25, 0.0, 0.125, 6.5),
    row("http://a.com/h.jpg", "&nbsp;", 640, 480, 0.25, 0.0, 0.125, 6.5),
    row("http://a.com/i.jpg", b"caf\xe9", 640, 480, 0.25, 0.0, 0.125, 6.5),
    row("http://a.com/j.jpg", "x" * 100_001, 640, 480, 0.25, 0.0, 0.125, 6.5),
    row("http://a.com/k.jpg", "Sizes of 0", 0, 0, 6016.0, 7.0, -1.0, 6.5),
    row("http://a.com/l.jpg", 'He said "hi", twice', 640, 480, 0.25, 0.0, 0.125, 6.5),
    row("http://a.com/m.jpg", "Nothing known"),
    row(
        "http://i.pinimg.com/originals/2019/05/a.jpg", "A red fox", 640, 480, 0.25, 0.0, 0.125, 6.5
    ),
)
REASONS = (
    "missing_url", "missing_caption", "shifted_columns", "bad_scheme", "bad_url", "empty_caption",
    "bad_encoding", "oversize_caption",
)  # fmt: skip
KEPT = [0, 1, 2, 3, 12, 13, 14, 15]

S, I32, I64, F32, F64 = pa.string(), pa.int32(), pa.int64(), pa.float32(), pa.float64()
#: What fills the columns that carry nothing: a value of their own per row, or the same in all.
FILLERS: Mapping[str, Callable[[int], Any]] = {
    "face_bboxes": lambda n: [[0.5, 0.25, 0.5, 0.25]] * (n % 3),
    "uid": lambda n: f"{n:032x}",
    "status": lambda n: ("success", "failed_to_download")[n % 2],
}

SIX_PLUS = {
    "URL": S, "TEXT": S, "WIDTH": F64, "HEIGHT": F64, "similarity": F64, "punsafe": F64,
    "pwatermark": F64, "AESTHETIC_SCORE": F64, "hash": I64, "__index_level_0__": I64,
}  # fmt: skip
#: Preset -> its columns and types, as they are published.
SCHEMAS: Mapping[str, Mapping[str, pa.DataType]] = {
    "improved-aesthetics-6plus": SIX_PLUS,
    "laion-aesthetics-12m-umap": SIX_PLUS
    | {f"{axis}_nn{size}": F64 for size in (10, 30, 60) for axis in "xy"},
    "laion2b-en-aesthetic": {
        "URL": S, "TEXT": S, "WIDTH": I32, "HEIGHT": I32, "similarity": F64, "hash": I64,
        "punsafe": F32, "pwatermark": F32, "aesthetic": F32,
    },
    "relaion2b-en-research-safe": {
        "url": S, "caption": S, "similarity": F64, "width": I64, "height": I64, "status": S,
    },
    "relaion-art": {
        "URL": S, "TEXT": S, "WIDTH": I32, "HEIGHT": I32, "similarity": F64, "LANGUAGE": S,
        "hash": I64, "pwatermark": F32, "punsafe": F32, "aesthetic": F32,
    },
    "coyo-700m": {
        "id": I64, "url": S, "text": S, "width": I32, "height": I32, "image_phash": S,
        "text_length": I32, "word_count": I32, "num_tokens_bert": I32, "num_tokens_gpt": I32,
        "num_faces": I32, "clip_similarity_vitb32": F32, "clip_similarity_vitl14": F32,
        "nsfw_score_opennsfw2": F32, "nsfw_score_gantman": F32, "watermark_score": F32,
        "aesthetic_score_laion_v2": F32,
    },
    "datacomp-1b": {
        "uid": S, "url": S, "text": S, "original_width": I64, "original_height": I64,
        "clip_b32_similarity_score": F32, "clip_l14_similarity_score": F32,
        "face_bboxes": pa.list_(pa.list_(F64)), "sha256": S,
    },
    "cc12m": {"url": S, "caption": S},
    "pd12m": {
        "id": S, "url": S, "s3_key": S, "caption": S, "hash": S, "width": I64, "height": I64,
        "mime_type": S, "license": S, "source": S,
    },
    "laion-400m": {
        "SAMPLE_ID": F64, "URL": S, "TEXT": S, "HEIGHT": I32, "WIDTH": I32, "LICENSE": S,
        "NSFW": S, "similarity": F64,
    },
    "img2dataset": {
        "url": S, "caption": S, "key": S, "status": S, "error_message": S, "width": I64,
        "height": I64, "original_width": I64, "original_height": I64, "exif": S, "sha256": S,
    },
}  # fmt: skip
#: Columns whose values are one of ours, under a name or at a place only this dataset gives them.
SOURCES = {
    "url": "url", "text": "caption", "caption": "caption", "width": "width", "height": "height",
    "similarity": "similarity", "punsafe": "punsafe", "pwatermark": "pwatermark",
    "aesthetic": "aesthetic", "aesthetic_score": "aesthetic", "original_width": "width",
    "original_height": "height", "clip_similarity_vitl14": "similarity",
    "clip_l14_similarity_score": "similarity", "nsfw_score_opennsfw2": "punsafe",
    "watermark_score": "pwatermark", "aesthetic_score_laion_v2": "aesthetic",
}  # fmt: skip


def verdict(punsafe: float | None) -> str | None:
    """Return LAION-400M's word for a score."""
    if punsafe is None:
        return None
    return "NSFW" if punsafe == 1 else "UNSURE" if punsafe == 0.75 else "UNLIKELY"


def value(preset: str, name: str, number: int, found: Row) -> Any:
    """Return a logical row's value in one column of a preset."""
    if preset == "img2dataset" and name in ("width", "height"):
        return 256  # of the resized copy
    if name.casefold() in SOURCES:
        return found[SOURCES[name.casefold()]]
    if name == "NSFW":
        return verdict(found["punsafe"])
    if name == "hash":
        return (
            "d41d8cd98f00b204e9800998ecf8427e"
            if preset == "pd12m"
            else image_id(found["url"], found["caption"])
        )
    return FILLERS.get(name, lambda n: n)(number)


def column(kind: pa.DataType, values: list[Any]) -> pa.Array:
    """Return values in a type; texts may be bytes that are not UTF-8."""
    if kind == S:
        texts = [v if v is None or isinstance(v, bytes) else str(v).encode() for v in values]
        return pa.array(texts, pa.binary()).view(S)
    if pa.types.is_integer(kind):
        return pa.array([None if v is None else int(v) for v in values], kind)
    return pa.array(values, kind)


def write_preset(preset: str, folder: Path) -> Path:
    """Write the rows as a preset publishes them."""
    schema = SCHEMAS[preset]
    if preset == "cc12m":
        lines = [b"\t".join(filter(None, [r["url"] or b" ", r["caption"]])) for r in ROWS]
        path = folder / "cc12m.tsv"
        path.write_bytes(b"".join(line.removeprefix(b" ") + b"\n" for line in lines))
        return path
    columns = {
        name: column(kind, [value(preset, name, n, r) for n, r in enumerate(ROWS)])
        for name, kind in schema.items()
    }
    path = folder / "part-00000.parquet"
    pq.write_table(pa.table(columns), path, row_group_size=5)
    return path


def as_text(found: bytes | None) -> str | None:
    """Return bytes as a text that can hold what is not UTF-8."""
    return None if found is None else found.decode("utf-8", "surrogateescape")


HEADER = ("url", *NUMBERS, "caption")


def _cells(found: Row) -> list[str]:
    """Return a row's fields; a caption that is not there is a record that ends before it."""
    numbers = ["" if found[name] is None else repr(found[name]) for name in NUMBERS]
    caption = as_text(found["caption"])
    return [str(as_text(found["url"])), *numbers, *([] if caption is None else [caption])]


def write_csv(delimiter: str = ",") -> bytes:
    """Return the rows as csv with a header."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=delimiter)
    writer.writerows([HEADER, *map(_cells, ROWS)])
    return stream.getvalue().encode("utf-8", "surrogateescape")


def write_tsv() -> bytes:
    """Return the rows as tsv with a header and nothing quoted."""
    text = "\n".join("\t".join(cells) for cells in [list(HEADER), *map(_cells, ROWS)])
    return text.encode("utf-8", "surrogateescape")


def write_jsonl() -> bytes:
    """Return the rows as JSON Lines, numbers as numbers and what is unknown left out."""
    lines = []
    for found in ROWS:
        texts = {name: as_text(found[name]) for name in ("url", "caption")}
        known = {name: found[name] for name in NUMBERS if found[name] is not None}
        lines.append(json.dumps({**texts, **known}, ensure_ascii=False))
    return "\n".join(lines).encode("utf-8", "surrogateescape")


TEXT_FILES: Mapping[str, bytes] = {
    "rows.csv": write_csv(),
    "rows.csv.gz": gzip.compress(write_csv()),
    "rows.tsv": write_tsv(),
    "ROWS.TSV.GZ": gzip.compress(write_tsv()),
    "rows.jsonl": write_jsonl(),
    "rows.ndjson": b"\xef\xbb\xbf" + write_jsonl().replace(b"\n", b"\r\n"),
    "rows.jsonl.gz": gzip.compress(write_jsonl()),
}


def build(
    connection: duckdb.DuckDBPyConnection, source: Path, dataset: Dataset
) -> tuple[pa.Table, pa.Table, CleaningCounts]:
    """Describe and clean a file; return its images, its rejects and what was counted."""
    images, rejects, keys = (source.with_name(f"{n}.parquet") for n in ("images", "rejects", "key"))
    found = describe_source(source, dataset)
    counts = clean_file(
        connection, source, found.layout, Thresholds(), images=images, rejects=rejects, keys=keys
    )
    assert found.rows == counts.read == len(ROWS)
    return pq.read_table(images), pq.read_table(rejects), counts


@pytest.fixture(scope="module")
def reference(engine: duckdb.DuckDBPyConnection, tmp_path_factory: Any) -> Any:
    """The tables of the dataset that has every column."""
    source = write_preset("improved-aesthetics-6plus", tmp_path_factory.mktemp("reference"))
    return build(engine, source, load_dataset("improved-aesthetics-6plus"))


def without(images: pa.Table, carried: set[str], words: bool) -> pa.Table:  # noqa: FBT001
    """Return an images table as it must be where only `carried` numbers are known."""
    for name in set(NUMBERS) - carried:
        place = images.column_names.index(name)
        images = images.set_column(place, images.field(name), pa.nulls(len(images), F64).cast(
            images.field(name).type))  # fmt: skip
    if "punsafe" not in carried:
        shown = {"NSFW": "withheld", "UNSURE": "no_image"} if words else {}
        of_row = [shown.get(str(verdict(ROWS[n]["punsafe"])), "blurred") for n in KEPT]
        place = images.column_names.index("visibility")
        images = images.set_column(place, images.field("visibility"), pa.array(of_row))
    return images


def test_every_preset_has_its_schema_here() -> None:
    """A preset that is added brings the schema it is tested with."""
    assert set(SCHEMAS) == set(preset_names()) - {"sample", "files"}


def test_reference_is_what_the_rows_are(reference: Any) -> None:
    """Kept rows, reasons, repairs, ranges and visibilities, spelled out once."""
    images, rejects, counts = reference
    assert images["row"].to_pylist() == KEPT
    assert rejects["row"].to_pylist() == [4, 5, 6, 7, 8, 9, 10, 11]
    assert tuple(rejects["reason"].to_pylist()) == REASONS
    assert images["caption"].to_pylist()[:2] == ["A red fox", "Tom & Jerry poster"]
    assert images["domain"].to_pylist()[:2] == ["pinimg.com", "example.org"]
    assert images["width"].to_pylist() == [640, 1, 640, 640, None, 640, None, 640]
    assert images["similarity"].to_pylist() == [0.25, 0.5, 0.25, 0.25, None, 0.25, None, 0.25]
    assert images["aesthetic"].to_pylist() == [6.5, 5.25, 6.5, 6.5, 6.5, 6.5, None, 6.5]
    assert images["visibility"].to_pylist() == [
        "shown", "shown", "blurred", "withheld", "blurred", "shown", "blurred", "shown",
    ]  # fmt: skip
    assert counts.hash_differs == 0
    assert not counts.first_damaged


@pytest.mark.parametrize("preset", SCHEMAS)
def test_preset_builds_to_the_same_tables(
    engine: duckdb.DuckDBPyConnection, tmp_path: Path, reference: Any, preset: str
) -> None:
    """Same rows, same tables: only what a dataset does not say is unknown in it."""
    dataset, source = load_dataset(preset), write_preset(preset, tmp_path)
    images, rejects, counts = build(engine, source, dataset)
    mapping = describe_source(source, dataset).layout.columns
    expected = without(reference[0], set(mapping) & set(NUMBERS), words="nsfw" in mapping)
    assert images.equals(expected)
    assert rejects.equals(reference[1])
    assert counts.hash_differs == 0
    carried = {SOURCES.get(theirs.casefold()) for theirs in mapping.values()} - {None}
    available = {SOURCES[n.casefold()] for n in SCHEMAS[preset] if n.casefold() in SOURCES}
    assert carried == available


@pytest.mark.parametrize("name", TEXT_FILES)
def test_text_file_builds_to_the_same_tables(
    engine: duckdb.DuckDBPyConnection, tmp_path: Path, reference: Any, name: str
) -> None:
    """CSV, TSV and JSON Lines, gzipped or not, hold the same rows as parquet."""
    source = tmp_path / name
    source.write_bytes(TEXT_FILES[name])
    images, rejects, counts = build(engine, source, load_dataset("files"))
    assert images.equals(reference[0])
    assert rejects.equals(reference[1])
    assert not counts.first_damaged


@pytest.mark.parametrize(
    ("preset", "columns"),
    [
        ("laion2b-en-aesthetic", {"WIDTH": F64, "HEIGHT": F64}),
        ("laion-400m", {"SAMPLE_ID": I64}),
        ("improved-aesthetics-6plus", {"URL": pa.large_binary(), "TEXT": pa.large_binary()}),
    ],
)
def test_types_that_vary_between_a_dataset_s_files_make_no_difference(
    engine: duckdb.DuckDBPyConnection, tmp_path: Path, preset: str, columns: Mapping[str, Any]
) -> None:
    """The same dataset has integers in one file and floats in the next."""
    source = write_preset(preset, tmp_path)
    before = build(engine, source, load_dataset(preset))
    table = pq.read_table(source)
    for name, kind in columns.items():
        place = table.column_names.index(name)
        bytes_first = pa.binary() if pa.types.is_large_binary(kind) else kind
        stored = table[name].cast(bytes_first).cast(kind)
        table = table.set_column(place, name, stored)
    pq.write_table(table, source)
    after = build(engine, source, load_dataset(preset))
    assert after[0].equals(before[0])
    assert after[1].equals(before[1])
