"""Builds from text files, and from a dataset of one's own, through the real command."""

from __future__ import annotations

import gzip
import json

from tests.building import Builder, rows


def test_text_files_are_built_beside_parquet(builder: Builder) -> None:
    """CSV, gzipped JSON Lines and parquet are one dataset; a damaged line is one reject."""
    lines = [json.dumps(row) for row in rows(1_000, 40)]
    packed = gzip.compress("\n".join([*lines, "{damaged"]).encode())
    (builder.source / "more.jsonl.gz").write_bytes(packed)
    (builder.source / "few.csv").write_text(
        'url,caption,punsafe\nhttps://a.example/1.jpg,"Batman, the ""poster""",0.1\n'
        "https://a.example/2.jpg,Batman again,NSFW\n"
    )
    result = builder.build("--source", str(builder.source))
    assert "Rows: 163 read, 162 kept, 1 rejected (damaged_line 1)." in result.output
    again = builder.build().output
    assert "Nothing to do" in again
    for output in (result.output, again):
        assert "more.jsonl.gz: 1 line could not be split (line 41)" in output
    quality = (builder.root / "site" / "quality.html").read_text(encoding="utf-8")
    assert "Lines that could not be split" in quality


def test_own_description_says_how_files_are_read(builder: Builder) -> None:
    """Columns and format of a TOML file; when it changes, the files are read again."""
    source = builder.source / "rows.txt"
    source.write_text("Batman poster;https://a.example/1.jpg\nJoker;https://a.example/2.jpg\n")
    description = builder.source / "mine.toml"
    text = '[columns]\nurl = "link"\ncaption = "words"\n[format]\nkind = "csv"\nheader = false\n'
    description.write_text(text + 'delimiter = ";"\ncolumns = ["words", "link"]\n')
    result = builder.build("--dataset", str(description), "--source", str(source))
    assert "Rows: 2 read, 2 kept" in result.output
    description.write_text(text + 'delimiter = ";"\ncolumns = ["link", "words"]\n')
    result = builder.run("build")
    assert result.exit_code == 1
    assert "rows.txt: 0 of 2 rows kept: in 2 rows column link holds no address" in result.output
