"""Queries as trees, and as somebody types them.

Lives here: what a query is made of. The trees are made by the benchmark, never parsed, so that
nothing here can be wrong in the way that the client is. Not here: which queries are asked
(`search_queries`), what they find (`search_referee`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Text:
    """A word or a phrase, perhaps with its last word as a beginning."""

    text: str
    prefix: bool = False


@dataclass(frozen=True)
class Field:
    """A field with its value."""

    name: str
    value: str


@dataclass(frozen=True)
class Inside:
    """A run of characters inside longer words, of scripts without spaces."""

    run: str


@dataclass(frozen=True)
class Not:
    """All that does not match."""

    part: Node


@dataclass(frozen=True)
class And:
    """What matches all parts."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Or:
    """What matches any part."""

    parts: tuple[Node, ...]


Node: TypeAlias = "Text | Field | Inside | Not | And | Or"


def typed(node: Node) -> str:
    """Return a query as somebody types it."""
    match node:
        case Text(text, prefix):
            quote = '"' if " " in text else ""
            return f"{quote}{text}{quote}{'*' if prefix else ''}"
        case Field(name, value):
            return f'{name}:"{value}"' if " " in value else f"{name}:{value}"
        case Inside(run):
            return run
        case Not(part):
            return f"-{_grouped(part)}"
        case And(parts):
            return " ".join(_grouped(part) for part in parts)
        case Or(parts):
            return " OR ".join(_grouped(part) for part in parts)


def _grouped(node: Node) -> str:
    return f"({typed(node)})" if isinstance(node, And | Or) else typed(node)
