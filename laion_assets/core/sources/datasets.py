"""What is known about a dataset before its first row is read: presets and people's own TOML files.

Lives here: a dataset's identity, where its files are, what format they have; loading and checking
`datasets/*.toml`. Not here: mapping columns (`columns`), finding, fetching or reading the files
(`finding`, `download`, `core.reading`).
"""

import calendar
import codecs
import datetime as dt
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from msgspec import Meta

from laion_assets.core.base.errors import BadUsage
from laion_assets.core.base.package import PRESETS
from laion_assets.core.base.records import to_record, unknown
from laion_assets.core.sources.columns import (
    FAMILY_COLUMNS,
    REQUIRED_COLUMNS,
    Fits,
    map_columns,
)
from laion_assets.core.sources.formats import USUAL_DELIMITER, UTF8, FileFormat, FormatKind

_SCHEMES = ("http", "https", "s3")
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)?", re.ASCII)
_REPOSITORY = re.compile(r"\w[\w.-]*/\w[\w.-]*")
#: Which keys of [location] go with which kind.
_PLACES: Mapping[str, tuple[str, ...]] = {
    "hub": ("repository", "revision", "patterns"), "http": ("urls",), "local": (),
}  # fmt: skip
_SPLIT_KEYS = ("kind", "header", "columns", "delimiter", "quote", "escape", "encoding")
#: Which keys of [format] go with which kind.
_FORMAT_KEYS: Mapping[FormatKind, tuple[str, ...]] = {
    "csv": _SPLIT_KEYS, "tsv": _SPLIT_KEYS, "jsonl": ("kind", "encoding"), "parquet": ("kind",),
}  # fmt: skip
#: What Python has for other purposes, and encodings in which a few bytes are any text.
_NO_ENCODINGS = ("idna", "punycode", "raw-unicode-escape", "unicode-escape", "utf-7", "undefined")

LocationKind = Literal["hub", "http", "local"]
Status = Literal["available", "gated", "withdrawn", "gone", "local"]
Scorer = Literal["", "v1", "v2"]  # version of the aesthetic predictor; "" when unknown or none
Pictures = Literal["ask", "none"]  # may pages offer the hosts' pictures?


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
    in a shell, `*` matches slashes too). `http`: whole files at http, https or s3 URLs.
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
    scorer: Scorer
    homepage: str
    caveats: tuple[str, ...]
    pictures: Pictures
    links: bool  # may pages link to the hosts?
    generated: Generated | None = None
    rows: int | None = None  # as its publisher states, which is often rounded
    dated: str = ""  # when the data is of, as a reader shall see it
    part_of: tuple[Population, ...] = ()  # larger datasets these rows were selected from
    date: str = ""  # the day the rows are of, as 2024-08-30: what feed and sitemap say
    location: Location = field(default_factory=Location)
    format: FileFormat | None = None  # None: each file says it itself
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: dict(FAMILY_COLUMNS))
    named: tuple[str, ...] = ()  # our columns whose names its file says itself

    @property
    def populations(self) -> tuple[Population, ...]:
        """What rows of this dataset are a part of.

        That is the whole of it, where its size is known, and the larger sets it was selected from.
        """
        whole = (Population(self.title, self.rows),) if self.rows else ()
        return whole + self.part_of

    def map_columns(
        self, found: Sequence[str], fits: Fits = lambda _ours, _theirs: True
    ) -> dict[str, str]:
        """Return our column -> the source's column, for the columns that exist in `found`.

        Raises BadSourceFile, with what to say in a dataset file, when url or caption has no column,
        or any of ours has two; `fits` tells which columns may be advised.
        """
        return map_columns(self.columns, found, self.named, fits)


def preset_names() -> list[str]:
    """Names of the presets that ship with the program."""
    return sorted(path.stem for path in PRESETS.glob("*.toml"))


def load_dataset(name: str) -> Dataset:
    """Load a preset by name, or a user's own description when `name` ends in .toml.

    Raises BadUsage when there is no such preset or the file does not describe a dataset.
    """
    path = Path(name) if name.endswith(".toml") else PRESETS / f"{name}.toml"
    if not name.endswith(".toml") and name not in preset_names():
        raise BadUsage(unknown("dataset", name, preset_names()))
    where = f"dataset file {path}"
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadUsage(f"{where}: {error}") from error
    return _Reading(where).dataset(path.stem, raw)


@dataclass(frozen=True)
class _Description:
    """A dataset as its file describes it: what is left out is None or empty."""

    title: str | None = None
    description: str = ""
    licence: str = ""
    scorer: Scorer = ""
    homepage: str = ""
    caveats: tuple[str, ...] = ()
    rows: Annotated[int, Meta(ge=1)] | None = None  # left out when nobody knows
    dated: str = ""
    date: str = ""  # likewise
    pictures: Pictures = "ask"
    links: bool = True
    part_of: tuple[Population, ...] = ()
    generated: Generated | None = None
    location: dict[str, Any] = field(default_factory=dict)  # which keys it has depends on its kind
    format: dict[str, Any] | None = None  # likewise
    columns: dict[str, str | tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Place:
    """[location] as it is written."""

    kind: LocationKind = "local"
    status: Status | None = None
    status_note: str = ""
    repository: str = ""
    revision: str | None = None
    patterns: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()


_Kind = Literal["parquet", "csv", "tsv", "jsonl", "json"]  # the last two are one


@dataclass(frozen=True)
class _Form:
    """[format] as it is written."""

    kind: _Kind
    header: bool | None = None
    columns: tuple[str, ...] = ()
    delimiter: str | None = None
    quote: str | None = None
    escape: str | None = None
    encoding: str = ""


def in_words(day: str) -> str:
    """Return a day such as 2024-08-30 as readers see it, 30 August 2024; nothing for no day."""
    if not day:
        return ""
    date = dt.date.fromisoformat(day)
    return f"{date.day} {calendar.month_name[date.month]} {date.year}"


@dataclass(frozen=True)
class _Reading:
    """Turns a description into a Dataset; `where` names the file in every complaint."""

    where: str

    def wrong(self, problem: str) -> BadUsage:
        """Return the error for a problem in this file."""
        return BadUsage(f"{self.where}: {problem}")

    def dataset(self, name: str, raw: Mapping[str, Any]) -> Dataset:
        """Return the dataset that a file describes."""
        if type(raw.get("date")) is dt.date:  # TOML has dates of its own
            raw = {**raw, "date": raw["date"].isoformat()}
        said = to_record(raw, _Description, self.where)
        return Dataset(
            name=name,
            title=name if said.title is None else said.title,
            description=said.description,
            licence=said.licence,
            scorer=said.scorer,
            homepage=said.homepage,
            caveats=said.caveats,
            pictures=said.pictures,
            links=said.links,
            generated=said.generated,
            rows=said.rows,
            dated=said.dated or in_words(self.date(said.date)),
            date=self.date(said.date),
            part_of=said.part_of,
            location=self.location(said.location),
            format=None if said.format is None else self.format(said.format),
            columns=self.columns(said.columns),
            named=tuple(said.columns),
        )

    def date(self, said: str) -> str:
        """Return a date as it is written in feeds, when it is one."""
        if not _DATE.fullmatch(said):
            raise self.wrong(f"date is {said[:40]!r}, not a day such as 2024-08-30")
        try:
            return dt.date.fromisoformat(said).isoformat() if said else ""
        except ValueError as error:
            raise self.wrong(f"date is {said!r}, and there is no such day") from error

    def columns(self, said: Mapping[str, str | tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        """Return what each column of ours may be called: as it is said, else as the family does."""
        columns = dict(FAMILY_COLUMNS)
        for ours, theirs in said.items():
            if ours not in FAMILY_COLUMNS:
                raise self.wrong(
                    f"[columns] cannot map {ours!r}; our columns are {', '.join(FAMILY_COLUMNS)}"
                )
            columns[ours] = (theirs,) if isinstance(theirs, str) else theirs
            if ours in REQUIRED_COLUMNS and not columns[ours]:
                raise self.wrong(f"[columns] {ours} is empty, but every row needs one")
        return columns

    def location(self, raw: Mapping[str, Any]) -> Location:
        """Return where the files are, when that can be."""
        said = to_record({"location": raw}, _Located, self.where).location
        self._only("location", raw, ("kind", "status", "status_note", *_PLACES[said.kind]))
        status = said.status or ("local" if said.kind == "local" else "available")
        if status not in ("available", "local") and not said.status_note:
            raise self.wrong(
                f"[location] status is {status!r}: a status_note must say what a user can do"
            )
        if (said.kind, status) == ("local", "available") or (
            said.kind != "local" and status == "local"
        ):
            raise self.wrong(f"[location] status {status!r} does not go with kind {said.kind!r}")
        revision = "main" if said.kind == "hub" else ""
        location = Location(
            kind=said.kind,
            status=status,
            status_note=said.status_note,
            repository=said.repository,
            revision=revision if said.revision is None else said.revision,
            patterns=said.patterns,
            urls=said.urls,
        )
        self._check_place(location)
        return location

    def _only(self, table: str, raw: Mapping[str, Any], known: tuple[str, ...]) -> None:
        for key in raw:
            if key not in known:
                raise self.wrong(f"[{table}] {unknown('key', key, known)}")

    def _check_place(self, location: Location) -> None:
        if location.kind == "hub":
            if not _REPOSITORY.fullmatch(location.repository):
                raise self.wrong(
                    f"[location] repository is {location.repository!r}, not owner/name"
                )
            if not location.revision or not location.patterns:
                raise self.wrong(
                    "[location] needs a revision and patterns, such as ['data/*.parquet']"
                )
        if location.kind == "http" and not location.urls:
            raise self.wrong("[location] needs urls: the URL of every file")
        for url in location.urls:
            try:
                parts = urlsplit(url)
                parts.port  # noqa: B018 - raises when it is beyond the last one
            except ValueError as error:
                raise self.wrong(f"[location] {url!r} is no URL: {error}") from error
            if parts.scheme not in _SCHEMES or not parts.netloc:
                schemes = f"{', '.join(_SCHEMES[:-1])} or {_SCHEMES[-1]}"
                raise self.wrong(f"[location] {url!r} is no {schemes} URL")
            if "@" in parts.netloc:
                raise self.wrong("[location] a URL has a user or password in it; leave that out")

    def format(self, raw: Mapping[str, Any]) -> FileFormat:
        """Return how the bytes of the files are rows, when that can be."""
        said = to_record({"format": raw}, _Formed, self.where).format
        kind: FormatKind = "jsonl" if said.kind == "json" else said.kind
        split = kind in ("csv", "tsv")
        known = _FORMAT_KEYS[kind]
        self._only("format", raw, known)
        if said.header is False and not said.columns:
            raise self.wrong("[format] header = false needs columns: their names, in order")
        if said.columns and said.header is not False:
            raise self.wrong("[format] columns are named here only with header = false")
        if len(set(said.columns)) != len(said.columns):
            raise self.wrong("[format] columns has a name twice")
        told = FileFormat(kind, said.header, said.columns, encoding=self.encoding(said))
        return self._split(told, said) if split else told

    def _split(self, told: FileFormat, said: _Form) -> FileFormat:
        """Return the format with how lines are split, as far as that is said."""
        tab = USUAL_DELIMITER["tsv"] if said.kind == "tsv" else None
        delimiter = tab if said.delimiter is None else said.delimiter
        escape = "" if said.escape == said.quote and said.quote else said.escape  # doubling is that
        for key, value, least in (
            ("delimiter", delimiter, 1), ("quote", said.quote, 0), ("escape", escape, 0),
        ):  # fmt: skip
            size = least if value is None else len(value.encode("utf-8", "replace"))
            if not least <= size <= 1 or value in ("\n", "\r"):
                raise self.wrong(f"[format] {key} is {value!r}, not one ASCII character")
        quote = '"' if said.quote is None else said.quote
        if delimiter and delimiter in (quote, escape):
            other = "quote" if delimiter == quote else "escape"
            raise self.wrong(f"[format] delimiter and {other} are the same")
        if escape and said.quote == "":
            raise self.wrong("[format] escape needs a quote: it counts within quotes only")
        return replace(told, delimiter=delimiter, quote=said.quote, escape=escape)

    def encoding(self, said: _Form) -> str:
        """Return Python's name of the encoding that is said; '' when none is."""
        if not said.encoding:
            return ""
        try:
            name = codecs.lookup(said.encoding).name
            known = name not in _NO_ENCODINGS and "".encode(name) is not None  # not one for bytes
        except (LookupError, ValueError):
            known = False
        if not known:
            raise self.wrong(
                f"[format] encoding {said.encoding!r} is none that is known; such are 'utf-8', "
                "'utf-16', 'windows-1252', 'shift_jis'"
            )
        return UTF8 if name == "utf-8-sig" else name


@dataclass(frozen=True)
class _Located:
    location: _Place


@dataclass(frozen=True)
class _Formed:
    format: _Form
