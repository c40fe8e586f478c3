"""Records from TOML and JSON: what is wrong with them is one line that names the key."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from msgspec import Meta

from laion_assets.core.base.errors import BadUsage
from laion_assets.core.base.records import read_json, to_record


@dataclass(frozen=True)
class Place:
    """A table within a table."""

    kind: Literal["here", "there"]
    steps: int = 0


@dataclass(frozen=True)
class Thing:
    """A record with a key of every kind."""

    title: str | None = None
    tags: tuple[str, ...] = ()
    open: bool = True
    share: Annotated[float, Meta(ge=0, le=1)] = 0.5
    rows: Annotated[int, Meta(ge=1)] | None = None
    place: Place | None = None
    places: tuple[Place, ...] = ()
    names: dict[str, str | tuple[str, ...]] = field(default_factory=dict)


def test_values_become_a_record() -> None:
    """Tables become records, lists become tuples, what is left out has its default."""
    raw = {"tags": ["a"], "share": 1, "place": {"kind": "here"}, "names": {"x": ["y"], "z": "w"}}
    names: dict[str, str | tuple[str, ...]] = {"x": ("y",), "z": "w"}
    expected = Thing(tags=("a",), share=1.0, place=Place("here"), names=names)
    assert to_record(raw, Thing, "x.toml") == expected


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        ({"title": 1}, "title is 1, not a text"),
        ({"tags": "a"}, "tags is 'a', not a list of texts"),
        ({"tags": [1]}, "tags is [1], not a list of texts"),
        ({"open": 1}, "open is 1, not true or false"),
        ({"share": "half"}, "share is 'half', not a number"),
        ({"share": 1.5}, "share is 1.5, not a number from 0 to 1"),
        ({"rows": 0}, "rows is 0, not a whole number of 1 or more"),
        ({"rows": True}, "rows is True, not a whole number"),
        ({"rows": 1.0e300}, "rows is 1e+300, not a whole number"),
        ({"place": "home"}, "place is 'home', not a table"),
        ({"place": {"kind": "away"}}, "[place] kind is 'here' or 'there', not 'away'"),
        ({"place": {}}, "[place] needs kind: 'here' or 'there'"),
        ({"places": [3]}, "places is [3], not a list of tables"),
        ({"places": [{"kind": "here"}, {}]}, "[places] needs kind: 'here' or 'there'"),
        ({"places": [{"kind": "here", "steps": "x"}]}, "[places] steps is 'x', not a whole number"),
        ({"places": [{"kind": "here", "x": 1}]}, "[places] unknown key 'x'; known: kind, steps"),
        ({"names": {"x": 5}}, "[names] x is 5, not a list of texts"),
        ({"titel": ""}, "unknown key 'titel'; did you mean title?"),
        ({"place": {"stpes": 1}}, "[place] unknown key 'stpes'; did you mean steps?"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_line_that_names_the_key(raw: dict[str, Any], line: str) -> None:
    """The file, the key, what it holds and what it should hold."""
    with pytest.raises(BadUsage) as raised:
        to_record(raw, Thing, "x.toml")
    assert str(raised.value) == f"x.toml: {line}"


def test_a_key_like_no_other_is_answered_with_all_there_are() -> None:
    """Where nothing is meant, what is known is listed."""
    with pytest.raises(BadUsage, match="unknown key 'zzzz'; known: title, tags, open"):
        to_record({"zzzz": 1}, Thing, "")


@pytest.mark.parametrize("content", [None, b"", b"[]", b'{"kind": "elsewhere"}', b"\xff"])
def test_json_of_another_version_is_none(tmp_path: Path, content: bytes | None) -> None:
    """What this program cannot have written is made again, not complained about."""
    path = tmp_path / "place.json"
    if content is not None:
        path.write_bytes(content)
    assert read_json(path, Place) is None
    path.write_bytes(b'{"kind": "there", "steps": 2}')
    assert read_json(path, Place) == Place("there", 2)
