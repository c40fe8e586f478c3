"""Where the files that come with the program lie: queries, lists, presets, templates.

Lives here: paths only. Not here: reading any of them.
"""

from pathlib import Path

#: The package itself.
PACKAGE = Path(__file__).parents[2]
SQL = PACKAGE / "sql"
LISTS = PACKAGE / "lists"
PRESETS = PACKAGE / "datasets"
_INSIDE = PACKAGE / "site_templates"
#: In a wheel they lie within the package, in a checkout beside it.
TEMPLATES = _INSIDE if _INSIDE.is_dir() else PACKAGE.parent / _INSIDE.name
