"""What is missing or stale, decided from stamps alone.

Lives here: the inputs each asset is compared by, and the plan the command line prints and runs.
Assets ask `decide` about themselves before they work, so an upstream that came out byte for byte
the same stops the rest. Not here: running anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from laion_assets.core.base.errors import UserError
from laion_assets.core.base.files import sha256_file, sha256_json
from laion_assets.core.build.code_version import code_version, sample_version
from laion_assets.core.build.graph import GRAPH, MERGED, PER_FILE, READING
from laion_assets.core.build.settings import Settings
from laion_assets.core.build.source_set import REMOVED, ErrorNote
from laion_assets.core.build.stamps import Stamp, outputs_present
from laion_assets.core.build.workspace import Workspace

#: Long enough that no two builds anybody compares have one name, short enough to be cited.
BUILD_ID_DIGITS = 12


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
        return withdrawn_inputs(workspace.settings)  # that page waits for nothing
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
    told = dataset.format and asdict(dataset.format)
    named = sorted(dataset.named)
    inputs = {"columns": sha256_json([columns, named])[:16], "format": sha256_json(told)[:16]}
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
    try:
        digest = workspace.hits(key).digest
    except UserError:
        digest = "unreadable"  # damaged row keys: the file is read again
    inputs = {REMOVED: digest} if digest else {}
    if workspace.settings.allow:
        inputs["allowed"] = sha256_file(Path(workspace.settings.allow))[:16]
    return inputs


def withdrawn_inputs(settings: Settings) -> dict[str, str]:
    """Return what the page is made from that takes a withdrawn site's place."""
    return {"withdrawn": settings.withdrawn, **_publisher(settings)}


def _publisher(settings: Settings) -> dict[str, str]:
    said = [settings.publisher, settings.contact]
    return {"publisher": sha256_json(said)[:16]} if any(said) else {}


def _rows_by_file(workspace: Workspace) -> list[tuple[Any, ...]]:
    """Return what was read and what became of its rows, by relative path of every file.

    What was read is the digest of the file's description, which holds that of its content.
    """
    sources = workspace.sources.all()
    stamps = ((source, workspace.stamps.read("images", source.key)) for source in sources)
    wanted = ("read", "kept", "rejected", "first_damaged")
    return [
        (
            source.relative,
            stamp.inputs.get(f"raw_parquet/{source.key}"),
            *(stamp.counts.get(count) for count in wanted),
        )
        for source, stamp in stamps
        if stamp is not None
    ]


_SOURCES = "sources"
_SETTINGS: Mapping[str, Callable[[Workspace, str | None], dict[str, str]]] = {
    "layout": layout_inputs,
    "thresholds": _thresholds,
    "removal": _removal,
    "max_text": lambda workspace, _: {"max_text": workspace.settings.max_text},
    "max_files": lambda workspace, _: {"max_files": str(workspace.settings.max_files)},
    "withdrawn": lambda workspace, _: {"withdrawn": workspace.settings.withdrawn},
    "base_url": lambda workspace, _: {"base_url": workspace.settings.base_url},
    "publisher": lambda workspace, _: _publisher(workspace.settings),
    "dataset": lambda workspace, _: {"dataset": sha256_json(asdict(workspace.dataset))[:16]},
    _SOURCES: lambda workspace, _: {_SOURCES: sha256_json(_rows_by_file(workspace))[:16]},
}


def build_id(workspace: Workspace) -> str:
    """Return the name of what the site shows: 12 hexadecimal digits, the same for the same inputs.

    A digest of what the site is made from: the source files, whatever their place, the tables made
    of them, the settings that shape it, the lists, and the code with its templates. No clock.
    """
    inputs = inputs_of(workspace, "site", None)
    return sha256_json([code_version("site"), inputs])[:BUILD_ID_DIGITS]


def list_inputs(workspace: Workspace, asset: str) -> dict[str, str]:
    """Return what the user's own lists say, where they do; ours are part of the code version."""
    digests = {name: workspace.lists.digest(name) for name in GRAPH[asset].lists}
    return {f"lists/{name}": digest for name, digest in digests.items() if digest}


def inputs_changed(workspace: Workspace, asset: str, key: str | None = None) -> bool:
    """Tell whether an output that was made would be made from something else now."""
    stamp = workspace.stamps.read(asset, key)
    return stamp is not None and stamp.inputs != inputs_of(workspace, asset, key)


def own_inputs_changed(workspace: Workspace, asset: str) -> bool:
    """Tell whether settings or lists that a merged output was made with are others now.

    What is made of the source files is left out: that follows from them.
    """
    stamp = workspace.stamps.read(asset)
    if stamp is None:
        return False
    following = {*GRAPH[asset].upstream, _SOURCES}
    before = {n: value for n, value in stamp.inputs.items() if n.split("/")[0] not in following}
    if asset == "site" and workspace.settings.withdrawn:
        return before != withdrawn_inputs(workspace.settings)
    now = list_inputs(workspace, asset)
    for setting in GRAPH[asset].settings:
        if setting != _SOURCES:  # which reads the stamp of every file
            now |= _SETTINGS[setting](workspace, None)
    return before != now


def decide(workspace: Workspace, asset: str, key: str | None = None) -> Stamp | None:
    """Return the asset's stamp when its output is up to date, None when it has to be made."""
    stamp = workspace.stamps.read(asset, key)
    if (
        stamp is not None
        and stamp.code == code_version(asset)
        and stamp.inputs == inputs_of(workspace, asset, key)
        and outputs_present(workspace.root, stamp, workspace.paths.stamp(asset, key))
    ):
        return stamp
    return None


def make_plan(workspace: Workspace) -> Plan:
    """Compare every output with its stamp. Whatever follows from something stale is planned too.

    Of a withdrawn site only the page that says so is planned: a takedown waits for nothing.
    """
    if workspace.settings.withdrawn and not workspace.takedown:
        return Plan({}, () if decide(workspace, "site") else ("site",), ())
    per_file: dict[str, list[str]] = {name: [] for name in PER_FILE}
    set_aside: dict[str, str] = {}
    for source in workspace.sources.all():
        error = current_error(workspace, source.key)
        if error is not None and not workspace.takedown:
            set_aside[source.relative] = error.error
        for name in _stale_steps(workspace, source.key, error):
            per_file[name].append(source.key)
    merged = _stale_merged(workspace, (name for name, keys in per_file.items() if keys))
    return Plan(
        per_file={name: tuple(keys) for name, keys in per_file.items() if keys},
        merged=merged,
        vanished=tuple(workspace.sources.vanished()),
        set_aside=set_aside,
    )


def _stale_steps(workspace: Workspace, key: str, error: ErrorNote | None) -> Sequence[str]:
    """Return the per-file assets that have to be made of one file, as far as they can be."""
    stale: list[str] = []
    for name in PER_FILE:
        if holds_up(workspace, name, error):
            continue
        if set(stale).intersection(GRAPH[name].upstream) or not decide(workspace, name, key):
            stale.append(name)
    if error is not None and workspace.stamps.read("images", key) is None:
        return ()  # nothing was ever read of it
    return stale


def holds_up(workspace: Workspace, asset: str, error: ErrorNote | None) -> bool:
    """Tell whether an asset is not made of a file: set aside before it, or nobody reads the file.

    What was read before stays, so that what follows from it is still made; of a file that a later
    step cannot handle nothing more is.
    """
    reads = asset in READING
    if workspace.takedown and reads:
        return True
    return error is not None and (reads or not error.keeps_rows)


def _stale_merged(workspace: Workspace, stale_files: Iterable[str]) -> tuple[str, ...]:
    stale = set(stale_files)
    merged = []
    for name in MERGED:
        if stale.intersection(GRAPH[name].upstream) or not decide(workspace, name):
            stale.add(name)
            merged.append(name)
    return tuple(merged)


def current_error(workspace: Workspace, key: str) -> ErrorNote | None:
    """Return why a file is set aside, as long as nothing changed that may let it pass now."""
    note = workspace.sources.error_note(key)
    if note is None or not note.fingerprint:
        return None
    if workspace.takedown:  # the file is not looked at
        return note
    if note.inputs != step_inputs(workspace, note.step, key):
        return None
    fingerprint = workspace.sources.fingerprint(workspace.sources.find(key))
    if fingerprint is None or fingerprint.sha256 != note.fingerprint.sha256:
        return None
    return note


def forget_healed(workspace: Workspace) -> None:
    """Forget what was wrong with files of which everything is up to date again."""
    for source in workspace.sources.all():
        forget_if_healed(workspace, source.key)


def forget_if_healed(workspace: Workspace, key: str) -> None:
    """Forget what was wrong with a file of which everything is up to date again.

    A file that is again what it was needs no step but the one that looks at it.
    """
    if workspace.sources.error_note(key) is None or current_error(workspace, key):
        return
    if all(decide(workspace, name, key) for name in PER_FILE):
        workspace.sources.clear_error(key)


def step_inputs(workspace: Workspace, step: str, key: str) -> dict[str, str]:
    """Return what decides whether a step can handle a file: its code, its settings, its limits."""
    reading = step in READING
    inputs = {"code": code_version("images" if reading else step)}
    inputs |= layout_inputs(workspace, key) if reading else list_inputs(workspace, step)
    settings = workspace.settings
    return inputs | {"memory": settings.memory, "max_text": settings.max_text}
