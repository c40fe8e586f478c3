"""Stamps: the one source of truth about what is up to date.

A stamp lies beside each output and says from what it was made: digests of inputs, the code version,
digests of the files written, and the counts worth reporting. The command line plans from stamps,
assets check the same stamps, so the Dagster UI and the command line agree. Not here: what the
inputs of an asset are (`plan`).
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from laion_assets.core.base.files import sha256_json, sha256_unless_known, write_json
from laion_assets.core.base.records import read_json
from laion_assets.core.build.graph import EXPORTS
from laion_assets.core.build.paths import Paths

#: The code version of an output that nothing vouches for: no code has it.
VOID = ""


@dataclass(frozen=True)
class Stamp:
    """What one output was made from, and what it is."""

    code: str
    inputs: Mapping[str, str]
    outputs: Mapping[str, tuple[str, int]]  # path relative to the build directory: sha256, bytes
    counts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """Digest of the content of every output; equal digests mean equal bytes."""
        return sha256_json({path: list(entry) for path, entry in self.outputs.items()})[:32]


def read_stamp(path: Path) -> Stamp | None:
    """Read a stamp; None when there is none or it is not readable as one."""
    return read_json(path, Stamp)


def site_outputs(stamp: Stamp | None) -> dict[str, str]:
    """Return the sha256 of every file of the site that a stamp lists, by its path in the site."""
    outputs = stamp.outputs if stamp is not None else {}
    return {
        name.removeprefix("site/"): digest
        for name, (digest, _) in outputs.items()
        if name.startswith("site/")
    }


def write_stamp(path: Path, stamp: Stamp) -> None:
    """Write a stamp atomically; always the last write of a step."""
    write_json(path, asdict(stamp))


def describe_outputs(build_dir: Path, paths: list[Path]) -> dict[str, tuple[str, int]]:
    """Return the digest and size of each output file, by its path below the build directory."""
    return {
        path.relative_to(build_dir).as_posix(): (sha256_unless_known(path), path.stat().st_size)
        for path in paths
    }


def outputs_present(build_dir: Path, stamp: Stamp, stamped: Path) -> bool:
    """Tell whether every output of the stamp, which lies at `stamped`, still exists with its size.

    One that was written after its stamp is compared: a build that was killed before it wrote its
    own stamp may have left as many other bytes. When they are the same after all (the directory was
    copied, a clock moved), the stamp gets their time, so that they are not compared again.
    """
    try:
        written = newest = stamped.stat().st_mtime_ns
        for name, (digest, size) in stamp.outputs.items():
            found = (build_dir / name).stat()
            if found.st_size != size:
                return False
            if found.st_mtime_ns > written:
                if sha256_unless_known(build_dir / name) != digest:
                    return False
                newest = max(newest, found.st_mtime_ns)
    except OSError:
        return False
    if newest > written:
        with suppress(OSError):
            os.utime(stamped, ns=(newest, newest))
    return True


#: Counts that others read from an asset's stamp: without them it is none.
_NEEDED: Mapping[str, set[str]] = {
    "raw_parquet": {"rows", "bytes", "fingerprint"},
    "images": {"read", "kept", "rejected", "hash_differs"},
    "search_index": {"directory"},
    "site": {"files", "written", "unchanged", "removed", "bytes"},
    **{export: {"withheld_from", "allowed"} for export in EXPORTS},
}


@dataclass(frozen=True)
class Stamps:
    """The stamps of one build directory."""

    paths: Paths

    def read(self, asset: str, key: str | None = None) -> Stamp | None:
        """Return an asset's stamp; None when it was never made, or something else lies there."""
        stamp = read_stamp(self.paths.stamp(asset, key))
        if stamp is None or not _NEEDED.get(asset, set()) <= set(stamp.counts):
            return None
        return stamp

    def time(self, asset: str, key: str | None = None) -> int:
        """Return when an asset's output was last made, in nanoseconds; 0 when it never was."""
        try:
            return self.paths.stamp(asset, key).stat().st_mtime_ns
        except FileNotFoundError:
            return 0

    def void(self, asset: str, key: str | None = None) -> None:
        """Say that nothing vouches for an asset's output any more; what it is stays known."""
        stamp = self.read(asset, key)
        if stamp is not None:
            write_stamp(self.paths.stamp(asset, key), replace(stamp, code=VOID))

    def write(self, asset: str, key: str | None, stamp: Stamp) -> None:
        """Write the stamp of an output that was just made."""
        write_stamp(self.paths.stamp(asset, key), stamp)
