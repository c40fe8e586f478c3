"""Tables to export, small and hostile: withheld rows, names with quotes, texts of the worst kind.

No tests here.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from laion_assets.core.exports.database import Loaded, write_database
from laion_assets.core.tables.registry import TABLES
from laion_assets.core.tables.rows import FileParts
from tests.hostile import CAPTIONS
from tests.row_tables import parts_of
from tests.site_fixture import write_table, write_tables

#: A name of a list with everything that quoting has to get right.
QUOTED = 'Jane "O\'Keeffe"; DROP TABLE images; --'
NUL_AND_BIDI = "a\u202eb\u0000c"
HIDDEN = "a withheld caption"
HIDDEN_ID = -8_765_432_109_876_543_210
DOMAINS = ("example.com", "xn--bcher-kva.example", "index")


def export_rows() -> dict[str, list[dict[str, Any]]]:
    """Return rows of two source files; `b` has a withheld one, ids are of every size and sign."""
    texts = [*CAPTIONS, NUL_AND_BIDI, "Starry night, Vincent van Gogh", "Café crème"]
    first = [
        {
            "caption": text,
            "image_id": (-1) ** n * (2**62 + n),
            "aesthetic": None if n % 4 == 3 else 6 + n % 3,
            "domain": DOMAINS[n % 3],
            "url_year": 2019,
        }
        for n, text in enumerate(texts)
    ]
    second = [
        {"caption": "Starry night again", "image_id": 5, "aesthetic": 8.0},
        {"caption": HIDDEN, "image_id": HIDDEN_ID, "aesthetic": 9.0, "visibility": "withheld"},
        {"caption": "Starry night again", "image_id": 5, "aesthetic": 8.0},
    ]
    return {"a-11111111": first, "b-22222222": second}


def export_parts(folder: Path) -> FileParts:
    """Write those rows, and who is named in them, below `folder`; merged tables below `merged`."""
    files = export_rows()
    mentions = {
        "a-11111111": [(10, "artists", QUOTED), (10, "platforms", "Pinterest")],
        "b-22222222": [
            (0, "artists", QUOTED),
            (1, "artists", "Nobody Else"),
            (2, "artists", QUOTED),
        ],
    }
    merged = folder / "merged"
    merged.mkdir(parents=True)
    write_tables(merged)
    shown = [row for rows in files.values() for row in rows if row.get("visibility") != "withheld"]
    counts = Counter(str(row.get("domain", "example.com")) for row in shown)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    listed = [{"domain": name, "images": count} for name, count in ranked]
    _write(merged, "domains", *listed)
    _write(merged, "artists", {"name": QUOTED, "images": 3, "type": "painter"})
    return parts_of(folder, files, mentions)


def _write(folder: Path, name: str, *rows: dict[str, Any]) -> None:
    blank = dict.fromkeys(TABLES[name].schema.names)
    write_table(folder, name, [{**blank, "rank": n, **row} for n, row in enumerate(rows, 1)])


def write_export(folder: Path, path: Path, threads: int = 2) -> Loaded:
    """Write the database of these rows."""
    parts = export_parts(folder)
    with duckdb.connect(config={"threads": threads}) as connection:
        return write_database(connection, parts, folder / "merged", path, lambda _done, _of: None)


class Datasette:
    """A running Datasette, asked over its JSON API."""

    def __init__(self, port: int) -> None:
        self._base = f"http://127.0.0.1:{port}"

    def get(self, path: str) -> Any:
        """Return what it answers."""
        with urllib.request.urlopen(self._base + path, timeout=30) as answer:  # noqa: S310 - http
            return json.load(answer)

    def page(self, path: str) -> str:
        """Return a page as a browser gets it."""
        with urllib.request.urlopen(self._base + path, timeout=30) as answer:  # noqa: S310 - http
            return str(answer.read().decode())


@contextmanager
def serving(database: Path, metadata: Path) -> Iterator[Datasette]:
    """Serve a database with the real Datasette, in a process of its own."""
    port = _free_port()
    command = [sys.executable, "-m", "datasette", str(database), "--metadata", str(metadata),
               "--port", str(port)]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        try:
            server = Datasette(port)
            _wait(process, server)
            yield server
        finally:
            process.terminate()
            process.communicate()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], server: Datasette) -> None:
    for _ in range(600):
        assert process.poll() is None, process.communicate()[0].decode()
        try:
            server.get("/-/versions.json")
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("Datasette did not start")
