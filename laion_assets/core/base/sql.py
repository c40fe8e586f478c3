"""DuckDB as every room uses it: queries by name, paths taken literally, one number or a table.

Lives here: finding a query (each over ten lines is `laion_assets/sql/<room>/verb_noun.sql`) and
asking it. Not here: what is asked, or how the engine is configured (`core.build`).
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from laion_assets.core.base.errors import BadUsage
from laion_assets.core.base.package import SQL

Connection = duckdb.DuckDBPyConnection


@cache
def query(name: str) -> str:
    """Return the text of `sql/<name>.sql`; `name` is `room/verb_noun`."""
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")


def ask(connection: Connection, name: str, **parameters: Any) -> pa.Table:
    """Return what a query of `sql/` answers, given its parameters."""
    sql = query(name)
    if parameters:
        return connection.sql(sql, params=parameters).to_arrow_table()
    return connection.sql(sql).to_arrow_table()


def scalar(connection: Connection, query: str) -> int:
    """Return the one number a query answers with."""
    return int(connection.sql(query).fetchall()[0][0])


def literal_path(path: Path) -> str:
    """Return a path in the form that DuckDB's readers take for that one file.

    They read `*`, `?` and `[` as patterns even where a file of that very name exists: below a
    folder `a[1]` they would find the files of its neighbour `a1`.
    """
    return _PATTERN.sub(r"[\1]", str(path))


_PATTERN = re.compile(r"([*?[])")


def refuse_unreadable(folder: Path) -> None:
    """Raise BadUsage for a folder of which DuckDB can read no file, however it is written.

    In a pattern it takes a backslash for a separator of folders.
    """
    path = str(folder)
    if _PATTERN.search(path) and "\\" in path:
        raise BadUsage(
            f"{path}: a path with a backslash and one of * ? [ cannot be read here; "
            "choose another --build-dir"
        )
    try:
        path.encode()
    except UnicodeEncodeError as error:
        shown = path.encode("utf-8", "backslashreplace").decode()
        raise BadUsage(f"{shown}: the path is not UTF-8; choose another --build-dir") from error
