"""The lists of names and platforms: reading a CSV, checking it, saying what is wrong by line.

Lives here: artists, celebrities, characters (entities) and platforms as records. Not here: matching
names in captions (`text.matching`, `mentions`).
"""

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from laion_assets.core.errors import BadUsage
from laion_assets.core.graph import ENTITY_LISTS, list_path
from laion_assets.core.text.tokens import tokenise

#: Columns every entity list has, then those of each list. A years column holds a year or nothing.
BASE_COLUMNS = ("name", "aliases", "ambiguous", "context")
LIST_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "artists": ("type", "role", "born", "died", "nationality", "gender"),
    "celebrities": ("occupation", "born", "died", "nationality", "gender"),
    "characters": ("franchise", "medium"),
}
YEAR_COLUMNS = ("born", "died")
#: The singular by which the index and the query language know a list.
FIELD_OF_LIST: Mapping[str, str] = {
    "artists": "artist",
    "celebrities": "celebrity",
    "characters": "character",
}
_YEAR = re.compile(r"-?\d{1,4}")


@dataclass(frozen=True)
class Entity:
    """One row of an entity list; `attributes` holds the list's own columns as text."""

    name: str
    aliases: tuple[str, ...]
    ambiguous: bool
    context: tuple[str, ...]
    attributes: Mapping[str, str]

    @property
    def phrases(self) -> tuple[str, ...]:
        """The name and its aliases: what is looked for in captions."""
        return (self.name, *self.aliases)


@dataclass(frozen=True)
class Platform:
    """One domain with who runs it and what kind of place it is."""

    domain: str
    platform: str
    category: str


def fold_name(name: str) -> str:
    """Return a name's tokens joined by spaces: equal for spellings that match the same captions."""
    return " ".join(tokenise(name))


def load_entities(list_name: str, path: Path | None = None) -> list[Entity]:
    """Read an entity list (one of ENTITY_LISTS), sorted by name.

    Raises BadUsage with the line number of the first thing that is wrong: a missing column, an
    empty or repeated name, an alias that is another row's, a context word without a letter or
    digit, a year that is not one.
    """
    if list_name not in ENTITY_LISTS:
        raise BadUsage(f"unknown list {list_name!r}")
    path = path or list_path(list_name)
    columns = LIST_COLUMNS[list_name]
    entities: list[Entity] = []
    owners: dict[str, tuple[str, int]] = {}
    for line, row in _read_rows(path, (*BASE_COLUMNS, *columns)):
        entity = Entity(
            name=row["name"],
            aliases=_values(row["aliases"]),
            ambiguous=_yes(row["ambiguous"], path, line),
            context=_values(row["context"]),
            attributes={column: row[column] for column in columns},
        )
        for phrase in (*entity.phrases, *entity.context):
            if not fold_name(phrase):
                raise BadUsage(f"{path}, line {line}: {phrase!r} holds no letter or digit")
        for phrase in entity.phrases:
            folded = fold_name(phrase)
            owner, where = owners.setdefault(folded, (entity.name, line))
            if where != line:
                raise BadUsage(
                    f"{path}, line {line}: {phrase!r} already stands on line {where} ({owner})"
                )
        for column in YEAR_COLUMNS:
            year = entity.attributes.get(column, "")
            if year and not _YEAR.fullmatch(year):
                raise BadUsage(f"{path}, line {line}: {column} is {year!r}, not a year")
        entities.append(entity)
    return sorted(entities, key=lambda entity: entity.name)


def load_platforms(path: Path | None = None) -> list[Platform]:
    """Read the platform list, sorted by domain. Raises BadUsage with a line number."""
    path = path or list_path("platforms")
    platforms: dict[str, Platform] = {}
    categories: dict[str, tuple[str, int]] = {}
    for line, row in _read_rows(path, ("domain", "platform", "category")):
        domain = row["domain"].lower()
        if not domain or not row["platform"]:
            raise BadUsage(f"{path}, line {line}: a domain and a platform are needed")
        if domain in platforms:
            raise BadUsage(f"{path}, line {line}: {domain} occurs twice")
        category, where = categories.setdefault(row["platform"], (row["category"], line))
        if category != row["category"]:
            raise BadUsage(
                f"{path}, line {line}: {row['platform']} is {row['category']!r} here "
                f"and {category!r} on line {where}"
            )
        platforms[domain] = Platform(domain, row["platform"], row["category"])
    return [platforms[domain] for domain in sorted(platforms)]


def _read_rows(path: Path, needed: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
    """Return (line number, row) pairs with every cell trimmed; extra columns are kept."""
    reader = csv.DictReader(io.StringIO(_read_text(path), newline=""), strict=True)
    rows: list[tuple[int, dict[str, str]]] = []
    line = 0
    try:
        missing = [name for name in needed if name not in (reader.fieldnames or ())]
        if missing:
            raise BadUsage(f"{path}, line 1: no column {', '.join(missing)}")
        line = reader.line_num
        for row in reader:
            line = reader.line_num
            if None in row or None in row.values():
                raise BadUsage(f"{path}, line {line}: wrong number of cells")
            rows.append((line, {name: cell.strip() for name, cell in row.items()}))
    except csv.Error as error:  # a quotation mark that is never closed, for one
        raise BadUsage(f"{path}, line {line + 1}: {error}") from error
    return rows


def _read_text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadUsage(f"{path}: {error.strerror}") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadUsage(f"{path}, line {line}: not UTF-8; save the file as UTF-8") from error


def _values(cell: str) -> tuple[str, ...]:
    return tuple(value.strip() for value in cell.split("|") if value.strip())


def _yes(cell: str, path: Path, line: int) -> bool:
    if cell.lower() not in ("yes", "no", ""):
        raise BadUsage(f"{path}, line {line}: ambiguous is yes or empty, not {cell!r}")
    return cell.lower() == "yes"
