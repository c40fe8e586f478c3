"""How much of somebody's list of names ours hold, and which of the rest matter.

Lives here: reading names from a file of another's making, and comparing. Not here: our lists
(`lists`), counting names in captions (`lookup`).
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from laion_assets.core.base.errors import BadUsage
from laion_assets.core.base.typed_text import heading, is_table, read_typed, rows_of
from laion_assets.core.names.lists import Entity, fold_name

_PARENTHESIS = re.compile(r"[()]")
NAME_COLUMNS = ("name", "artist", "celebrity", "character", "display_name", "title")


@dataclass(frozen=True)
class Coverage:
    """One group of another's names.

    How many there are, those we lack in their order, and where the others are (our list -> count).
    """

    group: str
    names: int
    lacking: tuple[str, ...]
    held: Mapping[str, int]


def compare_names(
    names: Mapping[str, Sequence[str]], lists: Mapping[str, Sequence[Entity]]
) -> list[Coverage]:
    """Compare groups of names with our lists.

    Spellings agree when their words do, written as one too, and in any order after a comma:
    `A.J.Casson` is `AJ Casson`, `Hooch, Pieter de` is `Pieter de Hooch`. Names without a letter are
    left out.
    """
    ours: dict[str, str] = {}
    for list_name, entities in lists.items():
        for entity in entities:
            for phrase in entity.phrases:
                for key in _keys(phrase, reordered=True):
                    ours.setdefault(key, list_name)
    return [_compare(group, members, ours) for group, members in names.items()]


def _compare(group: str, names: Iterable[str], ours: Mapping[str, str]) -> Coverage:
    different: dict[str, str] = {}
    for name in names:
        different.setdefault(fold_name(name), name)
    different.pop("", None)
    held: dict[str, int] = {}
    lacking: list[str] = []
    for name in different.values():
        keys = _keys(name, reordered="," in name)
        owner = next((ours[key] for key in keys if key in ours), None)
        if owner is None:
            lacking.append(name)
        else:
            held[owner] = held.get(owner, 0) + 1
    return Coverage(group, len(different), tuple(lacking), dict(sorted(held.items())))


def _keys(name: str, *, reordered: bool) -> list[str]:
    """Return the forms under which a name is compared, the whole first.

    `Erté (Romain de Tirtoff)` is known under either name. A name with a comma may have its words
    in another order; without one, `John Elton` is not Elton John.
    """
    parts = [name, *_PARENTHESIS.split(name)] if "(" in name else [name]
    keys = []
    for words in (fold_name(part).split() for part in parts):
        if words:
            keys += [" ".join(words), "".join(words)]
            keys += ["any order: " + " ".join(sorted(words))] if reordered else []
    return keys


def read_names(path: Path) -> dict[str, list[str]]:
    """Read names from a file of another's making, by group (the file's stem when it has none).

    CSV or TSV with a column of names (and perhaps one of groups), JSON (a list of texts or of
    objects with a name, at any place), or plain text with a name a line. Raises BadUsage when the
    file cannot be read or holds no names.
    """
    text = read_typed(path).text
    suffix = path.suffix.lower()
    if suffix == ".json":
        groups = {path.stem: _json_names(text, path)}
    elif suffix in (".csv", ".tsv") or is_table(text, NAME_COLUMNS):
        groups = _csv_names(text, path, is_tsv=suffix == ".tsv")
    else:
        groups = {path.stem: [line.strip() for line in text.splitlines()]}
    # JSON can spell half of a character, which no file or screen can hold.
    groups = {
        group: [name.encode("utf-8", "replace").decode() for name in names if fold_name(name)]
        for group, names in groups.items()
    }
    if not any(groups.values()):
        raise BadUsage(f"{path}: no names found in it")
    return groups


def _json_names(text: str, path: Path) -> list[str]:
    try:
        return list(_texts(json.loads(text)))
    except (ValueError, RecursionError) as error:
        raise BadUsage(f"{path}: not JSON: {error}") from error


def _texts(value: Any) -> Iterable[str]:
    """Yield the texts of lists and the names of objects, however deep."""
    if isinstance(value, list):
        for member in value:
            if isinstance(member, str):
                yield member
            else:
                yield from _texts(member)
    elif isinstance(value, dict):
        if isinstance(value.get("name"), str):
            yield value["name"]
        else:
            for member in value.values():
                yield from _texts(member)


def _csv_names(text: str, path: Path, *, is_tsv: bool) -> dict[str, list[str]]:
    """Read a column of names; quotation marks are text in TSV, as everywhere here."""
    separator = "\t" if is_tsv else ""
    number = 0
    rows: list[list[str]] = []
    try:
        for found in rows_of(text, NAME_COLUMNS, separator=separator, quoted=not is_tsv):
            number = found[0]
            rows.append(found[1])
    except csv.Error as error:
        raise BadUsage(f"{path}, line {number + 1}: {error}") from error
    columns = {heading(cell): place for place, cell in enumerate(rows[0] if rows[1:] else ())}
    name = next((columns[column] for column in NAME_COLUMNS if column in columns), None)
    if name is None:
        raise BadUsage(f"{path}: no column of names; one of {', '.join(NAME_COLUMNS)} is needed")
    group = columns.get("list")
    groups: dict[str, list[str]] = {}
    for row in rows[1:]:
        key = _cell(row, group) or path.stem
        groups.setdefault(key, []).append(_cell(row, name))
    return groups


def _cell(row: Sequence[str], place: int | None) -> str:
    return row[place] if place is not None and place < len(row) else ""
