"""What is known about a dataset before its first row is read: presets and people's own TOML files.

Lives here: a dataset's identity, where its files are, what format they have; loading and checking
`datasets/*.toml`. Not here: mapping columns (`columns`), finding, fetching or reading the files
(`sources`, `download`, `reading`).
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args
from urllib.parse import urlsplit

from laion_assets.core.base.errors import BadUsage
from laion_assets.core.base.package import PRESETS
from laion_assets.core.sources.columns import FAMILY_COLUMNS, REQUIRED_COLUMNS, map_columns
from laion_assets.core.sources.formats import FORMAT_OF_SUFFIX, PARQUET, FileFormat, FormatKind

__all__ = [
    "FAMILY_COLUMNS", "FORMAT_OF_SUFFIX", "PARQUET", "Dataset", "FileFormat", "Generated",
    "Location", "load_dataset", "preset_names",
]  # fmt: skip


_KEYS = (
    "title", "description", "licence", "scorer", "homepage", "caveats", "rows", "pictures",
    "links", "part_of", "generated", "location", "format", "columns",
)  # fmt: skip
_SCORERS = ("", "v1", "v2")
_KINDS: Mapping[type, str] = {
    str: "a text", bool: "true or false", dict: "a table", int: "a whole number",
}  # fmt: skip
_REPOSITORY = re.compile(r"\w[\w.-]*/\w[\w.-]*")
_SCHEMES = ("http", "https", "s3")
#: Which keys of [location] go with which kind.
_PLACES: Mapping[str, tuple[str, ...]] = {
    "hub": ("repository", "revision", "patterns"), "http": ("urls",), "local": (),
}  # fmt: skip
_DELIMITERS = {"csv": ",", "tsv": "\t", "jsonl": "", "parquet": ""}
_Kind = TypeVar("_Kind")

LocationKind = Literal["hub", "http", "local"]
Status = Literal["available", "gated", "withdrawn", "gone", "local"]


@dataclass(frozen=True)
class Population:
    """A larger set that the rows were taken from: what it is called and its number of rows."""

    title: str
    rows: int


@dataclass(frozen=True)
class Generated:
    """How to make the embedded sample: rows in all, files to spread them over, seed."""

    rows: int
    files: int
    seed: int


@dataclass(frozen=True)
class Location:
    """Where a dataset's files are, and whether they can be had.

    `hub`: the files of a dataset repository at a revision whose path matches one of `patterns` (as
    in a shell, `*` matches slashes too). `http`: whole files at http, https or s3 addresses.
    `local`: nowhere; the user has them and says where with --source.
    """

    kind: LocationKind = "local"
    status: Status = "local"
    status_note: str = ""  # what a user can do about the status
    repository: str = ""
    revision: str = ""  # a commit when pinned, else a branch
    patterns: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dataset:
    """A dataset's identity, its column names, and what a reader of its pages must be told."""

    name: str
    title: str
    description: str
    licence: str
    scorer: Literal["", "v1", "v2"]  # version of the aesthetic predictor; "" when unknown or none
    homepage: str
    caveats: tuple[str, ...]
    pictures: Literal["ask", "none"]  # may pages offer the hosts' pictures?
    links: bool  # may pages link to the hosts?
    generated: Generated | None = None
    rows: int | None = None  # as its publisher states, which is often rounded
    part_of: tuple[Population, ...] = ()  # larger datasets these rows were selected from
    location: Location = field(default_factory=Location)
    format: FileFormat | None = None  # None: each file's ending says it
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: dict(FAMILY_COLUMNS))

    @property
    def populations(self) -> tuple[Population, ...]:
        """What rows of this dataset are a part of.

        That is the whole of it, where its size is known, and the larger sets it was selected from.
        """
        whole = (Population(self.title, self.rows),) if self.rows else ()
        return whole + self.part_of

    def format_of(self, name: str) -> FileFormat:
        """Return the format of a file by its name.

        A .parquet file always is parquet; any other follows the description, then its ending; one
        whose ending says nothing is taken for parquet.
        """
        stem = name.casefold().removesuffix(".gz")
        if name.casefold().endswith(".parquet"):
            return PARQUET
        if self.format is not None:
            return self.format
        for suffix, known in FORMAT_OF_SUFFIX.items():
            if stem.endswith(suffix):
                return known
        return PARQUET

    def map_columns(self, found: Sequence[str]) -> dict[str, str]:
        """Return our column -> the source's column, for the columns that exist in `found`.

        Raises BadSourceFile, naming the closest guess, when url or caption has no column.
        """
        return map_columns(self.columns, found)


def preset_names() -> list[str]:
    """Names of the presets that ship with the program."""
    return sorted(path.stem for path in PRESETS.glob("*.toml"))


def load_dataset(name: str) -> Dataset:
    """Load a preset by name, or a user's own description when `name` ends in .toml.

    Raises BadUsage when there is no such preset or the file does not describe a dataset.
    """
    path = Path(name) if name.endswith(".toml") else PRESETS / f"{name}.toml"
    if not name.endswith(".toml") and name not in preset_names():
        near = get_close_matches(name, preset_names(), n=1)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(preset_names())}"
        raise BadUsage(f"unknown dataset {name!r}; {hint}")
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadUsage(f"dataset file {path}: {error}") from error
    return _dataset(path.stem, _Table(raw, f"dataset file {path}"))


@dataclass(frozen=True)
class _Table:
    """A table of the file, and how to complain about what is in it."""

    raw: Mapping[str, Any]
    where: str
    prefix: str = ""

    def wrong(self, problem: str) -> BadUsage:
        """Return the error for a problem in this file."""
        return BadUsage(f"{self.where}: {self.prefix}{problem}")

    def only(self, known: tuple[str, ...]) -> None:
        """Refuse keys that nobody reads."""
        for key in self.raw:
            if key not in known:
                near = get_close_matches(key, known, n=1)
                hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"
                raise self.wrong(f"unknown key {key!r}; {hint}")

    def value(self, key: str, kind: type[_Kind], default: _Kind) -> _Kind:
        """Return a value of one type; a boolean is no whole number."""
        value = self.raw.get(key, default)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.wrong(f"{key} is {value!r}, not {_KINDS[kind]}")
        return value

    def one_of(self, key: str, choices: tuple[str, ...], default: str) -> Any:
        """Return one of a closed set of texts."""
        value = self.raw.get(key, default)
        if value not in choices:
            known = [repr(choice) for choice in choices]
            raise self.wrong(f"{key} is {', '.join(known[:-1])} or {known[-1]}, not {value!r}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts, empty when it is not there."""
        value = self.raw.get(key, [])
        if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
            raise self.wrong(f"{key} is {value!r}, not a list of texts")
        return tuple(value)

    def table(self, key: str) -> "_Table":
        """Return a table within this one, empty when it is not there."""
        return _Table(self.value(key, dict, {}), self.where, f"[{key}] ")


def _dataset(name: str, table: _Table) -> Dataset:
    table.only(_KEYS)
    rows = table.value("rows", int, 0)
    if "rows" in table.raw and rows < 1:
        raise table.wrong(f"rows is {rows}, not a count; leave it out when it is not known")
    return Dataset(
        name=name,
        title=table.value("title", str, name),
        description=table.value("description", str, ""),
        licence=table.value("licence", str, ""),
        scorer=table.one_of("scorer", _SCORERS, ""),
        homepage=table.value("homepage", str, ""),
        caveats=table.texts("caveats"),
        pictures=table.one_of("pictures", ("ask", "none"), "ask"),
        links=table.value("links", bool, default=True),
        generated=_generated(table),
        rows=rows or None,
        part_of=_populations(table),
        location=_location(table.table("location")),
        format=_format(table.table("format")) if "format" in table.raw else None,
        columns=_columns(table.table("columns")),
    )


def _generated(table: _Table) -> Generated | None:
    try:
        return Generated(**table.raw["generated"]) if "generated" in table.raw else None
    except TypeError as error:
        raise table.wrong("[generated] takes rows, files and seed") from error


def _populations(table: _Table) -> tuple[Population, ...]:
    try:
        populations = tuple(Population(**entry) for entry in table.raw.get("part_of", []))
    except TypeError as error:
        raise table.wrong("part_of is a list of { title = TEXT, rows = COUNT }") from error
    if not all(isinstance(p.title, str) and type(p.rows) is int for p in populations):
        raise table.wrong("part_of is a list of { title = TEXT, rows = COUNT }")
    return populations


def _columns(table: _Table) -> dict[str, tuple[str, ...]]:
    columns = dict(FAMILY_COLUMNS)
    for ours, theirs in table.raw.items():
        if ours not in FAMILY_COLUMNS:
            raise table.wrong(f"cannot map {ours!r}; our columns are {', '.join(FAMILY_COLUMNS)}")
        columns[ours] = (theirs,) if isinstance(theirs, str) else table.texts(ours)
        if ours in REQUIRED_COLUMNS and not columns[ours]:
            raise table.wrong(f"{ours} is empty, but every row needs one")
    return columns


def _location(table: _Table) -> Location:
    kinds = get_args(LocationKind)
    kind: LocationKind = table.one_of("kind", kinds, "local")
    table.only(("kind", "status", "status_note", *_PLACES[kind]))
    status: Status = table.one_of(
        "status", get_args(Status), "local" if kind == "local" else "available"
    )
    note = table.value("status_note", str, "")
    if status not in ("available", "local") and not note:
        raise table.wrong(f"status is {status!r}: a status_note must say what a user can do")
    if (kind, status) == ("local", "available") or (kind != "local" and status == "local"):
        raise table.wrong(f"status {status!r} does not go with kind {kind!r}")
    location = Location(
        kind=kind,
        status=status,
        status_note=note,
        repository=table.value("repository", str, ""),
        revision=table.value("revision", str, "main" if kind == "hub" else ""),
        patterns=table.texts("patterns"),
        urls=table.texts("urls"),
    )
    _check_place(table, location)
    return location


def _check_place(table: _Table, location: Location) -> None:
    if location.kind == "hub":
        if not _REPOSITORY.fullmatch(location.repository):
            raise table.wrong(f"repository is {location.repository!r}, not owner/name")
        if not location.revision or not location.patterns:
            raise table.wrong("needs a revision and patterns, such as ['data/*.parquet']")
    if location.kind == "http" and not location.urls:
        raise table.wrong("needs urls: the address of every file")
    for url in location.urls:
        try:
            parts = urlsplit(url)
        except ValueError as error:
            raise table.wrong(f"{url!r} is no address: {error}") from error
        if parts.scheme not in _SCHEMES or not parts.netloc:
            raise table.wrong(f"{url!r} is no {', '.join(_SCHEMES[:-1])} or {_SCHEMES[-1]} address")
        if "@" in parts.netloc:
            raise table.wrong("an address has a user or password in it; leave that out")


def _format(table: _Table) -> FileFormat:
    kind: FormatKind = table.one_of("kind", get_args(FormatKind), "")
    split = kind in ("csv", "tsv")
    table.only(("kind", "header", "columns", "delimiter", "quote") if split else ("kind",))
    header = table.value("header", bool, default=False) if "header" in table.raw else None
    columns = table.texts("columns")
    if header is False and not columns:
        raise table.wrong("header = false needs columns: their names, in order")
    if columns and header is not False:
        raise table.wrong("columns are named here only with header = false")
    if len(set(columns)) != len(columns):
        raise table.wrong("columns has a name twice")
    delimiter = table.value("delimiter", str, _DELIMITERS[kind])
    quote = table.value("quote", str, '"' if kind == "csv" else "")
    for key, value, least in (("delimiter", delimiter, int(split)), ("quote", quote, 0)):
        if not least <= len(value.encode("utf-8", "replace")) <= 1 or value in ("\n", "\r"):
            raise table.wrong(f"{key} is {value!r}, not one ASCII character")
    if quote and quote == delimiter:
        raise table.wrong("delimiter and quote are the same")
    return FileFormat(kind=kind, header=header, columns=columns, delimiter=delimiter, quote=quote)
