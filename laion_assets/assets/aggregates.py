"""Merged aggregates: small exact tables over the rows of every source file."""

import json

import duckdb

from laion_assets.assets.steps import Made, MakeMerged, merged_asset
from laion_assets.core import aggregates as core
from laion_assets.core.entities import entity_tables, make_entities
from laion_assets.core.lists import load_entities, load_platforms
from laion_assets.core.quality import make_quality
from laion_assets.core.study import make_study
from laion_assets.core.tables import STUDY_TABLES
from laion_assets.core.workspace import Workspace


def _parts(workspace: Workspace) -> core.FileParts:
    keys = workspace.usable_keys()
    return core.FileParts(
        images=[workspace.table("images", key) for key in keys],
        mentions=[workspace.table("mentions", key) for key in keys],
        variants=[workspace.table("variant_counts", key) for key in keys],
    )


@merged_asset
def domains(workspace: Workspace, connection: duckdb.DuckDBPyConnection) -> Made:
    """Rows by registrable domain (ICANN part of the Public Suffix List), and the best rows of each.

    The counts add up to the published rows: kept less withheld.
    """
    core.make_domains(
        connection, _parts(workspace), load_platforms(workspace.lists), workspace.tables
    )
    return Made(outputs=[workspace.table("domains"), workspace.table("domain_rows")])


@merged_asset
def words(workspace: Workspace, connection: duckdb.DuckDBPyConnection) -> Made:
    """In how many published rows each word of the captions occurs; words of three rows or more."""
    core.open_rows(connection, _parts(workspace))
    keys = workspace.usable_keys()
    postings = [workspace.segment(key, "postings") for key in keys]
    core.make_words(connection, postings, workspace.tables)
    return Made(outputs=[workspace.table("words")])


@merged_asset
def platforms(workspace: Workspace, connection: duckdb.DuckDBPyConnection) -> Made:
    """Rows by who runs the domain (pinimg.com is Pinterest) and what kind of place it is."""
    core.make_platforms(
        connection, _parts(workspace), load_platforms(workspace.lists), workspace.tables
    )
    return Made(outputs=[workspace.table("platforms")])


def _entity_asset(list_name: str, description: str) -> MakeMerged:
    def make(workspace: Workspace, connection: duckdb.DuckDBPyConnection) -> Made:
        make_entities(
            connection,
            _parts(workspace),
            list_name,
            load_entities(list_name, workspace.lists),
            workspace.tables,
            workspace.settings.threads,
        )
        return Made(outputs=[workspace.table(name) for name in entity_tables(list_name)])

    make.__name__, make.__doc__ = list_name, description
    return make


artists = merged_asset(
    _entity_asset("artists", "How often each artist is named, zero included, and the best rows.")
)
celebrities = merged_asset(
    _entity_asset("celebrities", "How often each famous person is named, zero included.")
)
characters = merged_asset(
    _entity_asset("characters", "How often each fictional character is named, zero included.")
)


@merged_asset
def study(workspace: Workspace, connection: duckdb.DuckDBPyConnection) -> Made:
    """The questions of the 2022 study, answered by one table each.

    The most named artists and who of them lives, the first of every type, celebrities by gender,
    internet personalities with their zeros, ambiguous names, franchises, platforms named and
    hosting.
    """
    make_study(connection, _parts(workspace), load_platforms(workspace.lists), workspace.tables)
    return Made(outputs=[workspace.table(name) for name in STUDY_TABLES])


@merged_asset
def nsfw(workspace: Workspace, connection: duckdb.DuckDBPyConnection) -> Made:
    """What punsafe says of all kept rows, withheld ones included; never any text."""
    core.make_nsfw(connection, _parts(workspace), workspace.tables)
    return Made(outputs=[workspace.table("nsfw")])


@merged_asset
def years(workspace: Workspace, connection: duckdb.DuckDBPyConnection) -> Made:
    """Rows by the year their URL's path shows; most show none."""
    core.make_years(connection, _parts(workspace), workspace.tables)
    return Made(outputs=[workspace.table("years")])


@merged_asset
def duplicates(workspace: Workspace, connection: duckdb.DuckDBPyConnection) -> Made:
    """Clusters of equal URLs, captions and image ids across all files."""
    core.make_duplicates(connection, _parts(workspace), workspace.tables)
    return Made(outputs=[workspace.table("duplicates"), workspace.table("duplicate_clusters")])


@merged_asset
def quality(workspace: Workspace, connection: duckdb.DuckDBPyConnection) -> Made:
    """Rows read, kept and rejected by reason, repairs, unknown values, and how values spread."""
    cleaned = core.sum_counts(
        [
            json.loads(workspace.table("images", key).with_suffix(".counts.json").read_bytes())
            for key in workspace.usable_keys()
        ]
    )
    make_quality(connection, _parts(workspace), cleaned, workspace.tables)
    return Made(outputs=[workspace.table("quality")])
