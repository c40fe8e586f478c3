"""The code version of an asset: a digest of everything that, if changed, may change its output.

That is the import closure of its modules (found by the library that also lints imports), the SQL
and the data files these name, the schemas of its tables, the lists and templates it reads, and the
versions of the libraries whose data or semantics end up in its bytes. Lives here: that digest.
Not here: settings and inputs (`plan`).
"""

from __future__ import annotations

import ast
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import distribution
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

import grimp

from laion_assets.core.base import package
from laion_assets.core.base.files import sha256_bytes, sha256_json
from laion_assets.core.build.graph import GRAPH
from laion_assets.core.names import registry
from laion_assets.core.names.list_files import list_path
from laion_assets.core.tables.declarations import Table

_NAME = package.PACKAGE.name
_LISTS = registry.__name__
#: Import name -> distribution, of the libraries whose data or semantics are published: another
#: version may give other bytes. What only computes (numpy, numba) or checks does not.
_LIBRARIES: Mapping[str, str] = {
    "ada_url": "ada-url",
    "deflate": "deflate",
    "duckdb": "duckdb",
    "jinja2": "jinja2",
    "mmh3": "mmh3",
    "pyarrow": "pyarrow",
    "tldextract": "tldextract",
    "yaml": "pyyaml",
}
#: Data of a library that may be newer than its version says.
_LIBRARY_DATA: Mapping[str, str] = {"tldextract": ".tld_set_snapshot"}


@cache
def code_version(name: str) -> str:
    """Return the code version of an asset: 16 hexadecimal digits.

    Python modules count by their syntax tree without docstrings, so a comment redoes nothing.
    """
    node = GRAPH[name]
    parts: dict[str, str] = {}
    for module in closure(name):
        if module == _LISTS and not (node.templates or node.export):
            parts[module] = _lists_digest()
        elif module.partition(".")[0] == _NAME:
            parts[module] = module_digest(module)
            parts |= {_below(path): _digest(path) for path in _named_files(module)}
        elif module in _LIBRARIES:
            parts[module] = library_digest(module)
        elif module == "unicodedata":
            parts[module] = unicodedata.unidata_version
    parts |= {f"lists/{list_name}": _digest(list_path(list_name)) for list_name in node.lists}
    parts |= {f"tables/{table.name}": _schema_digest(table) for table in node.tables}
    if node.templates:
        parts["site_templates"] = _digest(package.TEMPLATES)
    return sha256_json(parts)[:16]


@cache
def _imports() -> grimp.ImportGraph:
    """Return who imports whom, libraries included; imports for type checking do not count."""
    return grimp.build_graph(
        _NAME, include_external_packages=True, exclude_type_checking_imports=True, cache_dir=None
    )


@cache
def closure(name: str) -> tuple[str, ...]:
    """Return every module, ours and others', that the modules of an asset import; sorted."""
    graph = _imports()
    modules = {f"{_NAME}.core.{module}" for module in GRAPH[name].modules}
    imported = set().union(*(graph.find_upstream_modules(module) for module in modules))
    return tuple(sorted(modules | imported))


@cache
def sample_version() -> str:
    """Return a digest of what invents the embedded sample's rows, its lexicon included."""
    return _digest(package.PACKAGE / "sample")[:16]


@cache
def library_digest(module: str) -> str:
    """Return a digest of a library's version and of the data it publishes through us."""
    parts = {"version": distribution(_LIBRARIES[module]).version}
    if module in _LIBRARY_DATA:
        data = files(module).joinpath(_LIBRARY_DATA[module])
        parts["data"] = sha256_bytes(data.read_bytes())
    return sha256_json(parts)[:16]


def _source(module: str) -> Path:
    spec = find_spec(module)
    assert spec is not None  # noqa: S101 - the import graph found it
    assert spec.origin is not None  # noqa: S101 - every module of ours is a file
    return Path(spec.origin)


@cache
def module_digest(module: str) -> str:
    """Return the digest of a module of ours."""
    return _digest(_source(module))


@cache
def _named_files(module: str) -> tuple[Path, ...]:
    """Return the queries, and the files beside it, that a module names in a literal."""
    source = _source(module)
    found = (_file_of(text, source.parent) for text in _texts(source.read_bytes()))
    return tuple(sorted({path for path in found if path is not None}))


def _file_of(text: str, folder: Path) -> Path | None:
    room, _, rest = text.partition("/")
    if room.isidentifier() and rest.isidentifier() and (package.SQL / f"{text}.sql").is_file():
        return package.SQL / f"{text}.sql"
    stem, _, ending = text.partition(".")
    beside = stem.isidentifier() and ending.isidentifier() and (folder / text).is_file()
    return folder / text if beside else None


def _texts(source: bytes) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _schema_digest(table: Table) -> str:
    """Return the digest of what a table's bytes follow from; what its columns mean does not."""
    columns = [[column.name, str(column.type)] for column in table.columns]
    return sha256_json([columns, list(table.sort)])[:16]


@cache
def _lists_digest() -> str:
    """Return the digest of what of the lists' declarations reaches a table; its words do not.

    Those are on pages and in exports, whose code they are as a whole.
    """
    lists = [
        [about.name, about.singular, about.kind, [[c.name, c.kind] for c in about.columns]]
        for about in registry.LISTS.values()
    ]
    tree = ast.parse(_source(_LISTS).read_bytes())
    tree.body = [node for node in tree.body if not _declares_lists(node)]
    return sha256_json([lists, _syntax(ast.unparse(tree).encode()).decode()])[:16]


def _declares_lists(node: ast.stmt) -> bool:
    """Tell whether a statement is `LISTS = …`, or a column that several lists have."""
    value = getattr(node, "value", None)
    target = getattr(node, "target", None) or next(iter(getattr(node, "targets", ())), None)
    named = isinstance(target, ast.Name) and target.id == "LISTS"
    function = getattr(value, "func", None)
    return named or (isinstance(function, ast.Name) and function.id == "ListColumn")


def _below(path: Path) -> str:
    return path.relative_to(package.PACKAGE).as_posix()


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
    if path.suffix == ".py":
        content = _syntax(content)
    elif path.suffix == ".sql":
        lines = [line for line in content.splitlines() if line.strip()]
        content = b"\n".join(line for line in lines if not line.lstrip().startswith(b"--"))
    return sha256_bytes(content)


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


def forget() -> None:
    """Let every version be worked out anew, as in a new process; for tests that change files."""
    for remembered in (
        code_version, _imports, closure, sample_version, library_digest, module_digest,
        _named_files, _digest, _lists_digest,
    ):  # fmt: skip
        remembered.cache_clear()
