"""What faults are tried on: a few hundred rows in four files, short lists, and ways to change them.

Lives here: writing them, copying a finished build with its sources, what a build directory holds.
Not here: any fault (`fault_kinds`, `fault_damage`), running commands (`fault_round`).
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

#: Parts of a build directory that are the same bytes however a build came about.
COMPARED = ("site", "tables", "index")

LISTS = {
    "artists": "name,aliases,type,born,died,nationality,gender,ambiguous,context\n"
    "Thomas Kinkade,,painter,1958,2012,American,male,no,\n"
    "Vincent van Gogh,Van Gogh,painter,1853,1890,Dutch,male,no,\n"
    "Absent Artist,,painter,,,,,no,\n",
    "celebrities": "name,aliases,occupation,born,died,nationality,gender,ambiguous,context\n"
    "Pink,,musician,1979,,American,female,yes,singer|concert\n",
    "characters": "name,aliases,franchise,medium,ambiguous,context\nBatman,,DC,comics,no,\n",
    "platforms": "domain,platform,category\npinimg.com,Pinterest,social\n",
}
LONGER_ARTISTS = LISTS["artists"] + "Starry Night,,painter,,,,,no,\n"

_CAPTIONS = (
    "Thomas Kinkade cottage by the lake",
    "Starry night by Van Gogh, print",
    "Pink roses in the garden",
    "The singer Pink in concert",
    "Batman poster &amp; frame",
    '"Quoted sunset over the sea"',
    "",
)
_HOSTS = ("i.pinimg.com", "shop.example.com", "www.museum.org", "blog.example.net")
REMOVED_DOMAIN = "museum.org"
#: First row and number of rows of each source file.
FILES = {
    "a.parquet": (0, 80),
    "b.csv": (80, 60),
    "deep/c.jsonl.gz": (140, 60),
    "deep/d.parquet": (200, 80),
}


@dataclass(frozen=True)
class Place:
    """A folder with a build directory, the sources and the lists it is built from."""

    folder: Path
    build: Path

    @property
    def source(self) -> Path:
        """The folder of source files."""
        return self.folder / "source"

    @property
    def lists(self) -> Path:
        """The folder of lists."""
        return self.folder / "lists"

    @property
    def site(self) -> Path:
        """The published site."""
        return self.build / "site"

    @property
    def named(self) -> tuple[str, ...]:
        """The options of a build that name sources and lists."""
        return ("--source", str(self.source), "--lists", str(self.lists))


def place_at(folder: Path) -> Place:
    """Return the place at a folder."""
    return Place(folder, folder / "build")


def write_corpus(place: Place) -> None:
    """Write sources, lists and the key of removals, which would be another in every copy."""
    place.build.mkdir(parents=True)
    (place.build / "removals.key").write_text("5e" * 32 + "\n", encoding="ascii")
    for name, (start, count) in FILES.items():
        write_rows(place.source / name, start, count)
    place.lists.mkdir(parents=True)
    for name, content in LISTS.items():
        (place.lists / f"{name}.csv").write_text(content, encoding="utf-8")


def _rows(start: int, count: int) -> list[dict[str, object]]:
    return [
        {
            "URL": f"https://{_HOSTS[n % len(_HOSTS)]}/2019/0{n % 9 + 1}/{n}.jpg",
            "TEXT": _CAPTIONS[n % len(_CAPTIONS)] and f"{_CAPTIONS[n % len(_CAPTIONS)]} {n % 5}",
            "WIDTH": 640,
            "HEIGHT": 480,
            "similarity": 0.3,
            "punsafe": 0.995 if n % 50 == 49 else (n % 10) / 10,
            "pwatermark": 0.1,
            "AESTHETIC_SCORE": 6 + (n % 5) / 4,
        }
        for n in range(start, start + count)
    ]


def write_rows(path: Path, start: int, count: int) -> None:
    """Write rows numbered from `start`, in the form that the file's ending says."""
    rows = _rows(start, count)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    elif path.suffix == ".csv":
        text = io.StringIO()
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        path.write_text(text.getvalue(), encoding="utf-8")
    else:
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        path.write_bytes(gzip.compress(lines.encode(), mtime=0))


@dataclass(frozen=True)
class Change:
    """Something that gives the next build work."""

    apply: Callable[[Place], None]
    arguments: tuple[str, ...] = ()
    command: str = "build"  # the command that takes it in


def _change_words(place: Place) -> None:
    path = place.source / "b.csv"
    path.write_bytes(path.read_bytes().replace(b"cottage", b"cabbage"))


def _change_quietly(place: Place) -> None:
    """Change a source file so that neither its size nor its time tells."""
    path = place.source / "b.csv"
    before = path.stat()
    _change_words(place)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _lengthen_list(place: Place) -> None:
    (place.lists / "artists.csv").write_text(LONGER_ARTISTS, encoding="utf-8")


CHANGES: Mapping[str, Change] = {
    "nothing": Change(lambda _: None),
    "a file added": Change(lambda place: write_rows(place.source / "e.parquet", 300, 60)),
    "a file changed": Change(lambda place: write_rows(place.source / "a.parquet", 400, 70)),
    "a file gone": Change(lambda place: (place.source / "deep" / "d.parquet").unlink()),
    "a word changed": Change(_change_words),
    "a list changed": Change(_lengthen_list),
    "a threshold changed": Change(lambda _: None, ("--blurred", "0.35")),
    "a quiet change": Change(_change_quietly, ("--rehash",)),
    "removed": Change(lambda _: None, ("--domain", REMOVED_DOMAIN), "remove"),
    "withdrawn": Change(lambda _: None, ("--why", "Under review."), "withdraw"),
}
#: Those that any round may draw.
DRAWN = [name for name in CHANGES if name.startswith("a ") and name != "a quiet change"]


def copy_tree(source: Path, target: Path) -> None:
    """Copy a folder with times, and with its hard links as hard links among the copies."""
    copied: dict[int, str] = {}

    def copy(origin: str, destination: str) -> str:
        stat = Path(origin).stat()
        if stat.st_nlink > 1 and stat.st_ino in copied:
            os.link(copied[stat.st_ino], destination)
        else:
            copied[stat.st_ino] = destination
            shutil.copy2(origin, destination)
        return destination

    shutil.copytree(source, target, copy_function=copy, symlinks=True, dirs_exist_ok=True)


def copy_place(origin: Place, target: Place) -> None:
    """Copy a place; the copy's settings name the copied sources and lists."""
    for name in ("source", "lists"):
        copy_tree(origin.folder / name, target.folder / name)
    copy_tree(origin.build, target.build)
    settings = target.build / "build.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace(str(origin.folder), str(target.folder)), encoding="utf-8")


def contents(build: Path) -> dict[str, str]:
    """Return the digest of every file of the compared parts, by its path."""
    return {
        path.relative_to(build).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for part in COMPARED
        for path in sorted((build / part).rglob("*"))
        if path.is_file()
    }


def differences(build: Path, expected: Mapping[str, str]) -> list[str]:
    """Return one line for each file that is not as expected."""
    found = contents(build)
    return [
        f"{'lacks' if name not in found else 'other bytes' if name in expected else 'more'}: {name}"
        for name in sorted(expected.keys() | found.keys())
        if found.get(name) != expected.get(name)
    ]


def look_at_site(site: Path) -> tuple[str, list[str]] | None:
    """Compare a site with its own manifest; None when it was exchanged in the meantime.

    Returns the digest of the manifest and what is wrong. All is read through one open folder, so
    that a whole site put in its place half-way is no fault.
    """
    try:
        folder = os.open(site, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        return "", [f"no site: {error.strerror}"]
    try:
        inode = os.fstat(folder).st_ino
        try:
            manifest = _read_below(folder, "manifest.json")
            listed = json.loads(manifest)["files"]
            problems = [
                f"not as its manifest says: {name}"
                for name, digest in listed.items()
                if hashlib.sha256(_read_below(folder, name)).hexdigest() != digest
            ]
        except (OSError, ValueError, KeyError) as error:
            manifest, problems = b"", [f"not whole: {error!r}"]
    finally:
        os.close(folder)
    try:
        if problems and site.stat().st_ino != inode:
            return None
    except OSError:
        problems.append("the site's folder is gone")
    return hashlib.sha256(manifest).hexdigest(), problems


def _read_below(folder: int, name: str) -> bytes:
    with open(os.open(name, os.O_RDONLY, dir_fd=folder), "rb") as stream:  # noqa: PTH123
        return stream.read()
