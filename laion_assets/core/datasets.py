"""What is known about a dataset before its first row is read: presets and people's own TOML files.

Lives here: loading and checking `datasets/*.toml`, and which source column feeds which of ours.
Not here: finding or reading the files themselves (`sources`, `reading`).
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, TypeVar

from laion_assets.core.errors import BadSourceFile, BadUsage

PRESETS = Path(__file__).parents[1] / "datasets"

#: Our column, then the family's names for it; case-insensitive, first hit wins (DESIGN section 3).
FAMILY_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "url": ("url",),
    "caption": ("text", "caption", "alt_txt", "top_caption"),
    "width": ("width", "original_width"),
    "height": ("height", "original_height"),
    "similarity": (
        "similarity",
        "clip_similarity_vitl14",
        "clip_l14_similarity_score",
        "clip_similarity_vitb32",
    ),
    "punsafe": ("punsafe", "nsfw_score_opennsfw2", "nsfw_score_gantman"),
    "pwatermark": ("pwatermark", "watermark_score"),
    "aesthetic": ("aesthetic_score", "aesthetic", "aesthetic_score_laion_v2", "prediction"),
    "hash": ("hash",),
}
REQUIRED_COLUMNS = ("url", "caption")
_KINDS: Mapping[type, str] = {str: "a text", bool: "true or false", dict: "a table"}
_Kind = TypeVar("_Kind")


@dataclass(frozen=True)
class Generated:
    """How to make the embedded sample: rows in all, files to spread them over, seed."""

    rows: int
    files: int
    seed: int


@dataclass(frozen=True)
class Dataset:
    """A dataset's identity, its column names, and what a reader of its pages must be told."""

    name: str
    title: str
    description: str
    licence: str
    scorer: str  # version of the aesthetic predictor: "v1", "v2" or "" when unknown
    homepage: str
    caveats: tuple[str, ...]
    pictures: Literal["ask", "none"]  # may pages offer the hosts' pictures?
    links: bool  # may pages link to the hosts?
    generated: Generated | None = None
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: dict(FAMILY_COLUMNS))

    def map_columns(self, found: Sequence[str]) -> dict[str, str]:
        """Return our column -> the source's column, for the columns that exist in `found`.

        Raises BadSourceFile, naming the closest guess, when url or caption has no column.
        """
        by_name: dict[str, str] = {}
        for name in found:
            by_name.setdefault(name.casefold(), name)
        mapped = {
            ours: by_name[theirs.casefold()]
            for ours, candidates in self.columns.items()
            for theirs in reversed(candidates)
            if theirs.casefold() in by_name
        }
        for ours in REQUIRED_COLUMNS:
            if ours not in mapped:
                raise BadSourceFile(_missing_column(ours, self.columns[ours], found))
        return mapped


def _missing_column(ours: str, candidates: Sequence[str], found: Sequence[str]) -> str:
    folded = {name.casefold(): name for name in found}
    near = [
        match
        for candidate in candidates
        for match in get_close_matches(candidate.casefold(), list(folded), n=1, cutoff=0.5)
    ]
    guess = f" (closest: {folded[near[0]]})" if near else ""
    return (
        f"no {ours} column: looked for {', '.join(candidates)}; "
        f"found {', '.join(found) or 'no columns'}{guess}"
    )


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
    return _parse_dataset(path.stem, raw, path)


def _parse_dataset(name: str, raw: Mapping[str, Any], path: Path) -> Dataset:
    known = {
        "title", "description", "licence", "scorer", "homepage", "caveats",
        "pictures", "links", "generated", "columns",
    }  # fmt: skip
    for key in raw:
        if key not in known:
            raise BadUsage(f"dataset file {path}: unknown key {key!r}; known: {sorted(known)}")
    columns = dict(FAMILY_COLUMNS)
    for ours, theirs in _value(raw, path, "columns", dict, {}).items():
        if ours not in FAMILY_COLUMNS:
            raise BadUsage(f"dataset file {path}: [columns] cannot map {ours!r}")
        columns[ours] = _texts([theirs] if isinstance(theirs, str) else theirs, path, ours)
    pictures = raw.get("pictures", "ask")
    if pictures not in ("ask", "none"):
        raise BadUsage(f"dataset file {path}: pictures is 'ask' or 'none', not {pictures!r}")
    try:
        generated = Generated(**raw["generated"]) if "generated" in raw else None
    except TypeError as error:
        raise BadUsage(f"dataset file {path}: [generated] takes rows, files and seed") from error
    return Dataset(
        name=name,
        title=_value(raw, path, "title", str, name),
        description=_value(raw, path, "description", str, ""),
        licence=_value(raw, path, "licence", str, ""),
        scorer=_value(raw, path, "scorer", str, ""),
        homepage=_value(raw, path, "homepage", str, ""),
        caveats=_texts(raw.get("caveats", []), path, "caveats"),
        pictures=pictures,
        links=_value(raw, path, "links", bool, default=True),
        generated=generated,
        columns=columns,
    )


def _value(
    raw: Mapping[str, Any], path: Path, key: str, kind: type[_Kind], default: _Kind
) -> _Kind:
    value = raw.get(key, default)
    if not isinstance(value, kind):
        raise BadUsage(f"dataset file {path}: {key} is {value!r}, not {_KINDS[kind]}")
    return value


def _texts(value: object, path: Path, key: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise BadUsage(f"dataset file {path}: {key} is {value!r}, not a list of texts")
    return tuple(value)
