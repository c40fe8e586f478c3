"""The lists of names and platforms as records, checked.

Lives here: what a row of artists, celebrities, characters (entities) and platforms means and what
is wrong with it. Not here: which files there are (`list_files`), what deserves a second look
(`list_remarks`), matching names in captions (`text.matching`, `mentions`).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from laion_assets.core.base.errors import BadUsage
from laion_assets.core.base.files import sha256_file
from laion_assets.core.names.list_files import Line, ListFiles, read_lines
from laion_assets.core.names.registry import BASE_COLUMNS, ENTITY_LISTS, LISTS, NameList
from laion_assets.core.text.tokens import tokenise

_PLATFORM_FACTS = ("category", "ambiguous")
LONGEST_NAME = 200  # characters: the longest real ones have some 60
_DOMAIN = re.compile(r"[^\s/:@.]+(\.[^\s/:@.]+)*")
_YEAR = re.compile(r"-?\d{1,4}")


@dataclass(frozen=True)
class Entity:
    """One row of an entity list; `attributes` holds the list's own columns as text.

    `decided` says that the row answers the question whether it is ambiguous, yes or no. `where` is
    the file and line it stands on.
    """

    name: str
    aliases: tuple[str, ...]
    ambiguous: bool
    context: tuple[str, ...]
    attributes: Mapping[str, str]
    decided: bool = False
    where: str = field(default="", compare=False)

    @property
    def phrases(self) -> tuple[str, ...]:
        """The name and its aliases: what is looked for in captions."""
        return (self.name, *self.aliases)


@dataclass(frozen=True)
class Platform:
    """One domain with who runs it and what kind of place it is.

    `ambiguous` tells whether the platform's name is also a word or somebody else's; None where the
    list does not say.
    """

    domain: str
    platform: str
    category: str
    ambiguous: bool | None = None


def fold_name(name: str) -> str:
    """Return a name's tokens joined by spaces: equal for spellings that match the same captions."""
    return " ".join(tokenise(name))


def load_entities(list_name: str, files: ListFiles | None = None) -> list[Entity]:
    """Read an entity list (one of ENTITY_LISTS), sorted by name.

    Only the column `name` must be there. Raises BadUsage with file and line of the first thing that
    is wrong: an empty or repeated name, an alias that is another row's, a context word without a
    letter or digit, a year that is not one.
    """
    if list_name not in ENTITY_LISTS:
        raise BadUsage(f"unknown list {list_name!r}")
    paths = (files or ListFiles()).paths(list_name)
    return list(_entities(list_name, paths, tuple(map(_digest, paths))))


def _digest(path: Path) -> str:
    try:
        return sha256_file(path)
    except OSError:  # reading it says what is wrong
        return ""


@lru_cache(maxsize=2 * len(ENTITY_LISTS))
def _entities(list_name: str, paths: tuple[Path, ...], _contents: tuple[str, ...]) -> list[Entity]:
    """Read a list whose files have these digests: a build needs each four times."""
    known = (*BASE_COLUMNS, *LISTS[list_name].column_names)
    rows = _latest([read_lines(path, ("name",), known) for path in paths])
    entities = [_entity(line, LISTS[list_name]) for line in rows]
    _check_phrases(zip(rows, entities, strict=True))
    return sorted(entities, key=lambda entity: entity.name)


def _latest(files: Sequence[Sequence[Line]]) -> list[Line]:
    """Return the rows of all files, without those that a later file names again."""
    kept: list[Line] = []
    for position, lines in enumerate(files):
        later = {fold_name(line.cell("name")) for file in files[position + 1 :] for line in file}
        kept += [line for line in lines if fold_name(line.cell("name")) not in later]
    return kept


def _entity(line: Line, about: NameList) -> Entity:
    attributes = {
        column: "|".join(dict.fromkeys(_values(line.cell(column)))) for column in about.column_names
    }
    for column in about.year_columns:
        year = attributes[column]
        if year and not _YEAR.fullmatch(year):
            raise line.wrong(f"{column} is {year!r}, not a year")
    if attributes.get("born") and attributes.get("died"):
        born, died = int(attributes["born"]), int(attributes["died"])
        if born > died:
            raise line.wrong(f"born {born} is after died {died}")
    _check_choice(line, "ambiguous")
    for own in about.columns:
        if own.kind == "flag":
            _check_choice(line, own.name)
    if attributes.get("died") and attributes.get("living", "").lower() == "yes":
        raise line.wrong(f"living is yes, but died is {attributes['died']}")
    ambiguous = line.cell("ambiguous").lower()
    return Entity(
        name=line.cell("name"),
        aliases=_values(line.cell("aliases")),
        ambiguous=ambiguous == "yes",
        context=_values(line.cell("context")),
        attributes=attributes,
        decided=bool(ambiguous),
        where=f"{line.path.name}, line {line.number}",
    )


def _check_phrases(rows: Iterable[tuple[Line, Entity]]) -> None:
    """Refuse what can match nothing, and a name or alias that two rows lay claim to."""
    owners: dict[str, tuple[Line, str]] = {}
    for line, entity in rows:
        for phrase in (*entity.phrases, *entity.context):
            if not fold_name(phrase):
                raise line.wrong(f"{phrase!r} holds no letter or digit")
            if len(phrase) > LONGEST_NAME:
                raise line.wrong(f"a name of {len(phrase):,} characters; {LONGEST_NAME} at most")
        for phrase in entity.phrases:
            owner, name = owners.setdefault(fold_name(phrase), (line, entity.name))
            if owner is not line:
                file = "" if owner.path == line.path else f" of {owner.path.name}"
                raise line.wrong(f"{phrase!r} already stands on line {owner.number}{file} ({name})")


def load_platforms(files: ListFiles | None = None) -> list[Platform]:
    """Read the platform list, sorted by domain.

    A platform has one category and is ambiguous or not, as the last file says where files differ;
    rows may leave either out. Raises BadUsage with file and line.
    """
    owners: dict[str, str] = {}
    facts: dict[tuple[str, str], str] = {}
    for path in (files or ListFiles()).paths("platforms"):
        domains, said = _platform_lines(path)
        owners |= domains
        facts |= said
    return [
        Platform(
            domain,
            owners[domain],
            facts.get((owners[domain], "category"), ""),
            {"yes": True, "no": False}.get(facts.get((owners[domain], "ambiguous"), "").lower()),
        )
        for domain in sorted(owners)
    ]


def _platform_lines(path: Path) -> tuple[dict[str, str], dict[tuple[str, str], str]]:
    """Return one file's domains with their platforms, and by (platform, column) what it says."""
    domains: dict[str, str] = {}
    facts: dict[tuple[str, str], Line] = {}
    for line in read_lines(path, ("domain", "platform"), ("domain", "platform", *_PLATFORM_FACTS)):
        domain, name = line.cell("domain").lower(), line.cell("platform")
        if not domain or not name:
            raise line.wrong("a domain and a platform are needed")
        if not _DOMAIN.fullmatch(domain):
            raise line.wrong(f"{domain!r} is no domain, such as example.org")
        if domain in domains:
            raise line.wrong(f"{domain} occurs twice")
        _check_choice(line, "ambiguous")
        domains[domain] = name
        for column in _PLATFORM_FACTS:
            if line.cell(column):
                _check_same(line, facts.setdefault((name, column), line), column)
    return domains, {key: line.cell(key[1]) for key, line in facts.items()}


def _check_same(line: Line, first: Line, column: str) -> None:
    """Refuse a row that says something else of its platform than an earlier row."""
    if line.cell(column).lower() != first.cell(column).lower():
        before = f"{first.cell(column)!r} on line {first.number}"
        what = "" if column == "category" else f"{column} "
        raise line.wrong(
            f"{line.cell('platform')} is {what}{line.cell(column)!r} here and {before}"
        )


def _check_choice(line: Line, column: str) -> None:
    """Refuse what is neither yes nor no nor empty."""
    if line.cell(column).lower() not in ("yes", "no", ""):
        raise line.wrong(f"{column} is yes, no or empty, not {line.cell(column)!r}")


def load_all(files: ListFiles) -> dict[str, list[Entity]]:
    """Read every list, so that a mistake is told before any work begins; return the entities."""
    files.check()
    load_platforms(files)
    return {name: load_entities(name, files) for name in ENTITY_LISTS}


def _values(cell: str) -> tuple[str, ...]:
    return tuple(value.strip() for value in cell.split("|") if value.strip())
