"""Finding the SQL: every query over ten lines is a file in `laion_assets/sql`, named verb_noun."""

from functools import cache
from pathlib import Path

_SQL = Path(__file__).parents[1] / "sql"


@cache
def query(name: str) -> str:
    """Return the text of `sql/<name>.sql`."""
    return (_SQL / f"{name}.sql").read_text(encoding="utf-8")
