"""Taking listed rows out of everything in a build directory, before anything is made of it again.

Lives here: the tables of every file that was read, whatever became of the file; its download; what
the history and the logs still hold. Not here: one file's tables (`core.cleaning.taking_out`), which
rows are listed (`core.cleaning.removal`), making the site again (`laion_assets.refresh`).
"""

from __future__ import annotations

import mmap
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb
import pyarrow as pa

from laion_assets.core.base.errors import UserError
from laion_assets.core.base.files import write_json
from laion_assets.core.build.paths import Paths
from laion_assets.core.build.source_set import REMOVED
from laion_assets.core.build.stamps import describe_outputs
from laion_assets.core.build.workspace import Workspace
from laion_assets.core.cleaning.removal import Removal, find_hits, is_of_this_form
from laion_assets.core.cleaning.taking_out import CleanedFile, take_out


@dataclass
class TakenOut:
    """What was taken out: rows, of how many files, and the domains they were of."""

    rows: int = 0
    files: int = 0
    domains: set[str] = field(default_factory=set)
    forgot_history: bool = False


def holds_older_tables(workspace: Workspace) -> bool:
    """Tell whether tables are of a version that did not note what taking out has to know."""
    keys = workspace.sources.built_keys()
    return not all(is_of_this_form(workspace.paths.table("row_keys", key)) for key in keys)


def take_out_listed(workspace: Workspace, removal: Removal) -> TakenOut:
    """Take the rows that `removal` lists out of the tables of every file; only under the lock.

    Done again after a crash in the middle, it ends the same.
    """
    taken = TakenOut()
    for key in workspace.sources.built_keys():
        hits = find_hits(workspace.paths.table("row_keys", key), removal)
        if hits.pending:
            taken.rows += len(hits.pending)
            taken.files += 1
            taken.domains |= _take_out(workspace, key, hits.pending, removal)
    if taken.domains:
        taken.forgot_history = forget(workspace.paths, taken.domains)
    return taken


def _take_out(
    workspace: Workspace, key: str, gone: frozenset[int], removal: Removal
) -> frozenset[str]:
    paths = workspace.paths
    stamp = workspace.stamps.read("images", key)
    assert stamp is not None  # noqa: S101 - that is what makes it built
    tables = CleanedFile(*(paths.table(name, key) for name in ("images", "rejects", "row_keys")))
    try:
        with workspace.connect() as connection:
            counts, domains = take_out(connection, tables, gone, removal.key, stamp.counts)
    except (duckdb.InvalidInputException, pa.ArrowException) as error:
        raise UserError(
            f"{tables.images}: damaged ({str(error).splitlines()[0]}); run `laion-assets build "
            "--rehash`, or take the site away with `laion-assets withdraw`"
        ) from error
    write_json(paths.cleaning_counts(key), counts.as_dict())
    digest = find_hits(tables.keys, removal).digest
    workspace.stamps.write(
        "images",
        key,
        replace(
            stamp,
            inputs={**stamp.inputs, REMOVED: digest},
            outputs=describe_outputs(workspace.root, [workspace.root / n for n in stamp.outputs]),
            counts=counts.as_dict(),
        ),
    )
    workspace.sources.let_go(key)
    return domains


def forget(paths: Paths, texts: Iterable[str]) -> bool:
    """Delete the logs that hold any of the texts, and the history if it does; tell whether it did.

    What is written today holds no text of a row, what an older version wrote may.
    """
    wanted = [text.encode() for text in texts]
    for path in _holding(paths.logs, wanted):
        path.unlink()
    if next(_holding(paths.history, wanted), None) is None:
        return False
    shutil.rmtree(paths.history)
    return True


def _holding(folder: Path, wanted: list[bytes]) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.stat().st_size:
            with path.open("rb") as stream, _mapped(stream.fileno()) as content:
                if any(content.find(text) >= 0 for text in wanted):
                    yield path


def _mapped(descriptor: int) -> mmap.mmap:
    return mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)
