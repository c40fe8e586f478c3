"""What one build directory is built from and how: the content of `<build-dir>/build.toml`.

Lives here: every setting once (name, kind, default, range, meaning); the options of `build`,
build.toml, `laion-assets settings` and the README's table are made from it. Saved by the command
line, read by everything else (the Dagster UI and the sensor among them), so that all mean the same.
Not here: anything derived from the files.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Annotated, Any, get_args, get_type_hints

import tomli_w
from msgspec import Meta

from laion_assets.core.base.budget import FEWEST_FILES, NO_LIMIT
from laion_assets.core.base.errors import BadUsage
from laion_assets.core.base.files import write_bytes
from laion_assets.core.base.records import to_record, wrong
from laion_assets.core.cleaning.thresholds import Thresholds
from laion_assets.core.site.publisher import Publisher
from laion_assets.core.sources.ceilings import LARGEST_DOWNLOAD

FILE_NAME = "build.toml"
LEAST_MEMORY = "256MB"
_MOST_MEMORY = 1 << 60  # bytes; of what is larger DuckDB says that it is out of range
LEAST_TEXT = "1MB"
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt])(i?)b?", re.IGNORECASE)
#: http(s), a host, a path of folders; nothing that could be anything else in a page.
_BASE_URL = re.compile(r"https?://[a-z0-9.-]+(?::\d{1,5})?(?:/[A-Za-z0-9._~-]+)*/?", re.IGNORECASE)
#: Where the steps of each source file run: this machine, a Ray cluster, the one at an address.
LOCAL = "local"
_ENGINE = re.compile(rf"{LOCAL}|ray(?:://[A-Za-z0-9.-]+(?::\d{{1,5}})?)?")
_PERCENT = re.compile(r"\d+(?:\.\d+)?\s*%")


#: What the thresholds mean; here, because no word about them may clean a row again.
_THRESHOLDS = {
    name: Meta(ge=0, le=1, description=f"punsafe from which {what}.")
    for name, what in {
        "blurred": "a row's picture is blurred",
        "no_image": "a row is listed without its picture",
        "withheld": "a row is not published at all",
    }.items()
}


@dataclass(frozen=True)
class Settings:
    """Everything a build depends on besides its files, lists, templates and code."""

    dataset: Annotated[
        str,
        Meta(
            description="A preset, or your own description.",
            extra={"metavar": "NAME|FILE.toml"},
        ),
    ] = "sample"
    sources: Annotated[
        tuple[str, ...],
        Meta(
            description="A file of rows, a folder of them, or an http(s) or s3 URL. Give it as "
            "often as needed: together they are the complete source set. Left out, the saved set "
            "is used.",
            extra={"metavar": "PATH|URL", "option": "source"},
        ),
    ] = ()
    follow_links: Annotated[
        bool,
        Meta(
            description="Read what links inside a source folder lead to, wherever that is; they "
            "are left out otherwise."
        ),
    ] = False
    accept_losses: Annotated[
        bool,
        Meta(
            description="Take it as done when less than half of a source file's rows are kept; "
            "otherwise that is told, and the exit code is 1."
        ),
    ] = False
    max_files: Annotated[
        int,
        Meta(
            ge=NO_LIMIT,
            description="Most files the site may have; 0 where the host sets no limit, such as an "
            "object store.",
            extra={"range": f"{NO_LIMIT}, or {FEWEST_FILES:,} or more"},
        ),
    ] = 20_000  # the strictest common host's limit
    memory: Annotated[
        str,
        Meta(
            description="DuckDB's memory, such as 2GB; what exceeds it spills to the build "
            "directory.",
            extra={"metavar": "SIZE", "range": f"at least {LEAST_MEMORY}"},
        ),
    ] = "2GB"
    max_text: Annotated[
        str,
        Meta(
            description="Most text that one source file may hold, expanded; one with more is set "
            "aside.",
            extra={"metavar": "SIZE", "range": f"at least {LEAST_TEXT}"},
        ),
    ] = "64GB"
    threads: Annotated[int, Meta(ge=1, le=1024, description="Threads inside a step.")] = 2
    engine: Annotated[
        str,
        Meta(
            description="Where the steps of each source file run: 'local' is this machine, 'ray' "
            "a Ray cluster (that of RAY_ADDRESS, or one of its own here), 'ray://HOST:PORT' the "
            "one at that address.",
            extra={"metavar": "local|ray[://ADDRESS]"},
        ),
    ] = LOCAL
    max_download: Annotated[
        str,
        Meta(
            description="Most bytes taken of a file whose host does not say how long it is.",
            extra={"metavar": "SIZE"},
        ),
    ] = f"{LARGEST_DOWNLOAD // 10**9}GB"
    removals: Annotated[
        str,
        Meta(
            description="Keep the removal list there instead of in the build directory.",
            extra={"metavar": "FILE"},
        ),
    ] = ""
    removals_key: Annotated[
        str,
        Meta(
            description="The secret key of the removal list; left out, it lies beside the list.",
            extra={"metavar": "FILE"},
        ),
    ] = ""
    allow: Annotated[
        str,
        Meta(
            description="Keep only rows whose image id is in this file, one a line; '' keeps all "
            "again.",
            extra={"metavar": "FILE"},
        ),
    ] = ""
    lists: Annotated[
        str,
        Meta(
            description="Your own lists: artists.csv there replaces ours, more-artists.csv adds to "
            "it, and so for every list and for claims.toml; '' uses ours again.",
            extra={"metavar": "FOLDER"},
        ),
    ] = ""
    publisher: Annotated[
        str,
        Meta(
            description="Who publishes the site: shown on its About page, where it says how to be "
            "removed, and on the page that stays when it is withdrawn.",
            extra={"metavar": "NAME"},
        ),
    ] = ""
    contact: Annotated[
        str,
        Meta(
            description="Where to ask the publisher for a removal: an e-mail address or an https "
            "URL, which become links.",
            extra={"metavar": "ADDRESS|URL"},
        ),
    ] = ""
    base_url: Annotated[
        str,
        Meta(
            description="Where the site will be, such as https://example.org/laion/: pages then "
            "say their own address to search engines, previews and whoever cites them.",
            extra={"metavar": "URL"},
        ),
    ] = ""
    withdrawn: Annotated[
        str,
        Meta(
            description="Why the site is withdrawn; set by `laion-assets withdraw`.",
            extra={"option": ""},
        ),
    ] = ""
    thresholds: Thresholds = field(default_factory=Thresholds)

    @property
    def published_by(self) -> Publisher:
        """Who publishes the copy and whom to ask, as pages may show it."""
        return Publisher(self.publisher, self.contact)

    @property
    def max_download_bytes(self) -> int:
        """The same as a number."""
        return memory_bytes(self.max_download) or LARGEST_DOWNLOAD

    def with_changes(self, **changes: Any) -> "Settings":
        """Return a copy with every given value that is not None, checked.

        Thresholds are given by their own names. Raises BadUsage for a value out of its range.
        """
        given = {name: value for name, value in changes.items() if value is not None}
        own = {field.name for field in fields(Thresholds)}
        of_rows = {name: given.pop(name) for name in own & set(given)}
        thresholds = replace(self.thresholds, **of_rows)
        changed = asdict(replace(self, thresholds=thresholds, **given))
        settings = _checked(changed | {"sources": list(changed["sources"])}, "")
        for name, most_modest in (("memory", LEAST_MEMORY), ("max_text", LEAST_TEXT)):
            size, least = memory_bytes(changed[name]), memory_bytes(most_modest)
            if name in given and size is not None and least is not None and size < least:
                raise BadUsage(f"{name} is {changed[name]!r}, not at least {most_modest}")
        return settings


@dataclass(frozen=True)
class Setting:
    """One setting as people meet it."""

    name: str  # as in build.toml, `thresholds.blurred` for one within a table
    meaning: str
    default: Any
    kind: type
    least: float | None
    most: float | None
    metavar: str | None
    option: str  # of `build`, without dashes; empty where another command sets it
    range: str  # in words

    @property
    def parameter(self) -> str:
        """The name by which `with_changes` takes it."""
        return self.name.rpartition(".")[2]


def all_settings() -> Iterator[Setting]:
    """Yield every setting, in the order of build.toml."""
    return _settings_of(Settings(), "")


def _settings_of(record: Any, prefix: str) -> Iterator[Setting]:
    hints = get_type_hints(type(record), include_extras=True)
    for entry in fields(record):
        default = getattr(record, entry.name)
        if is_dataclass(default):
            yield from _settings_of(default, f"{prefix}{entry.name}.")
            continue
        hint = hints[entry.name]
        kind, meta = get_args(hint) or (hint, _THRESHOLDS[entry.name])
        extra: Mapping[str, Any] = meta.extra or {}
        yield Setting(
            name=prefix + entry.name,
            meaning=meta.description,
            default=default,
            kind=tuple if isinstance(default, tuple) else kind,
            least=meta.ge,
            most=meta.le,
            metavar=extra.get("metavar"),
            option=extra.get("option", entry.name.replace("_", "-")),
            range=extra.get("range", _range(meta.ge, meta.le)),
        )


def _range(least: float | None, most: float | None) -> str:
    if least is None:
        return ""
    return f"{least:,} or more" if most is None else f"{least:,} to {most:,}"


def _checked(raw: Mapping[str, Any], where: str) -> Settings:
    """Return the settings when every value is of its kind and in its range; BadUsage otherwise."""
    settings = to_record(raw, Settings, where)
    if NO_LIMIT < settings.max_files < FEWEST_FILES:
        least = f"{NO_LIMIT}, or {FEWEST_FILES:,} or more"
        raise wrong(where, f"max_files is {settings.max_files}, not {least}")
    if not _is_memory(settings.memory.strip()):
        raise wrong(where, f"memory is {settings.memory!r}, not a size such as 2GB or 512MB")
    if not memory_bytes(settings.max_download):
        raise wrong(where, f"max_download is {settings.max_download!r}, not a size such as 50GB")
    if settings.base_url and not _BASE_URL.fullmatch(settings.base_url):
        said = settings.base_url[:80]
        raise wrong(where, f"base_url is {said!r}, not a URL such as https://example.org/laion/")
    if not _ENGINE.fullmatch(settings.engine):
        said = settings.engine[:80]
        raise wrong(where, f"engine is {said!r}, not local, ray or ray://HOST:PORT")
    if memory_bytes(settings.max_text) is None:
        raise wrong(where, f"max_text is {settings.max_text!r}, not a size such as 64GB")
    return settings


def _is_memory(size: str) -> bool:
    """Tell whether DuckDB takes it: a size above nothing, or a share of the machine's memory."""
    if _PERCENT.fullmatch(size):
        return 0 < float(size.rstrip("% ")) <= 100  # noqa: PLR2004 - percent
    return 0 < (memory_bytes(size) or 0) < _MOST_MEMORY


def memory_bytes(size: str) -> int | None:
    """Return the bytes of a size such as `2GB` or `512 MiB`; None when it is none."""
    found = _SIZE.fullmatch(size.strip())
    if found is None:
        return None
    number, unit, binary = found.groups()
    base = 1024 if binary else 1000
    return int(float(number) * base ** ("kmgt".index(unit.lower()) + 1))


def load_settings(build_dir: Path) -> Settings | None:
    """Read the saved settings of a build directory; None when there are none yet.

    Raises BadUsage when someone's edit left something that is no setting.
    """
    path = build_dir / FILE_NAME
    try:
        return _checked(tomllib.loads(path.read_text(encoding="utf-8")), str(path))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise BadUsage(f"{path}: cannot be read ({error.strerror}); make it readable") from error
    except (BadUsage, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        said = str(error).removeprefix(f"{path}: ")
        raise BadUsage(
            f"{path}: {said}; mend it, or move it away and name the sources again"
        ) from error


def save_settings(build_dir: Path, settings: Settings) -> None:
    """Write the settings, atomically and only when they differ from the saved ones."""
    path = build_dir / FILE_NAME
    content = tomli_w.dumps({**asdict(settings), "sources": list(settings.sources)}).encode()
    if not path.exists() or path.read_bytes() != content:
        write_bytes(path, content)
