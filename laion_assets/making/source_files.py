"""What the assets on the left of the graph make of one source file: a function for each.

Lives here: reading what a file's output is made from, calling the core, saying what was written.
Not here: the work itself (`laion_assets.core`), bringing files from elsewhere (`bringing`).
"""

from collections.abc import Mapping
from functools import lru_cache
from threading import Lock

import duckdb

from laion_assets.core.base.files import sha256_json, write_json
from laion_assets.core.build.code_version import code_version
from laion_assets.core.build.description import bring_generated, write_description
from laion_assets.core.build.plan import list_inputs
from laion_assets.core.build.workspace import Workspace
from laion_assets.core.cleaning.rules import clean_file
from laion_assets.core.index.segment import write_segment
from laion_assets.core.names.list_files import ListFiles
from laion_assets.core.names.mentions import NameTable, write_mentions
from laion_assets.core.reading.description import read_description
from laion_assets.core.tables.tallies import write_tallies
from laion_assets.making.made import Made, MakeFile
from laion_assets.sample import write_sample_file


def raw_parquet(workspace: Workspace, _: duckdb.DuckDBPyConnection, key: str) -> Made:
    """A source file as published: found, fetched or generated; checked; its columns understood.

    Local files are read in place, remote ones lie in `raw/`. The description says which column
    feeds which of ours; columns that are not mapped are listed and not carried.
    """
    path = workspace.paths.description(key)
    counts = write_description(workspace, key, path, write_sample_file)
    return Made(outputs=[path], counts=counts)


def images(workspace: Workspace, connection: duckdb.DuckDBPyConnection, key: str) -> Made:
    """Cleaned rows of one file, and beside them the rejects with their reasons.

    kept + rejected = read. Captions are repaired; scores outside their range are unknown.
    """
    kept, rejects, keys = (
        workspace.paths.table(name, key) for name in ("images", "rejects", "row_keys")
    )
    counts_file = workspace.paths.cleaning_counts(key)
    source = workspace.sources.find(key)
    bring_generated(workspace, key, write_sample_file)
    found = workspace.sources.require_described(source)
    counts = clean_file(
        connection,
        source.path,
        read_description(workspace.paths.description(key)).layout,
        workspace.settings.thresholds,
        images=kept,
        rejects=rejects,
        keys=keys,
        removal=workspace.removal(),
        when_read=lambda: workspace.sources.require_unchanged(source, found),
        max_text=workspace.max_text,
        spill=workspace.spill,
        progress=workspace.within,
    ).as_dict()
    write_json(counts_file, counts)
    if workspace.hits(key).entries:
        workspace.sources.let_go(key)
    return Made(outputs=[kept, rejects, keys, counts_file], counts=counts)


def tallies(workspace: Workspace, connection: duckdb.DuckDBPyConnection, key: str) -> Made:
    """What the rows of one file come to: by domain, year, step of each score."""
    path = workspace.paths.table("tallies", key)
    count = write_tallies(connection, workspace.paths.table("images", key), path)
    return Made(outputs=[path], counts={"tallies": count})


_compiling = Lock()


def _names(files: ListFiles, version: str) -> NameTable:
    """Compile the lists once per process and version, whoever asks first."""
    with _compiling:
        return _compiled(files, version)


@lru_cache(maxsize=1)
def _compiled(files: ListFiles, _version: str) -> NameTable:
    return NameTable(files)


def mentions(workspace: Workspace, _: duckdb.DuckDBPyConnection, key: str) -> Made:
    """Which rows of one file mention which artist, celebrity, character or platform.

    A name (or alias) matches when its tokens stand in the caption as a contiguous run; the count
    equals SQLite FTS5's. An image counts once per name.
    """
    path, mentioning, variants = (
        workspace.paths.table(name, key) for name in ("mentions", "mentioning", "variant_counts")
    )
    version = sha256_json([code_version("mentions"), list_inputs(workspace, "mentions")])
    counts = write_mentions(
        workspace.paths.table("images", key),
        _names(workspace.lists, version),
        mentions=path,
        mentioning=mentioning,
        variant_counts=variants,
        threads=workspace.settings.threads,
    )
    return Made(outputs=[path, mentioning, variants], counts=counts)


def index_segment(workspace: Workspace, connection: duckdb.DuckDBPyConnection, key: str) -> Made:
    """One file's part of the search index: rows in rank order with their tokens and fields."""
    documents, words = (
        workspace.paths.segment(key, "documents"),
        workspace.paths.segment(key, "words"),
    )
    description = workspace.paths.segment_counts(key)
    counts = write_segment(
        connection,
        workspace.paths.table("images", key),
        workspace.paths.table("row_keys", key),
        documents=documents,
        words=words,
        description=description,
    )
    return Made(outputs=[documents, words, description], counts=vars(counts))


#: By asset.
MAKERS: Mapping[str, MakeFile] = {
    make.__name__: make for make in (raw_parquet, images, tallies, mentions, index_segment)
}
