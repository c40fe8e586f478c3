"""The tables of names: counts, profiles, facets and other spellings, for one list at a time.

Lives here: what is written for a list of `core.names.registry`. Everything counts published rows.
Not here: which rows mention a name (`core.names.mentions`), the tables of rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from laion_assets.core.base.open_files import read_files
from laion_assets.core.base.sql import Connection, ask, literal_path
from laion_assets.core.names.context import in_context_rows
from laion_assets.core.names.cooccurrence import count_cooccurrences
from laion_assets.core.names.lists import Entity, load_entities
from laion_assets.core.names.registry import LIFE, LIFE_COLUMNS, LISTS
from laion_assets.core.names.variants import all_variants
from laion_assets.core.tables.rows import (
    FileParts,
    MergeInputs,
    Tables,
    best_rows,
    open_mentions,
    open_rows,
)
from laion_assets.core.tables.slugs import assign_slugs
from laion_assets.core.tables.tallies import open_tallies
from laion_assets.core.text.tokens import tokenise

PROFILE_DOMAINS = 10  # largest domains kept per name
PROFILE_WORDS = 15  # words beside it kept per name
UNKNOWN = "unknown"

#: Someone born earlier with no year of death on the list counts as unknown, not as living.
#:
#: Few people reach 105; a year rather than the clock keeps the tables the same whenever they are
#: made.
PRESUMED_DEAD_BEFORE = 1920


def make(list_name: str, inputs: MergeInputs) -> Tables:
    """Count the names of one list, zero included, and describe those that are found."""
    return make_entities(
        inputs.connection,
        inputs.parts,
        list_name,
        load_entities(list_name, inputs.lists),
        inputs.tables,
        inputs.threads,
    )


def make_entities(
    connection: Connection,
    parts: FileParts,
    list_name: str,
    entities: Sequence[Entity],
    tables: Path,
    threads: int,
) -> Tables:
    """Make the tables of a list; reads `words.parquet`."""
    denominator = open_rows(connection, parts)
    open_tallies(connection, parts.tallies)
    connection.register("entity_list", entity_table(list_name, entities))
    open_mentions(connection, parts, list_name)
    # Captions are read once, of these rows alone.
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE mentioned_rows AS "
        "SELECT m.name, place, caption, domain, url_year, punsafe, aesthetic, image_id, "
        "url_digest, caption_digest FROM list_mentions AS m JOIN mentioning USING (place)"
    )
    captions = _ambiguous_captions(connection, entities)
    connection.register("context_hits", in_context_rows(captions, entities, threads))
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE mentioned AS "
        "SELECT name, place, domain, url_year, punsafe, aesthetic, url_digest, caption_digest, "
        "c.place IS NOT NULL AS in_context "
        "FROM mentioned_rows LEFT JOIN context_hits AS c USING (place, name)"
    )
    counted = ask(connection, "tables/count_entities", denominator=denominator)
    connection.register("counted", counted)
    connection.execute(
        "CREATE OR REPLACE TEMP VIEW grouped AS "
        "SELECT name AS group_name, place, aesthetic, image_id FROM mentioned_rows"
    )
    connection.register("facet_values", _facet_values(list_name, counted))
    connection.register("tried", _tried(entities))
    read_files(connection, parts.variants).create_view("variant_parts", replace=True)
    made = {
        "": counted,
        "_rows": best_rows(connection, "name", "mentioning"),
        "_profiles": ask(
            connection,
            "tables/profile_entities",
            denominator=denominator,
            domains=PROFILE_DOMAINS,
        ),
        "_words": _words_beside(connection, entities, tables / "words.parquet", denominator),
        "_facets": ask(connection, "tables/count_facets"),
        "_variants": ask(connection, "tables/sum_variants", list=list_name),
    }
    return {f"{list_name}{part}": table for part, table in made.items()}


def _ambiguous_captions(connection: Connection, entities: Sequence[Entity]) -> pa.Table:
    """Return (place, name, caption) of every mention of an ambiguous name."""
    names = [entity.name for entity in entities if entity.ambiguous]
    connection.register("ambiguous_names", pa.table({"name": pa.array(names, pa.string())}))
    return connection.sql(
        "SELECT place, name, caption FROM mentioned_rows SEMI JOIN ambiguous_names USING (name) "
        "ORDER BY place, name"
    ).to_arrow_table()


def _words_beside(
    connection: Connection, entities: Sequence[Entity], words: Path, denominator: int
) -> pa.Table:
    own = {e.name: [word for phrase in e.phrases for word in tokenise(phrase)] for e in entities}
    connection.register("companions", count_cooccurrences(connection, own))
    found = connection.read_parquet(literal_path(words), hive_partitioning=False)
    found.create_view("words", replace=True)
    connection.execute(
        "CREATE OR REPLACE TEMP VIEW totals AS SELECT name, images FROM counted WHERE images > 0"
    )
    return ask(connection, "tables/score_words", denominator=denominator, words=PROFILE_WORDS)


def entity_table(list_name: str, entities: Sequence[Entity]) -> pa.Table:
    """Return what a list says of its names, with slugs, kinds and whether people are living."""
    slugs = assign_slugs([entity.name for entity in entities])
    about = LISTS[list_name]
    kinds = [_values(entity.attributes[about.kind])[0] for entity in entities]
    columns: dict[str, pa.Array] = {
        "name": pa.array([entity.name for entity in entities], pa.string()),
        "slug": pa.array(slugs, pa.string()),
        "ambiguous": pa.array([entity.ambiguous for entity in entities], pa.bool_()),
        "kind": pa.array(kinds, pa.string()),
        "aliases": pa.array(["|".join(entity.aliases) for entity in entities], pa.string()),
        "context": pa.array(["|".join(entity.context) for entity in entities], pa.string()),
    }
    for name in about.column_names:
        values: list[Any] = [entity.attributes[name] for entity in entities]
        if name in about.year_columns:
            columns[name] = pa.array([int(v) if v else None for v in values], pa.int32())
        else:
            columns[name] = pa.array(values, pa.string())
    if about.tells_life:
        said = (columns[name].to_pylist() for name in LIFE_COLUMNS)
        lives = [life_status(*values) for values in zip(*said, strict=True)]
        columns[LIFE] = pa.array(lives, pa.string())
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
    columns = (LIFE, *LISTS[list_name].column_names)
    facets = [name for name in columns if name in counted.column_names]
    names = counted["name"].to_pylist()
    rows = [
        {"facet": facet, "value": value, "name": name}
        for facet in facets
        if facet not in LISTS[list_name].year_columns
        for name, cell in zip(names, counted[facet].to_pylist(), strict=True)
        for value in dict.fromkeys(_values(cell))
    ]
    return pa.Table.from_pylist(
        rows, pa.schema([(name, pa.string()) for name in ("facet", "value", "name")])
    )


def _values(cell: str) -> list[str]:
    """Return the values of a cell, `unknown` when it says nothing."""
    return [value.strip() for value in cell.split("|") if value.strip()] or [UNKNOWN]
