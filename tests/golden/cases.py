"""The golden cases: what each is built from, as rows to read.

`tests/golden/<case>/in/` holds what a user would have: `rows/*.parquet`, written from here by
`write_rows` and committed; `dataset.toml` and `lists/*.csv`, which are text and written by hand.
`out/` beside it is the site that the command makes of them; `test_golden.py` compares and
refreshes both. Not here: any expectation.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests import hostile
from tests.repository import GOLDEN

Row = Mapping[str, Any]

#: The columns of LAION-Aesthetics, and those of a file by somebody who knows less.
FULL = pa.schema(
    [
        ("URL", pa.string()),
        ("TEXT", pa.string()),
        ("WIDTH", pa.int32()),
        ("HEIGHT", pa.int32()),
        ("similarity", pa.float64()),
        ("punsafe", pa.float32()),
        ("pwatermark", pa.float32()),
        ("AESTHETIC_SCORE", pa.float32()),
    ]
)
SPARE = pa.schema([("url", pa.string()), ("caption", pa.string()), ("punsafe", pa.float64())])


@dataclass(frozen=True)
class Case:
    """Files of rows by name, with their schema, and the case whose lists are taken.

    `called` are names that files have only while they are built: no name for a repository.
    `options` are those of `build` besides.
    """

    name: str
    files: Mapping[str, tuple[pa.Schema, Sequence[Row]]]
    lists_of: str
    called: Mapping[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        """Where its input and its site are."""
        return GOLDEN / self.name

    def command(self, rows: Path) -> tuple[str, ...]:
        """Return the arguments of `laion-assets` that build it from the rows in a folder."""
        return (
            "build", "--dataset", str(self.folder / "in" / "dataset.toml"), "--source", str(rows),
            "--lists", str(GOLDEN / self.lists_of / "in" / "lists"), *self.options,
        )  # fmt: skip

    def tables(self) -> dict[str, pa.Table]:
        """Return the files' rows by file name."""
        return {
            name: pa.Table.from_pylist([dict(row) for row in rows], schema=schema)
            for name, (schema, rows) in self.files.items()
        }

    def copy_rows(self, folder: Path) -> Path:
        """Copy its parquet files to a folder, under the names they are built by; return it."""
        folder.mkdir()
        for path in (self.folder / "in" / "rows").iterdir():
            shutil.copy(path, folder / self.called.get(path.name, path.name))
        return folder

    def write_rows(self) -> None:
        """Write its parquet files anew."""
        folder = self.folder / "in" / "rows"
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.iterdir():
            path.unlink()
        for name, table in self.tables().items():
            pq.write_table(table, folder / name, compression="zstd")


def full_row(url: str | None, text: str | None, number: int, **changes: Any) -> Row:
    """Return a row with every column of `FULL`; numbers vary with its number."""
    return {
        "URL": url,
        "TEXT": text,
        "WIDTH": (1024, 768, 900, 1600)[number % 4],
        "HEIGHT": (768, 1024, 900, 700)[number % 4],
        "similarity": 0.30 + number % 8 / 100,
        "punsafe": number % 5 / 64,
        "pwatermark": 0.25,
        "AESTHETIC_SCORE": 6.0 + number % 7 / 8,
        **changes,
    }


def _plain() -> Case:
    """Two files of clean rows: names, an ambiguous one, duplicates, years, every visibility."""
    hosts = ("i.pinimg.com", "images.fineartamerica.com", "shop.example.com", "www.museum.example")
    captions = (
        "Starry night by Vincent van Gogh, framed print",
        "Sunflowers by Van Gogh, framed print on canvas",
        "Portrait of a woman in a red hat, after Johannes Vermeer",
        "Pink roses in the garden",
        "The singer Pink in concert",
        "Batman poster &amp; frame",
        '"Quoted sunset over the sea"',
        "Still life with lemons",
    )
    first = [
        full_row(
            f"https://{hosts[n % 4]}/20{10 + n % 9}/0{n % 9 + 1}/{n % 20}.jpg",
            captions[n % len(captions)] if n % 3 else f"{captions[n % len(captions)]}, no. {n}",
            n,
        )
        for n in range(32)
    ]
    unsafe = (("blurred", 0.5), ("no picture", 0.9), ("withheld", 0.995), ("unknown", None))
    first += [
        full_row(f"http://shop.example.com/{n}.jpg", f"Batman, {what}", n, punsafe=score)
        for n, (what, score) in enumerate(unsafe)
    ]
    first += [
        full_row("http://shop.example.com/x.jpg", None, 1),
        full_row("ftp://shop.example.com/y.jpg", "A row of another kind", 2),
        full_row("https://shop.example.com/z.jpg", "Scores out of range", 3, similarity=7.0,
                 WIDTH=-1, HEIGHT=None, AESTHETIC_SCORE=None),
    ]  # fmt: skip
    second = [
        {"url": f"https://blog.example/{n}.png", "caption": f"vangogh mug number {n}",
         "punsafe": None if n % 2 else 0.125}
        for n in range(4)
    ]  # fmt: skip
    return Case("plain", {"a.parquet": (FULL, first), "b.parquet": (SPARE, second)}, "plain")


def _hostile() -> Case:
    """Captions, URLs, names and domains that are taken for markup, paths, formulas, templates."""
    hosts = ("xn--bcher-kva.example", "192.0.2.7", "localhost", "index", "a-=b.example",
             "BÜCHER.example", "con.example", "[2001:db8::1]:8080")  # fmt: skip
    captions = (
        *hostile.CAPTIONS,
        "Pink <b>Panther</b>, a mural by a painter",
        "Pink <b>Panther</b> again",
        "../../etc/passwd",
        "CON aux nul",
        "Georgia O’Keeffe & <i>friends</i>",
        "A very long caption about watercolour paper, brushes, pigments and frames " * 9,
        "one\ttwo\nthree\r\n\x00four\x1b[31mfive",
        "evil\u202egpj.exe and \u2066isolated",
        "&lt;script&gt;window.XSS=1&lt;/script&gt; &amp;amp; &#x3C;b&#x3E;",
    )
    rows = [
        full_row(url, captions[(n + place) % len(captions)], n + place)
        for n, url in enumerate(hostile.URLS)
        for place in range(0, len(captions), 6)
    ]
    rows += [
        full_row(f"https://{host}/2015/{n}.jpg?a=1&amp;b=2#c", caption, n,
                 punsafe=(0.1, 0.6, 0.95, None)[n % 4])
        for n, (host, caption) in enumerate(
            (host, caption) for caption in captions for host in hosts
        )
    ]  # fmt: skip
    called = {"rows.parquet": "=1+1 'rows' & {{ 7*7 }}.parquet"}
    return Case("hostile", {"rows.parquet": (FULL, rows)}, "hostile", called)


def _empty() -> Case:
    """Rows of which none may stay, each for its own reason, and a file without any row."""
    rows = [
        full_row(None, "no address", 0),
        full_row("https://a.example/1.jpg", None, 1),
        full_row("ftp://a.example/2.jpg", "another scheme", 2),
        full_row("https://", "no host", 3),
        full_row("UNLIKELY", "shifted", 4),
        full_row("https://a.example/3.jpg", " \t ", 5),
        full_row("https://a.example/4.jpg", "withheld, the only one kept", 6, punsafe=1.0),
    ]
    files: dict[str, tuple[pa.Schema, Sequence[Row]]] = {
        "rows.parquet": (FULL, rows),
        "none.parquet": (SPARE, []),
    }
    return Case("empty", files, "plain", options=("--accept-losses",))


CASES = {case.name: case for case in (_plain(), _hostile(), _empty())}
