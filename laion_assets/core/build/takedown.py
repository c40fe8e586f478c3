"""Taking listed rows out of everything in a build directory, before anything is made of it again.

Lives here: the tables of every file that was read, whatever became of the file; its download; what
is left of it that nobody makes again. Not here: one file's tables (`core.cleaning.taking_out`),
which rows are listed (`core.cleaning.removal`), the history and the logs (`forgetting`), making the
site again (`laion_assets.refresh`).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from laion_assets.core.base.errors import UserError
from laion_assets.core.base.files import write_json
from laion_assets.core.base.records import read_json
from laion_assets.core.build.damage import as_inputs, damaged_outputs
from laion_assets.core.build.exporting import withdraw_exports
from laion_assets.core.build.forgetting import forget
from laion_assets.core.build.source_set import REMOVED
from laion_assets.core.build.stamps import Stamp, describe_outputs
from laion_assets.core.build.workspace import Workspace
from laion_assets.core.cleaning.removal import (
    Hits,
    Removal,
    find_hits,
    is_of_older_form,
)
from laion_assets.core.cleaning.taking_out import CleanedFile, take_out

#: Stands in a stamp for the digest of the entries while a file's tables are rewritten.
_UNFINISHED = "unfinished"
#: What a damaged table raises, whoever reads it.
UNREADABLE = (duckdb.Error, pa.ArrowException, UserError, OSError)


@dataclass
class TakenOut:
    """What was taken out: rows, of how many files; which files could not be read for it."""

    rows: int = 0
    files: int = 0
    forgot_history: bool = False
    unreadable: list[str] = field(default_factory=list)  # keys
    exports: list[str] = field(default_factory=list)  # files that were deleted


@dataclass(frozen=True)
class _Known:
    """What of a file's counts does not follow from its tables."""

    read: int
    hash_differs: int = 0


def holds_older_tables(workspace: Workspace) -> bool:
    """Tell whether tables are of a version that did not note what taking out has to know."""
    keys = workspace.sources.built_keys()
    return any(is_of_older_form(workspace.paths.table("row_keys", key)) for key in keys)


def lost_list(workspace: Workspace) -> bool:
    """Tell whether rows were removed by a list that is not there any more."""
    if workspace.removal_list.path.exists():
        return False
    stamps = (workspace.stamps.read("images", key) for key in workspace.sources.built_keys())
    return any(stamp is not None and REMOVED in stamp.inputs for stamp in stamps)


def take_out_listed(workspace: Workspace, removal: Removal) -> TakenOut:
    """Take the rows that `removal` lists out of the tables of every file; only under the lock.

    Killed at any moment and done again, it ends the same. A file whose tables are damaged leaves
    the site until it is read again: what cannot be looked through may hold what is listed.
    """
    taken = TakenOut()
    found: dict[str, Hits] = {}
    domains: set[str] = set()
    for key in workspace.sources.built_keys():
        with _left_out_if_damaged(workspace, key, taken):
            hits = find_hits(workspace.paths.table("row_keys", key), removal)
            if hits.pending or _needs_stamp(workspace, key):
                domains |= _domains(workspace.paths.table("row_keys", key), hits.pending)
                found[key] = hits
    # What has to be forgotten is known only as long as the keys hold it, so that goes first.
    taken.forgot_history = forget(workspace.paths, domains)
    if any(hits.pending for hits in found.values()):
        # No build makes these again: what holds such a row goes at once.
        taken.exports += withdraw_exports(workspace.paths)
        shutil.rmtree(workspace.paths.halfway, ignore_errors=True)
        # Nothing vouches for the site that stands until it is made again: see `losses`.
        workspace.stamps.void("site")
    for key, hits in found.items():
        with _left_out_if_damaged(workspace, key, taken):
            _take_out(workspace, key, hits.pending, removal, domains)
            taken.rows += len(hits.pending)
            taken.files += bool(hits.pending)
    if taken.unreadable:
        taken.exports += withdraw_exports(workspace.paths)
    return taken


@contextmanager
def _left_out_if_damaged(workspace: Workspace, key: str, taken: TakenOut) -> Iterator[None]:
    try:
        yield
    except UNREADABLE as error:
        if getattr(error, "errno", None) and not isinstance(error, FileNotFoundError):
            raise  # the disk, not the table
        without(workspace, [key])
        taken.unreadable.append(key)


def _needs_stamp(workspace: Workspace, key: str) -> bool:
    """Tell whether a file's tables were being rewritten, or nothing vouches for them any more."""
    stamp = workspace.stamps.read("images", key)
    if stamp is None:
        return workspace.takedown  # a build reads the file again
    return stamp.inputs.get(REMOVED) == _UNFINISHED


def _take_out(
    workspace: Workspace, key: str, gone: frozenset[int], removal: Removal, domains: set[str]
) -> None:
    """Take rows out of one file's tables, and away what else holds them."""
    paths = workspace.paths
    tables = CleanedFile(*(paths.table(name, key) for name in ("images", "rejects", "row_keys")))
    before = workspace.stamps.read("images", key) or Stamp("", {}, {}, {})
    unfinished = before.inputs.get(REMOVED) == _UNFINISHED
    damaged = [] if unfinished else damaged_outputs(workspace, "images", key)
    workspace.sources.let_go(key)
    _forget_leftovers(workspace, key, domains)
    begun = replace(before, inputs={**before.inputs, REMOVED: _UNFINISHED})
    workspace.stamps.write("images", key, begun)
    counts = take_out(tables, gone, removal.key, vars(_known(workspace, key)))
    write_json(paths.cleaning_counts(key), counts.as_dict())
    outputs = [tables.images, tables.rejects, tables.keys, paths.cleaning_counts(key)]
    inputs = {name: value for name, value in before.inputs.items() if name != REMOVED}
    digest = find_hits(tables.keys, removal).digest
    workspace.stamps.write(
        "images",
        key,
        replace(
            before,
            inputs=inputs | as_inputs(damaged) | ({REMOVED: digest} if digest else {}),
            outputs=describe_outputs(workspace.root, outputs),
            counts=counts.as_dict(),
        ),
    )


def _domains(row_keys: Path, gone: frozenset[int]) -> set[str]:
    keys = pq.read_table(row_keys, columns=["row", "domain"])
    rows = keys.filter(pc.is_in(keys["row"], pa.array(sorted(gone), pa.int64())))
    return {domain for domain in rows["domain"].to_pylist() if domain is not None}


def _known(workspace: Workspace, key: str) -> _Known:
    noted = read_json(workspace.paths.cleaning_counts(key), _Known)
    if noted is not None:
        return noted
    return _Known(pq.read_metadata(workspace.paths.table("row_keys", key)).num_rows)


def _forget_leftovers(workspace: Workspace, key: str, domains: set[str]) -> None:
    """Delete what a later step made of a file that it cannot handle now; and what it said of it."""
    note = workspace.sources.error_note(key)
    if note is None:
        return
    if not note.keeps_rows:
        for path in workspace.paths.made_of_images(key):
            path.unlink(missing_ok=True)
    if any(domain in note.error for domain in domains):
        told = replace(note, error=f"{note.step} cannot handle it", fingerprint=None)
        workspace.sources.set_aside(key, told)


def without(workspace: Workspace, keys: list[str]) -> None:
    """Let the site be made without some files, whose tables are damaged."""
    for key in keys:
        workspace.paths.stamp("images", key).unlink(missing_ok=True)
