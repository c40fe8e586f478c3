"""Records from TOML and JSON: msgspec does the work, here it learns to speak to people.

Lives here: turning plain values into a record, and what is wrong with them into one line that names
the key and, for a key nobody reads, the one that may be meant. Not here: any record.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from laion_assets.core.base.errors import BadUsage

Record = TypeVar("Record")

_AT = re.compile(r" - at `\$(?P<path>[^`]*)`$")
_MISSING = re.compile(r"^Object missing required field `(?P<key>[^`]*)`")
_STEP = re.compile(r"\.(?P<key>[^.\[]+)|\[(?P<place>[0-9]+|\.\.\.)\]")
_WORDS: Mapping[type[inspect.Type], str] = {
    inspect.StrType: "a text",
    inspect.IntType: "a whole number",
    inspect.FloatType: "a number",
    inspect.BoolType: "true or false",
    inspect.DictType: "a table",
    inspect.StructType: "a table",
    inspect.DataclassType: "a table",
}


def to_record(raw: Mapping[str, Any], kind: type[Record], where: str) -> Record:
    """Return plain values (as TOML and JSON give them) as a record of some dataclass or Struct.

    Values are taken as they are: no text becomes a number, no number a truth. Raises BadUsage, with
    `where` (unless it is empty), the key and what belongs there, for a value of the wrong kind, a
    key that is missing and a key that nobody reads.
    """
    shape = inspect.type_info(kind)
    _refuse_unknown(raw, shape, where, "")
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        raise wrong(where, _explain(str(error), raw, shape)) from error


def wrong(where: str, problem: str) -> BadUsage:
    """Return the error for a problem in the place that `where` names, if it names any."""
    return BadUsage(f"{where}: {problem}" if where else problem)


def read_json(path: Path, kind: type[Record]) -> Record | None:
    """Return a record that this program wrote as JSON; None when it is not there or not of a kind.

    What was written by another version is made again, so that it is no error.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError, RecursionError, UnicodeError):
        return None


def unknown(what: str, given: str, known: Sequence[str]) -> str:
    """Return what to say of a name that is none of those known: which of them may be meant."""
    near = get_close_matches(given, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"
    return f"unknown {what} {given!r}; {hint}"


def _refuse_unknown(raw: Any, shape: inspect.Type, where: str, prefix: str) -> None:
    shape = _given(shape)
    if isinstance(shape, inspect.DataclassType | inspect.StructType) and isinstance(raw, Mapping):
        fields = {field.encode_name: field.type for field in shape.fields}
        for key, value in raw.items():
            if key not in fields:
                raise wrong(where, f"{prefix}{unknown('key', key, list(fields))}")
            _refuse_unknown(value, fields[key], where, f"[{key}] ")
    elif isinstance(shape, inspect.ListType | inspect.VarTupleType) and isinstance(raw, list):
        for member in raw:
            _refuse_unknown(member, shape.item_type, where, prefix)


def _given(shape: inspect.Type) -> inspect.Type:
    """Return a type without the `None` that stands for a key left out, and without its words."""
    if isinstance(shape, inspect.Metadata):
        return _given(shape.type)
    if isinstance(shape, inspect.UnionType):
        kinds = [kind for kind in shape.types if not isinstance(kind, inspect.NoneType)]
        return kinds[0] if len(kinds) == 1 else inspect.UnionType(tuple(kinds))
    return shape


def _explain(message: str, raw: Any, shape: inspect.Type) -> str:
    """Say which key holds what, and what it should hold."""
    found, missing = _AT.search(message), _MISSING.match(message)
    if found is None:
        return f"needs {missing['key']}" if missing else message
    prefix, key, steps = "", "", list(_STEP.finditer(found["path"]))
    for number, step in enumerate(steps):
        shape = _given(shape)
        if step["key"] is None:
            member = _member(raw, shape, step["place"])
            if member is None:  # a member of a list of texts: what is wrong is all of it
                return _wrong(prefix, key, raw, shape, steps[number:])
            raw, shape = member
            continue
        prefix = f"[{key}] " if key else ""
        key = step["key"]
        shape = {field.encode_name: field.type for field in _fields(shape)}[key]
        raw = raw[key]
    if missing:
        wanted = {field.encode_name: field.type for field in _fields(_given(shape))}
        return f"[{key}] needs {missing['key']}{_choices(wanted[missing['key']])}"
    return _wrong(prefix, key, raw, shape, []) if key else message


def _member(raw: Any, shape: inspect.Type, place: str) -> tuple[Any, inspect.Type] | None:
    """Return a table of a list of tables, and its type; None for a member of anything else."""
    if isinstance(shape, inspect.ListType | inspect.VarTupleType) and place.isdecimal():
        member = raw[int(place)]
        if isinstance(member, Mapping) and _fields(_given(shape.item_type)):
            return member, shape.item_type
    return None


def _choices(shape: inspect.Type) -> str:
    """Return the values of a closed set after a colon; nothing for any other type."""
    if not isinstance(shape, inspect.LiteralType):
        return ""
    known = [repr(choice) for choice in shape.values]
    return f": {', '.join(known[:-1])} or {known[-1]}"


def _fields(shape: inspect.Type) -> Sequence[inspect.Field]:
    return getattr(shape, "fields", ())


def _wrong(
    prefix: str, key: str, raw: Any, shape: inspect.Type, rest: Sequence[re.Match[str]]
) -> str:
    shape = _given(shape)
    if isinstance(shape, inspect.DictType) and rest and isinstance(raw, Mapping):
        for name, value in raw.items():
            if not _fits(value, shape.value_type):
                return f"[{key}] {name} is {value!r}, not {_words(shape.value_type)}"
    if isinstance(shape, inspect.LiteralType):
        return f"{prefix}{key} is{_choices(shape)[1:]}, not {raw!r}"
    limits = _limits(shape) if _fits(raw, _unlimited(shape)) else ""
    return f"{prefix}{key} is {raw!r}, not {_words(shape)}{limits}"


def _fits(value: Any, shape: inspect.Type) -> bool:
    """Tell whether a value is of a simple type, or a list of texts."""
    shape = _given(shape)
    kinds = shape.types if isinstance(shape, inspect.UnionType) else (shape,)
    return any(_is(value, kind) for kind in kinds)


def _is(value: Any, shape: inspect.Type) -> bool:
    if isinstance(shape, inspect.StrType):
        return isinstance(value, str)
    if isinstance(shape, inspect.IntType):
        return isinstance(value, int) and not isinstance(value, bool)
    if isinstance(shape, inspect.FloatType):
        return isinstance(value, int | float) and not isinstance(value, bool)
    if isinstance(shape, inspect.ListType | inspect.VarTupleType):
        return isinstance(value, list) and all(_fits(member, shape.item_type) for member in value)
    return False


def _unlimited(shape: inspect.Type) -> inspect.Type:
    return type(shape)() if isinstance(shape, inspect.IntType | inspect.FloatType) else shape


def _limits(shape: inspect.Type) -> str:
    low, high = getattr(shape, "ge", None), getattr(shape, "le", None)
    if low is None and high is None:
        return ""
    if high is None:
        return f" of {low:,} or more"
    return f" of {high:,} or less" if low is None else f" from {low:,} to {high:,}"


def _words(shape: inspect.Type) -> str:
    shape = _given(shape)
    if isinstance(shape, inspect.ListType | inspect.VarTupleType):
        return "a list of texts" if _is([""], shape) else "a list of tables"
    if isinstance(shape, inspect.UnionType):
        return _words(shape.types[-1])
    return _WORDS.get(type(shape), "what belongs there")
