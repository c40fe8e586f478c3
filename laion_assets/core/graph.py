"""The asset graph as data: what each asset is made from, and the code version that follows.

Lives here: names, upstreams, which modules, queries, lists and templates make an asset's code.
Not here: what is stale (`plan`), how an asset is made (`laion_assets.assets`).
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from laion_assets.core.files import sha256_bytes, sha256_json

PACKAGE = Path(__file__).parents[1]
TEMPLATES = PACKAGE.parent / "site_templates"
LISTS = PACKAGE / "lists"
ENTITY_LISTS = ("artists", "celebrities", "characters")
ALL_LISTS = (*ENTITY_LISTS, "platforms")


@dataclass(frozen=True)
class AssetNode:
    """One asset: per source file (left of the graph) or merged (right)."""

    name: str
    per_file: bool
    upstream: tuple[str, ...]
    code: tuple[str, ...]  # files or folders below the package; Python counts by its syntax tree
    lists: tuple[str, ...] = ()
    templates: bool = False


_READING = (
    "core/reading.py",
    "core/columns.py",
    "core/datasets.py",
    "core/layout.py",
    "core/parquet_footer.py",
    "core/parquet_pages.py",
    "core/parquet_rows.py",
    "core/text_lines.py",
    "core/text_rows.py",
    "core/values.py",
)
_AGGREGATES = ("core/aggregates.py", "core/tables.py")
_TEXT = ("core/text",)
_LISTS = ("core/lists.py", "core/list_files.py")

_NODES = (
    AssetNode("raw_parquet", True, (), (*_READING, "core/sample", "core/raw.py")),
    AssetNode(
        "images",
        True,
        ("raw_parquet",),
        (
            *_READING,
            "core/cleaning.py",
            "core/repair.py",
            "core/hosts.py",
            "core/tables.py",
            "core/removal.py",
            "core/index/terms.py",
            "sql/identify_rows.sql",
            "sql/parse_rows.sql",
            "sql/judge_rows.sql",
        ),
    ),
    AssetNode(
        "mentions",
        True,
        ("images",),
        (
            *_TEXT,
            *_LISTS,
            "core/mentions.py",
            "core/scanning.py",
            "core/variant_counts.py",
            "core/variants.py",
            "core/tables.py",
        ),
        lists=ALL_LISTS,
    ),
    AssetNode(
        "index_segment",
        True,
        ("images",),
        (
            *_TEXT,
            "core/index/segment.py",
            "core/index/terms.py",
            "core/tables.py",
            "sql/rank_documents.sql",
        ),
    ),
    AssetNode(
        "domains",
        False,
        ("images",),
        (
            *_AGGREGATES,
            *_LISTS,
            "core/site/safety.py",
            "sql/count_domains.sql",
            "sql/list_best_rows.sql",
        ),
        lists=("platforms",),
    ),
    AssetNode(
        "platforms",
        False,
        ("domains", "images"),
        (*_AGGREGATES, *_LISTS, "sql/count_platforms.sql"),
        lists=("platforms",),
    ),
    AssetNode("words", False, ("images", "index_segment"), (*_AGGREGATES, "sql/count_words.sql")),
    *(
        AssetNode(
            name,
            False,
            ("images", "mentions", "words"),
            (
                *_AGGREGATES,
                *_TEXT,
                *_LISTS,
                "core/companions.py",
                "core/context.py",
                "core/entities.py",
                "core/variants.py",
                "core/site/safety.py",
                "sql/count_entities.sql",
                "sql/count_facets.sql",
                "sql/list_best_rows.sql",
                "sql/profile_entities.sql",
                "sql/score_words.sql",
                "sql/sum_variants.sql",
            ),
            lists=(name,),
        )
        for name in ENTITY_LISTS
    ),
    AssetNode(
        "study",
        False,
        ("images", "mentions", "platforms", *ENTITY_LISTS),
        (
            *_AGGREGATES,
            *_LISTS,
            *_TEXT,
            "core/bounds.py",
            "core/list_remarks.py",
            "core/study.py",
            "sql/compare_platforms.sql",
            "sql/list_ambiguous.sql",
            "sql/list_internet.sql",
            "sql/rank_artist_types.sql",
            "sql/rank_artists.sql",
            "sql/rank_celebrities.sql",
            "sql/rank_franchises.sql",
            "sql/split_celebrities.sql",
        ),
        lists=("platforms",),
    ),
    AssetNode("nsfw", False, ("images",), (*_AGGREGATES, "sql/measure_nsfw.sql")),
    AssetNode("years", False, ("images",), (*_AGGREGATES, "sql/count_years.sql")),
    AssetNode(
        "duplicates",
        False,
        ("images",),
        (*_AGGREGATES, "sql/count_duplicates.sql", "sql/list_duplicates.sql"),
    ),
    AssetNode(
        "quality",
        False,
        ("images",),
        (
            *_AGGREGATES,
            *_READING,
            "core/quality.py",
            "core/cleaning.py",
            "core/repair.py",
            "sql/measure_quality.sql",
        ),
    ),
    AssetNode(
        "search_index",
        False,
        ("index_segment", "mentions"),
        ("core/index", *_TEXT, *_LISTS, "core/tables.py"),
        lists=("platforms",),
    ),
    AssetNode(
        "site",
        False,
        (
            "domains",
            "platforms",
            "words",
            *ENTITY_LISTS,
            "study",
            "nsfw",
            "years",
            "duplicates",
            "quality",
            "search_index",
        ),
        (
            "core/site",
            "core/bounds.py",
            "core/publish.py",
            "core/tables.py",
            "core/text/unicode61.json",
        ),
        templates=True,
    ),
)

#: Every asset by name, upstream before downstream.
GRAPH: Mapping[str, AssetNode] = {node.name: node for node in _NODES}
PER_FILE = tuple(node.name for node in _NODES if node.per_file)
MERGED = tuple(node.name for node in _NODES if not node.per_file)


def list_path(name: str) -> Path:
    """Return the CSV of a list: artists, celebrities, characters or platforms."""
    return LISTS / f"{name}.csv"


@cache
def code_version(name: str) -> str:
    """Return the code version of an asset: a digest of its modules, queries, lists and templates.

    Python modules count by their syntax tree without docstrings, so a comment re-runs nothing.
    """
    node = GRAPH[name]
    parts = {path: _digest(PACKAGE / path) for path in node.code}
    parts.update({f"lists/{name}": _digest(list_path(name)) for name in node.lists})
    if node.templates:
        parts["site_templates"] = _digest(TEMPLATES)
    return sha256_json(parts)[:16]


@cache
def _digest(path: Path) -> str:
    if path.is_dir():
        members = sorted(
            member
            for member in path.rglob("*")
            if member.is_file() and "__pycache__" not in member.parts
        )
        return sha256_json({m.relative_to(path).as_posix(): _digest(m) for m in members})
    content = path.read_bytes()
    return sha256_bytes(_syntax(content) if path.suffix == ".py" else content)


def _syntax(source: bytes) -> bytes:
    """Return a module's syntax tree as bytes, docstrings and positions left out."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if (
            isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and isinstance(body, list)
            and ast.get_docstring(node, clean=False) is not None
        ):
            node.body = body[1:]
    return ast.dump(tree).encode()
