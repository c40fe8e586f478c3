"""What is missing or stale, decided from stamps alone.

Lives here: the inputs each asset is compared by, and the plan the command line prints and runs.
Assets ask `decide` about themselves before they work, so an upstream that came out byte for byte
the same stops the rest. Not here: running anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from laion_assets.core.base.files import sha256_file, sha256_json
from laion_assets.core.build.code_version import code_version, sample_version
from laion_assets.core.build.graph import GRAPH, MERGED, PER_FILE
from laion_assets.core.build.stamps import Stamp, outputs_present
from laion_assets.core.build.workspace import Workspace


@dataclass(frozen=True)
class Plan:
    """What has to be made, and what cannot be."""

    per_file: dict[str, tuple[str, ...]]  # asset -> partition keys, only where there are any
    merged: tuple[str, ...]
    vanished: tuple[str, ...]  # keys that have outputs but no source file any more
    set_aside: dict[str, str] = field(default_factory=dict)  # relative path -> error

    @property
    def nothing_to_do(self) -> bool:
        """True when every output is up to date."""
        return not (self.per_file or self.merged or self.vanished)

    @property
    def keys(self) -> list[str]:
        """Partition keys with any work, sorted."""
        return sorted({key for keys in self.per_file.values() for key in keys})


def inputs_of(workspace: Workspace, asset: str, key: str | None) -> dict[str, str] | None:
    """Return the digests an output must have been made from to be up to date now.

    None when something upstream was never made (or, for raw_parquet, the file is not there yet).
    """
    if asset == "site" and workspace.settings.withdrawn:
        return {"withdrawn": workspace.settings.withdrawn}  # that page waits for nothing
    inputs = _settings_inputs(workspace, asset, key) | list_inputs(workspace, asset)
    if asset == "raw_parquet":
        assert key is not None  # noqa: S101 - raw_parquet is per file
        fingerprint = workspace.sources.fingerprint(workspace.sources.find(key))
        if fingerprint is None:
            return None
        return {**inputs, "file": fingerprint.sha256}
    keys = [key] if key is not None else workspace.sources.usable_keys()
    for upstream in GRAPH[asset].upstream:
        for part in keys if GRAPH[upstream].per_file else [None]:
            stamp = workspace.stamps.read(upstream, part)
            if stamp is None:
                return None
            inputs[f"{upstream}/{part}" if part else upstream] = stamp.digest
    return inputs


def _settings_inputs(workspace: Workspace, asset: str, key: str | None) -> dict[str, str]:
    """Return the part of the settings an asset depends on, as its node in the graph names them."""
    return {
        name: value
        for setting in GRAPH[asset].settings
        for name, value in _SETTINGS[setting](workspace, key).items()
    }


def layout_inputs(workspace: Workspace, key: str | None) -> dict[str, str]:
    """Return how one file is to be read, and which program invents it where one does."""
    assert key is not None  # noqa: S101 - files are described one by one
    dataset, source = workspace.dataset, workspace.sources.find(key)
    columns = {name: list(names) for name, names in dataset.columns.items()}
    file_format = asdict(dataset.format_of(source.path.name))
    inputs = {"columns": sha256_json(columns)[:16], "format": sha256_json(file_format)[:16]}
    inputs["max_text"] = workspace.settings.max_text  # what was too much may be allowed now
    return inputs if source.part is None else {**inputs, "sample": generated_version(workspace)}


def generated_version(workspace: Workspace) -> str:
    """Return a digest of what invents a generated dataset's rows, and of how many it is told to."""
    generated = workspace.dataset.generated
    told = asdict(generated) if generated is not None else {}
    return sha256_json([sample_version(), told])[:16]


def _thresholds(workspace: Workspace, _: str | None) -> dict[str, str]:
    return {"thresholds": sha256_json(asdict(workspace.settings.thresholds))[:16]}


def _removal(workspace: Workspace, key: str | None) -> dict[str, str]:
    """Return what removing has to do with one file: the entries that hit it, and the allow-list."""
    assert key is not None  # noqa: S101 - rows are removed file by file
    inputs = {}
    if workspace.removal_list.exists():
        hits = workspace.hits(key)
        if hits.entries:
            inputs["removed"] = hits.digest
    if workspace.settings.allow:
        inputs["allowed"] = sha256_file(Path(workspace.settings.allow))[:16]
    return inputs


def _rows_by_file(workspace: Workspace) -> list[tuple[str, int, int]]:
    """Return (relative path, read, kept) of every file: the site's list of sources."""
    stamps = ((s.relative, workspace.stamps.read("images", s.key)) for s in workspace.sources.all())
    return [(name, st.counts["read"], st.counts["kept"]) for name, st in stamps if st is not None]


_SETTINGS: Mapping[str, Callable[[Workspace, str | None], dict[str, str]]] = {
    "layout": layout_inputs,
    "thresholds": _thresholds,
    "removal": _removal,
    "max_text": lambda workspace, _: {"max_text": workspace.settings.max_text},
    "max_files": lambda workspace, _: {"max_files": str(workspace.settings.max_files)},
    "withdrawn": lambda workspace, _: {"withdrawn": workspace.settings.withdrawn},
    "dataset": lambda workspace, _: {"dataset": sha256_json(asdict(workspace.dataset))[:16]},
    "sources": lambda workspace, _: {"sources": sha256_json(_rows_by_file(workspace))[:16]},
}


def list_inputs(workspace: Workspace, asset: str) -> dict[str, str]:
    """Return what the user's own lists say, where they do; ours are part of the code version."""
    digests = {name: workspace.lists.digest(name) for name in GRAPH[asset].lists}
    return {f"lists/{name}": digest for name, digest in digests.items() if digest}


def own_lists_changed(workspace: Workspace, asset: str, key: str) -> bool:
    """Tell whether one file's output was made with other lists of the user's than there are now."""
    stamp = workspace.stamps.read(asset, key)
    if stamp is None:
        return False
    before = {name: value for name, value in stamp.inputs.items() if name.startswith("lists/")}
    return before != list_inputs(workspace, asset)


def decide(workspace: Workspace, asset: str, key: str | None = None) -> Stamp | None:
    """Return the asset's stamp when its output is up to date, None when it has to be made."""
    stamp = workspace.stamps.read(asset, key)
    if (
        stamp is not None
        and stamp.code == code_version(asset)
        and stamp.inputs == inputs_of(workspace, asset, key)
        and outputs_present(workspace.root, stamp)
    ):
        return stamp
    return None


def make_plan(workspace: Workspace) -> Plan:
    """Compare every output with its stamp. Whatever follows from something stale is planned too.

    Of a withdrawn site only the page that says so is planned: a takedown waits for nothing.
    """
    if workspace.settings.withdrawn:
        return Plan({}, () if decide(workspace, "site") else ("site",), ())
    sources = workspace.sources.all()
    per_file: dict[str, list[str]] = {name: [] for name in PER_FILE}
    set_aside: dict[str, str] = {}
    for source in sources:
        error = current_error(workspace, source.key)
        if error is not None:
            set_aside[source.relative] = error
            continue
        stale: set[str] = set()
        for name in PER_FILE:
            if stale.intersection(GRAPH[name].upstream) or not decide(workspace, name, source.key):
                stale.add(name)
                per_file[name].append(source.key)
    merged = _stale_merged(workspace, (name for name, keys in per_file.items() if keys))
    return Plan(
        per_file={name: tuple(keys) for name, keys in per_file.items() if keys},
        merged=merged,
        vanished=tuple(workspace.sources.vanished()),
        set_aside=set_aside,
    )


def _stale_merged(workspace: Workspace, stale_files: Iterable[str]) -> tuple[str, ...]:
    stale = set(stale_files)
    merged = []
    for name in MERGED:
        if stale.intersection(GRAPH[name].upstream) or not decide(workspace, name):
            stale.add(name)
            merged.append(name)
    return tuple(merged)


def current_error(workspace: Workspace, key: str) -> str | None:
    """Return why a file is set aside, as long as neither the file nor the reading code changed."""
    note = workspace.sources.error_note(key)
    if note is None or note.code != code_version("images") or not note.fingerprint:
        return None
    if note.layout != layout_inputs(workspace, key):  # it may be read with other columns now
        return None
    fingerprint = workspace.sources.fingerprint(workspace.sources.find(key))
    if fingerprint is None or fingerprint.sha256 != note.fingerprint.sha256:
        return None
    return note.error
