"""Code versions: an edit redoes what it can touch, and nothing else."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import tldextract

from laion_assets.core.base.package import PACKAGE, TEMPLATES
from laion_assets.core.build import code_version
from laion_assets.core.build.graph import EXPORTS, GRAPH
from laion_assets.core.names.registry import ENTITY_LISTS

ASK = """
import json
from laion_assets.core.build.code_version import code_version, sample_version
from laion_assets.core.build.graph import GRAPH
print(json.dumps({"sample": sample_version(), **{name: code_version(name) for name in GRAPH}}))
"""
LISTS = set(ENTITY_LISTS)
#: What knows names: the matcher's readers, their tables, and where they are published.
NAMES = {"mentions", "study", "search_index", "site", *LISTS}
EXPORTED = set(EXPORTS)
PLATFORMS = {"mentions", "domains", "platforms", "study", "search_index"}


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The code versions of an untouched copy."""
    return versions(copy_package(tmp_path_factory.mktemp("original")))


def copy_package(folder: Path) -> Path:
    """Copy package and templates to a folder of their own."""
    shutil.copytree(PACKAGE, folder / "laion_assets", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(TEMPLATES, folder / "site_templates")
    return folder


def versions(folder: Path) -> dict[str, str]:
    """Return every asset's code version, as a new process works it out for the copy in a folder."""
    done = subprocess.run(
        [sys.executable, "-B", "-c", ASK], cwd=folder, capture_output=True, text=True, check=True
    )
    found: dict[str, str] = json.loads(done.stdout)
    return found


def edit(path: str, old: str, new: str) -> Callable[[Path], None]:
    """Return the edit that replaces a text which stands in a file once."""

    def change(folder: Path) -> None:
        file = folder / path
        text = file.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{path} holds {old!r} {text.count(old)} times"
        file.write_text(text.replace(old, new), encoding="utf-8")

    return change


def append(path: str, text: str) -> Callable[[Path], None]:
    """Return the edit that adds a line to a file."""

    def change(folder: Path) -> None:
        with (folder / path).open("a", encoding="utf-8") as stream:
            stream.write(f"\n{text}\n")

    return change


def add_a_study_table(folder: Path) -> None:
    """Add a question to the study: its query, its columns, and a line that asks it."""
    sql = folder / "laion_assets" / "sql" / "tables" / "count_writers.sql"
    sql.write_text("SELECT count(*) AS writers FROM artists\n", encoding="utf-8")
    tables = "laion_assets/core/tables"
    question = '_QUERIES["study_writers"] = ("tables/count_writers", {})'
    edit(f"{tables}/study.py", "#: Tables the questions", f"{question}\n#: Tables the questions")(
        folder
    )
    columns = 'Column("writers", COUNT, "how many artists mainly write", "names")'
    append(
        f"{tables}/study_tables.py",
        f'STUDY_TABLES += (Table("study_writers", "Artists who write.", ({columns},)),)',
    )(folder)


def new_suffix_list(folder: Path) -> None:
    """Put a tldextract with one suffix more in the place of the installed one."""
    installed = Path(tldextract.__file__).parent
    shutil.copytree(installed, folder / "tldextract")
    with (folder / "tldextract" / ".tld_set_snapshot").open("a", encoding="utf-8") as stream:
        stream.write("\nbrandnew\n")


def another_version(name: str) -> Callable[[Path], None]:
    """Return what makes a library say that it is of another version."""

    def change(folder: Path) -> None:
        information = folder / f"{name.replace('-', '_')}-999.0.dist-info"
        information.mkdir()
        text = f"Metadata-Version: 2.1\nName: {name}\nVersion: 999.0\n"
        (information / "METADATA").write_text(text, encoding="utf-8")

    return change


ALL = set(GRAPH)
EDITS: dict[str, tuple[Callable[[Path], None], set[str]]] = {
    "a comment in the rules": (append("laion_assets/core/cleaning/rules.py", "# why"), set()),
    "a comment in what everything imports": (
        append("laion_assets/core/base/files.py", "# why"),
        set(),
    ),
    "a study table": (add_a_study_table, {"study", "site", *EXPORTED}),
    "the policy of the pages": (
        edit("laion_assets/core/site/safety.py", "default-src 'none'; ", "default-src 'self'; "),
        {"site"},
    ),
    "what a column means": (
        edit("laion_assets/core/tables/columns.py", "different URLs among them", "distinct URLs"),
        {"site", *EXPORTED},
    ),
    "a column of a table": (
        edit("laion_assets/core/tables/registry.py", '"plain_http", COUNT', '"plain_http", TEXT'),
        {"domains", "site", *EXPORTED},
    ),
    "a repair rule": (
        append("laion_assets/core/cleaning/repair.py", "X = 1"),
        {"images", "quality"},
    ),
    "the query that judges rows": (
        append("laion_assets/sql/cleaning/judge_rows.sql", "LIMIT 5"),
        {"images"},
    ),
    "the query that counts years": (
        append("laion_assets/sql/tables/count_years.sql", "LIMIT 5"),
        {"years"},
    ),
    "a comment in a query": (
        append("laion_assets/sql/cleaning/judge_rows.sql", "-- why"),
        set(),
    ),
    "the heading of a list's column": (
        edit("laion_assets/core/names/registry.py", '"type", "Kind"', '"type", "Sort"'),
        {"site", *EXPORTED},
    ),
    "the kind of a list's column": (
        edit(
            "laion_assets/core/names/registry.py", 'known", kind="year")\n_DIED', 'known")\n_DIED'
        ),
        NAMES | EXPORTED | {"domains", "platforms"},
    ),
    "a word of the sample's lexicon": (
        append("laion_assets/sample/lexicon/art.txt", "gouache"),
        {"sample"},
    ),
    "the table of characters": (
        append("laion_assets/core/text/unicode61.json", ""),
        ALL
        - {"raw_parquet", "images", "tallies", "nsfw", "years", "duplicates", "quality"}
        - EXPORTED,
    ),
    "a preset": (append("laion_assets/datasets/files.toml", "rows = 1"), set()),
    "a name on a list": (
        append("laion_assets/lists/artists.csv", "X,,,,,,,,,"),
        {"mentions", "artists"},
    ),
    "a platform": (append("laion_assets/lists/platforms.csv", "x.com,X,x,x"), PLATFORMS),
    "a template": (append("site_templates/404.html", "<p>x</p>"), {"site"}),
    "the merge of the index": (
        append("laion_assets/core/index/merge.py", "X = 1"),
        {"search_index"},
    ),
    "which names look alike": (
        append("laion_assets/core/names/variants.py", "X = 1"),
        {"mentions", *LISTS},
    ),
    "how tables are written": (
        append("laion_assets/core/base/parquet.py", "X = 1"),
        ALL - {"raw_parquet", "site", "datasette_db", "dataset_card"},
    ),
    "what is written of a source file": (
        append("laion_assets/core/reading/description.py", "X = 1"),
        {"raw_parquet"},
    ),
    "looking names up": (append("laion_assets/core/names/lookup.py", "X = 1"), set()),
    "what is stale": (append("laion_assets/core/build/plan.py", "X = 1"), set()),
    "downloading": (append("laion_assets/core/sources/download/client.py", "X = 1"), set()),
    "a new suffix list": (new_suffix_list, {"images"}),
    "another deflate": (another_version("deflate"), {"search_index"}),
    "another mmh3": (another_version("mmh3"), {"images"}),
    "another pyarrow": (another_version("pyarrow"), ALL),
    "what Datasette is told": (
        append("laion_assets/core/exports/browser.py", "X = 1"),
        {"datasette_db"},
    ),
    "the query that ranks rows for export": (
        append("laion_assets/sql/exports/list_images.sql", "LIMIT 5"),
        {"datasette_db"},
    ),
    "another PyYAML": (another_version("pyyaml"), {"datasette_db", "dataset_card"}),
    "another Jinja": (another_version("jinja2"), {"site"}),
    "another numba": (another_version("numba"), set()),
}


@pytest.mark.parametrize("what", EDITS)
def test_an_edit_redoes_what_it_can_touch_and_nothing_else(
    what: str, tmp_path: Path, original: dict[str, str]
) -> None:
    """Exactly the assets whose output may differ get another version."""
    change, concerned = EDITS[what]
    folder = copy_package(tmp_path)
    change(folder)
    changed = versions(folder)
    assert {name for name in changed if changed[name] != original[name]} == concerned


def test_lists_never_re_run_cleaning_or_tokenising() -> None:
    """Names enter at the merge: what reads rows and tokens imports nothing about names."""
    for asset in ("raw_parquet", "images", "index_segment"):
        assert GRAPH[asset].lists == ()
        assert [m for m in code_version.closure(asset) if ".core.names" in m] == []


def test_every_query_is_some_asset_s_code() -> None:
    """A query that no asset's modules name would change without anything being done again.

    Those of the build itself make nothing: checks ask them.
    """
    named = {
        path
        for asset in GRAPH
        for module in code_version.closure(asset)
        if module.startswith("laion_assets.")
        for path in code_version._named_files(module)
    }
    sql = PACKAGE / "sql"
    assert set(sql.rglob("*.sql")) - set((sql / "build").glob("*.sql")) - named == set()


# -- what of a module counts -----------------------------------------------------------------------

SOURCE = '''"""Module."""


def double(n):
    """Twice."""
    return 2 * n


class Thing:
    """A thing."""

    async def wait(self):
        """Wait."""
'''


def counted(source: str) -> bytes:
    """Return what of a module counts."""
    return code_version._syntax(source.encode())


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
    assert counted(SOURCE.replace(old, new)) == counted(SOURCE)


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
    assert counted(SOURCE.replace(old, new)) != counted(SOURCE)
