"""Where the files that come with the program lie: queries, lists, presets, templates.

Lives here: paths only. Not here: reading any of them.
"""

from pathlib import Path

#: The package itself.
PACKAGE = Path(__file__).parents[2]
SQL = PACKAGE / "sql"
LISTS = PACKAGE / "lists"
PRESETS = PACKAGE / "datasets"
#: In a wheel they lie within the package, in a checkout beside it.
TEMPLATES = next(
    folder / "site_templates"
    for folder in (PACKAGE, PACKAGE.parent)
    if (folder / "site_templates").is_dir() or folder != PACKAGE
)
