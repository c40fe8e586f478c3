"""The tables of names: counts, profiles, facets and other spellings, for one list at a time.

Lives here: what is written for artists, celebrities and characters. Everything counts published
rows. Not here: which rows mention a name (`mentions`), the tables of rows (`aggregates`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from laion_assets.core.aggregates import (
    Connection,
    FileParts,
    ask,
    open_mentions,
    open_rows,
    write_best_rows,
)
from laion_assets.core.companions import count_companions
from laion_assets.core.context import in_context_rows
from laion_assets.core.lists import KIND_COLUMN, LIST_COLUMNS, YEAR_COLUMNS, Entity
from laion_assets.core.site.safety import assign_slugs
from laion_assets.core.tables import ENTITY_PARTS, literal_path, write_table
from laion_assets.core.text.tokens import tokenise
from laion_assets.core.variants import all_variants

PROFILE_DOMAINS = 10  # largest domains kept per name
PROFILE_WORDS = 15  # companions kept per name
UNKNOWN = "unknown"

PRESUMED_DEAD_BEFORE = 1920
"""Someone born earlier with no year of death on the list counts as unknown, not as living.

Few people reach 105; a year rather than the clock keeps the tables the same whenever they are made.
"""


def entity_tables(list_name: str) -> list[str]:
    """Return the names of the tables that `make_entities` writes for a list."""
    return [list_name, *(f"{list_name}_{part}" for part in ENTITY_PARTS)]


def make_entities(
    connection: Connection,
    parts: FileParts,
    list_name: str,
    entities: Sequence[Entity],
    tables: Path,
    threads: int,
) -> None:
    """Write the tables of a list (`entity_tables`); reads `words.parquet`."""
    denominator = open_rows(connection, parts)
    connection.register("entity_list", entity_table(list_name, entities))
    open_mentions(connection, parts, list_name)
    captions = _ambiguous_captions(connection, entities)
    connection.register("context_hits", in_context_rows(captions, entities, threads))
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE mentioned AS "
        "SELECT m.name, p.*, c.row IS NOT NULL AS in_context FROM list_mentions AS m "
        "JOIN published AS p USING (source_file, row) "
        "LEFT JOIN context_hits AS c USING (source_file, row, name)"
    )
    counted = ask(connection, "count_entities", denominator=denominator)
    connection.register("counted", counted)
    write_table(tables / f"{list_name}.parquet", counted)
    connection.execute(
        "CREATE OR REPLACE TEMP VIEW grouped AS "
        "SELECT name AS group_name, * EXCLUDE (name, in_context) FROM mentioned"
    )
    write_best_rows(connection, tables / f"{list_name}_rows.parquet", "name")
    profiles = ask(connection, "profile_entities", denominator=denominator, domains=PROFILE_DOMAINS)
    write_table(tables / f"{list_name}_profiles.parquet", profiles)
    words = _companions(connection, entities, tables / "words.parquet", denominator)
    write_table(tables / f"{list_name}_words.parquet", words)
    connection.register("facet_values", _facet_values(list_name, counted))
    write_table(tables / f"{list_name}_facets.parquet", ask(connection, "count_facets"))
    connection.register("tried", _tried(entities))
    connection.read_parquet([literal_path(path) for path in parts.variants]).create_view(
        "variant_parts", replace=True
    )
    variants = ask(connection, "sum_variants", list=list_name)
    write_table(tables / f"{list_name}_variants.parquet", variants)


def _ambiguous_captions(connection: Connection, entities: Sequence[Entity]) -> pa.Table:
    """Return (source_file, row, name, caption) of every mention of an ambiguous name."""
    names = [entity.name for entity in entities if entity.ambiguous]
    connection.register("ambiguous_names", pa.table({"name": pa.array(names, pa.string())}))
    return connection.sql(
        "SELECT source_file, row, m.name, p.caption FROM list_mentions AS m "
        "JOIN published AS p USING (source_file, row) SEMI JOIN ambiguous_names USING (name) "
        "ORDER BY source_file, row, m.name"
    ).to_arrow_table()


def _companions(
    connection: Connection, entities: Sequence[Entity], words: Path, denominator: int
) -> pa.Table:
    own = {e.name: [word for phrase in e.phrases for word in tokenise(phrase)] for e in entities}
    connection.register("companions", count_companions(connection, own))
    connection.read_parquet(literal_path(words)).create_view("words", replace=True)
    connection.execute(
        "CREATE OR REPLACE TEMP VIEW totals AS SELECT name, images FROM counted WHERE images > 0"
    )
    return ask(connection, "score_words", denominator=denominator, words=PROFILE_WORDS)


def entity_table(list_name: str, entities: Sequence[Entity]) -> pa.Table:
    """Return what a list says of its names, with slugs, kinds and whether people are living."""
    slugs = assign_slugs([entity.name for entity in entities])
    kinds = [_values(entity.attributes[KIND_COLUMN[list_name]])[0] for entity in entities]
    columns: dict[str, pa.Array] = {
        "name": pa.array([entity.name for entity in entities], pa.string()),
        "slug": pa.array(slugs, pa.string()),
        "ambiguous": pa.array([entity.ambiguous for entity in entities], pa.bool_()),
        "kind": pa.array(kinds, pa.string()),
        "aliases": pa.array(["|".join(entity.aliases) for entity in entities], pa.string()),
        "context": pa.array(["|".join(entity.context) for entity in entities], pa.string()),
    }
    for name in LIST_COLUMNS[list_name]:
        values: list[Any] = [entity.attributes[name] for entity in entities]
        if name in YEAR_COLUMNS:
            columns[name] = pa.array([int(v) if v else None for v in values], pa.int32())
        else:
            columns[name] = pa.array(values, pa.string())
    if "living" in columns:
        said = (columns[name].to_pylist() for name in ("born", "died", "living"))
        lives = [life_status(*values) for values in zip(*said, strict=True)]
        columns["life"] = pa.array(lives, pa.string())
        del columns["living"]
    return pa.table(columns)


def life_status(born: int | None, died: int | None, living: str) -> str:
    """Return `died`, `living` (as far as the list knows) or `unknown`, from what a list says.

    `living` (yes, no or empty) is for people whose years it does not know.
    """
    if died is not None or living.lower() == "no":
        return "died"
    if living or (born is not None and born >= PRESUMED_DEAD_BEFORE):
        return "living"
    return UNKNOWN


def _tried(entities: Sequence[Entity]) -> pa.Table:
    """Return (name, kind, spelling) of every other spelling that is looked for."""
    variants = all_variants([entity.phrases for entity in entities])
    return pa.table(
        {
            "name": pa.array([entities[number].name for number, _ in variants], pa.string()),
            "kind": pa.array([variant.kind for _, variant in variants], pa.string()),
            "spelling": pa.array([variant.spelling for _, variant in variants], pa.string()),
        }
    )


def _facet_values(list_name: str, counted: pa.Table) -> pa.Table:
    """Return (facet, value, name): a name with several values has a row for each."""
    facets = [name for name in ("life", *LIST_COLUMNS[list_name]) if name in counted.column_names]
    names = counted["name"].to_pylist()
    rows = [
        {"facet": facet, "value": value, "name": name}
        for facet in facets
        if facet not in YEAR_COLUMNS
        for name, cell in zip(names, counted[facet].to_pylist(), strict=True)
        for value in dict.fromkeys(_values(cell))
    ]
    return pa.Table.from_pylist(
        rows, pa.schema([(name, pa.string()) for name in ("facet", "value", "name")])
    )


def _values(cell: str) -> list[str]:
    """Return the values of a cell, `unknown` when it says nothing."""
    return [value.strip() for value in cell.split("|") if value.strip()] or [UNKNOWN]
