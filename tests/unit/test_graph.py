"""The asset graph: what an asset's code is, and that no code that matters is left out."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from laion_assets.core import graph
from laion_assets.core.graph import GRAPH, MERGED, PACKAGE, PER_FILE, TEMPLATES, code_version

#: Modules below core/ that no output depends on: where things lie, whether they are stale, what is
#: said about them. What settings and sources say reaches the outputs as recorded inputs.
NO_OUTPUT = {
    "core/__init__.py",
    "core/errors.py",
    "core/coverage.py",
    "core/files.py",
    "core/graph.py",
    "core/lookup.py",
    "core/plan.py",
    "core/published_ids.py",
    "core/queries.py",
    "core/remote_sources.py",
    "core/settings.py",
    "core/sources.py",
    "core/stamps.py",
    "core/verdicts.py",
    "core/workspace.py",
    "sql/find_removed.sql",
}


#: (module, what it imports) where assets that do not name the latter use only the rest of the
#: former: slugs and names do not reach nsfw or years, tokens do not reach the list of platforms.
NOT_REACHED = {
    ("core/aggregates.py", "core/lists.py"),
    ("core/aggregates.py", "core/site/safety.py"),
    ("core/cleaning.py", "core/hosts.py"),
    ("core/datasets.py", "core/bounds.py"),
    ("core/cleaning.py", "core/removal.py"),
    ("core/lists.py", "core/text/tokens.py"),
}


def covered() -> set[str]:
    """Return every file that is part of some asset's code, below the package."""
    files = set()
    for node in GRAPH.values():
        for entry in node.code:
            path = PACKAGE / entry
            members = path.rglob("*") if path.is_dir() else [path]
            files |= {m.relative_to(PACKAGE).as_posix() for m in members if m.is_file()}
    return files


# -- the graph -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", GRAPH)
def test_everything_named_exists(name: str) -> None:
    """Modules, queries and lists of an asset are there, and its upstreams come before it."""
    node = GRAPH[name]
    assert node.name == name
    assert [path for path in node.code if not (PACKAGE / path).exists()] == []
    assert [path for path in node.lists if not (PACKAGE / "lists" / f"{path}.csv").is_file()] == []
    before = list(GRAPH)[: list(GRAPH).index(name)]
    assert set(node.upstream) <= set(before)


def test_every_module_that_matters_is_some_asset_s_code() -> None:
    """A module or query in core/ or sql/ is covered, or listed here as touching no output."""
    present = {
        path.relative_to(PACKAGE).as_posix()
        for folder, ending in (("core", "*.py"), ("sql", "*.sql"))
        for path in (PACKAGE / folder).rglob(ending)
    }
    left_over = present - covered() - NO_OUTPUT
    assert {path for path in left_over if not path.startswith("core/download/")} == set()
    assert NO_OUTPUT - present == set()
    assert NO_OUTPUT & covered() == set()


def imported(module: Path) -> set[Path]:
    """Return the package's modules that a module imports."""
    found = set()
    for node in ast.walk(ast.parse(module.read_bytes())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("laion_assets."):
            base = PACKAGE.joinpath(*str(node.module).split(".")[1:])
            for name in node.names:
                module_file = base.with_suffix(".py")
                whole = module_file if module_file.is_file() else base / "__init__.py"
                part = base / f"{name.name}.py"
                found.add(part if part.is_file() else whole)
    return found


@pytest.mark.parametrize("name", GRAPH)
def test_imported_code_is_the_asset_s_code_too(name: str) -> None:
    """What the code of an asset imports is part of it, or listed above as not reaching it."""
    mine = {path for entry in GRAPH[name].code for path in modules(PACKAGE / entry)}
    missing = {
        (module.relative_to(PACKAGE).as_posix(), other.relative_to(PACKAGE).as_posix())
        for module in mine
        for other in imported(module) - mine
    }
    assert {pair for pair in missing if pair[1] not in NO_OUTPUT} <= NOT_REACHED


def modules(path: Path) -> list[Path]:
    """Return the Python modules at a path."""
    if path.is_dir():
        return list(path.rglob("*.py"))
    return [path] if path.suffix == ".py" else []


def test_every_list_and_the_templates_are_some_asset_s() -> None:
    """A changed list or template re-runs something."""
    listed = {name for node in GRAPH.values() for name in node.lists}
    assert listed == {path.stem for path in (PACKAGE / "lists").glob("*.csv")}
    assert [node.name for node in GRAPH.values() if node.templates] == ["site"]
    assert TEMPLATES.is_dir()


def test_lists_never_re_run_cleaning_or_tokenising() -> None:
    """Names enter at the merge: only mentions and merged assets depend on a list."""
    depend = {name for name, node in GRAPH.items() if node.lists}
    assert not depend & {"raw_parquet", "images", "index_segment"}
    assert "core/lists.py" not in GRAPH["index_segment"].code


def test_per_file_assets_depend_on_their_own_file_only() -> None:
    """Nothing left of the graph waits for the merge."""
    for name in PER_FILE:
        assert set(GRAPH[name].upstream) <= set(PER_FILE)
    assert set(PER_FILE) | set(MERGED) == set(GRAPH)
    assert set(PER_FILE) == {"raw_parquet", "images", "mentions", "index_segment"}


# -- code versions ---------------------------------------------------------------------------------

SOURCE = '''"""Module."""


def double(n):
    """Twice."""
    return 2 * n


class Thing:
    """A thing."""

    async def wait(self):
        """Wait."""
'''


def version(source: str) -> bytes:
    """Return what of a module counts."""
    return graph._syntax(source.encode())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    return 2 * n", "    # why\n    return (2 *\n            n)  # twice"),
        ('"""Module."""', '"""Another."""\n# coding'),
        ('    """Twice."""', '    """Twice\n\n    as much.\n    """'),
        ('    """Twice."""\n', ""),
        ('    """A thing."""\n', '    """Something."""\n'),
        ('        """Wait."""', '        """Wait longer."""'),
    ],
)
def test_comments_docstrings_and_layout_make_no_version(old: str, new: str) -> None:
    """A comment re-runs nothing."""
    assert SOURCE.count(old) == 1
    assert version(SOURCE.replace(old, new)) == version(SOURCE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("2 * n", "3 * n"),
        ("double", "twice"),
        ("2 * n", '"""Twice."""'),
        ("class Thing:", "@final\nclass Thing:"),
        ("(n)", "(n, m=1)"),
    ],
)
def test_anything_else_makes_a_new_version(old: str, new: str) -> None:
    """Whatever can change what code does changes its version."""
    assert SOURCE.count(old) == 1
    assert version(SOURCE.replace(old, new)) != version(SOURCE)


TEXT_ASSETS = {
    "mentions", "index_segment", "artists", "celebrities", "characters", "search_index", "study",
}  # fmt: skip
PLATFORM_ASSETS = {"mentions", "domains", "platforms", "search_index", "study"}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files and folders of the names that the graph knows, with hardly anything in them."""
    for node in GRAPH.values():
        for entry in (*node.code, *(f"lists/{name}.csv" for name in node.lists)):
            whole = (PACKAGE / entry).is_dir()
            path = tmp_path / entry / "module.py" if whole else tmp_path / entry
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("x = 0\n", encoding="utf-8")
    (tmp_path / "site_templates").mkdir()
    (tmp_path / "site_templates" / "a.html").write_text("a", encoding="utf-8")
    monkeypatch.setattr(graph, "PACKAGE", tmp_path)
    monkeypatch.setattr(graph, "LISTS", tmp_path / "lists")
    monkeypatch.setattr(graph, "TEMPLATES", tmp_path / "site_templates")
    return tmp_path


def versions() -> dict[str, str]:
    """Return every asset's code version, read anew."""
    graph.code_version.cache_clear()
    graph._digest.cache_clear()
    try:
        return {name: code_version(name) for name in GRAPH}
    finally:
        graph.code_version.cache_clear()
        graph._digest.cache_clear()


@pytest.mark.parametrize(
    ("path", "addition", "concerned"),
    [
        ("core/repair.py", "X = 1", {"images", "quality"}),
        ("core/repair.py", "# nothing", set()),
        ("sql/judge_rows.sql", "-- nothing", {"images"}),
        ("sql/count_years.sql", "-- x", {"years"}),
        ("lists/artists.csv", "X,,,,,,,,,", {"mentions", "artists"}),
        ("lists/platforms.csv", "x.com,X,x,x", PLATFORM_ASSETS),
        ("core/site/new.py", "X = 1", {"site"}),
        ("site_templates/a.html", "b", {"site"}),
        ("core/index/merge.py", "X = 1", {"search_index"}),
        ("core/index/segment.py", "X = 1", {"index_segment", "search_index"}),
        ("core/text/kernels.py", "X = 1", TEXT_ASSETS),
    ],
)
def test_change_concerns_the_assets_it_should(
    package: Path, path: str, addition: str, concerned: set[str]
) -> None:
    """Only assets made with a file get a new version when it changes."""
    before = versions()
    with (package / path).open("a", encoding="utf-8") as stream:
        stream.write(f"\n{addition}\n")
    after = versions()
    assert {name for name in GRAPH if after[name] != before[name]} == concerned


def test_caches_of_python_make_no_version(package: Path) -> None:
    """What Python and numba leave beside the code is no code."""
    before = versions()
    (package / "core" / "text" / "__pycache__").mkdir()
    (package / "core" / "text" / "__pycache__" / "x.nbc").write_bytes(b"x")
    assert versions() == before
