"""What one build directory is built from and how: the content of `<build-dir>/build.toml`.

Saved by the command line, read by everything else (the Dagster UI and the sensor among them), so
that both always mean the same source set. Not here: anything derived from the files.
"""

import tomllib
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import tomli_w

from laion_assets.core.base.errors import BadUsage
from laion_assets.core.base.files import write_bytes
from laion_assets.core.cleaning.thresholds import Thresholds

FILE_NAME = "build.toml"
_KINDS = {str: "a text", int: "a whole number"}


@dataclass(frozen=True)
class Settings:
    """Everything a build depends on besides its files, lists, templates and code."""

    dataset: str = "sample"
    sources: tuple[str, ...] = ()  # absolute paths; empty for a generated dataset
    max_files: int = 20_000  # of the published site: the strictest common host's limit
    memory: str = "2GB"  # DuckDB's ceiling; what exceeds it spills to the build directory
    threads: int = 2
    removals: str = ""  # the removal list; empty: removals.csv in the build directory
    allow: str = ""  # a list of image ids; when given, every other row is removed
    lists: str = ""  # a folder of lists that replace or extend ours
    withdrawn: str = ""  # why the site is withdrawn; a page that says so takes its place
    thresholds: Thresholds = field(default_factory=Thresholds)

    def with_changes(self, **changes: Any) -> "Settings":
        """Return a copy with every given value that is not None."""
        return replace(
            self, **{name: value for name, value in changes.items() if value is not None}
        )


def load_settings(build_dir: Path) -> Settings | None:
    """Read the saved settings of a build directory; None when there are none yet.

    Raises BadUsage when someone's edit left something that is no setting.
    """
    path = build_dir / FILE_NAME
    if not path.exists():
        return None
    try:
        return _settings(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, TypeError, UnicodeDecodeError) as error:
        raise BadUsage(
            f"{path}: {error}; mend it or delete it and name the sources again"
        ) from error


def _settings(raw: dict[str, Any]) -> Settings:
    """Make settings of what TOML says; TypeError for a name or a type that is none of theirs."""
    thresholds = Thresholds(**raw.pop("thresholds", {}))
    sources = raw.pop("sources", [])
    if not isinstance(sources, list) or not all(isinstance(source, str) for source in sources):
        raise TypeError(f"sources is {sources!r}, not a list of paths")
    settings = Settings(**raw, sources=tuple(sources), thresholds=thresholds)
    for name, kind in (("dataset", str), ("memory", str), ("max_files", int), ("threads", int)):
        if type(getattr(settings, name)) is not kind:
            raise TypeError(f"{name} is {getattr(settings, name)!r}, not {_KINDS[kind]}")
    return settings


def save_settings(build_dir: Path, settings: Settings) -> None:
    """Write the settings, atomically and only when they differ from the saved ones."""
    path = build_dir / FILE_NAME
    content = tomli_w.dumps({**asdict(settings), "sources": list(settings.sources)}).encode()
    if not path.exists() or path.read_bytes() != content:
        write_bytes(path, content)
