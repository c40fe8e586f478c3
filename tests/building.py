"""Builds in a temporary folder, through the real command, with lists small enough to be quick.

Shared by the tests of the assets and of the published site; no tests here.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from laion_assets.cli import main
from laion_assets.core.base import package
from laion_assets.core.build import code_version
from laion_assets.core.build.workspace import Workspace

if TYPE_CHECKING:
    import dagster as dg

LISTS = {
    "artists": "name,aliases,ambiguous,context,type,role,born,died,nationality,gender\n"
    "Thomas Kinkade,,,,painter,,1958,2012,American,male\n"
    "Vincent van Gogh,Van Gogh,,,painter,,1853,1890,Dutch,male\n"
    "Absent Artist,,,,painter,,,,,\n",
    "celebrities": "name,aliases,ambiguous,context,occupation,born,died,nationality,gender\n"
    "Pink,,yes,singer|concert,musician,1979,,American,female\n",
    "characters": "name,aliases,ambiguous,context,franchise,medium\nBatman,,,,DC,comics\n",
    "platforms": "domain,platform,category,owner\npinimg.com,Pinterest,social,\n",
}

CAPTIONS = (
    "Thomas Kinkade cottage by the lake",
    "Starry night by Van Gogh, print",
    "Pink roses in the garden",
    "The singer Pink in concert",
    "Batman poster &amp; frame",
    '"Quoted sunset over the sea"',
)


def rows(start: int, count: int) -> list[dict[str, object]]:
    """Return source rows numbered from `start`, in the shape of LAION-Aesthetics."""
    hosts = ("i.pinimg.com", "shop.example.com", "www.museum.org")
    return [
        {
            "URL": f"https://{hosts[n % 3]}/2019/0{n % 9 + 1}/{n}.jpg",
            "TEXT": f"{CAPTIONS[n % len(CAPTIONS)]} number {n % 7}",
            "WIDTH": 640,
            "HEIGHT": 480,
            "similarity": 0.3,
            "punsafe": 0.995 if n % 50 == 49 else 0.01,
            "pwatermark": 0.1,
            "AESTHETIC_SCORE": 6 + (n % 5) / 4,
        }
        for n in range(start, start + count)
    ]


def write_source(path: Path, start: int, count: int = 60) -> Path:
    """Write a source file of `count` rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows(start, count)), path)
    return path


CLAIMS = """
[[claims]]
id = "kinkade-first"
claim = "Thomas Kinkade is the artist named most."
published = 1
table = "artists"
where = { name = "Thomas Kinkade" }
column = "rank"
take = "value"
"""


def write_small_lists(folder: Path) -> None:
    """Write lists of a few names, and one claim."""
    folder.mkdir(parents=True)
    for name, content in LISTS.items():
        (folder / f"{name}.csv").write_text(content, encoding="utf-8")
    (folder / "claims.toml").write_text(CLAIMS, encoding="utf-8")


def use_small_lists(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put lists of a few names, written to `folder`, in the place of the shipped ones."""
    write_small_lists(folder)
    monkeypatch.setattr(package, "LISTS", folder)
    forget_lists()


def forget_lists() -> None:
    """Let code versions be worked out anew: the lists lie elsewhere, all else is as it was."""
    code_version.code_version.cache_clear()


@contextmanager
def history_in_memory(_: Workspace) -> Iterator[dg.DagsterInstance]:
    """Stand in for `refresh._instance`: Dagster without files, which take longer than the build."""
    import dagster as dg

    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


@dataclass
class Builder:
    """Runs `laion-assets` on one build directory."""

    root: Path
    source: Path

    def run(self, *arguments: str) -> Result:
        """Run a command; the build directory is added."""
        return CliRunner().invoke(main, [*arguments, "--build-dir", str(self.root)])

    def build(self, *arguments: str) -> Result:
        """Run `build`, which must succeed."""
        result = self.run("build", *arguments)
        assert result.exit_code == 0, result.output + repr(result.exception)
        return result

    def copied_to(self, folder: Path) -> Builder:
        """Return a copy of the build that reads a copy of its sources, times included."""
        copy = Builder(folder / "build", folder / "source")
        shutil.copytree(self.source, copy.source)
        shutil.copytree(self.root, copy.root)
        settings = copy.root / "build.toml"
        text = settings.read_text(encoding="utf-8")
        settings.write_text(text.replace(str(self.source), str(copy.source)), encoding="utf-8")
        return copy

    def site_files(self) -> dict[str, tuple[bytes, int]]:
        """Return the content and modification time of every published file."""
        return {
            path.relative_to(self.root / "site").as_posix(): (
                path.read_bytes(),
                path.stat().st_mtime_ns,
            )
            for path in sorted((self.root / "site").rglob("*"))
            if path.is_file()
        }

    def tables(self) -> dict[str, bytes]:
        """Return the content of every table."""
        folder = self.root / "tables"
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*.parquet"))
        }
