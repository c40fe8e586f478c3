"""What hosts of static files allow: how many files, how large, how much in all.

One home for these figures, each with where it is from. Not here: how a site's files are shared out
among pages and index (`core.base.budget`), recipes (`docs/hosting.md`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from laion_assets.core.base.budget import FEWEST_FILES
from laion_assets.core.base.errors import UserError

if TYPE_CHECKING:  # the command line reads the names of hosts before anything is imported
    from laion_assets.core.publish.outgoing import Outgoing

_MIB, _GIB, _TIB = 2**20, 2**30, 2**40
_GB = 10**9


@dataclass(frozen=True)
class Host:
    """A host's limits; None where it has none. `sources` are the pages that say so."""

    title: str
    files: int | None = None
    in_folder: int | None = None  # files directly in one folder
    largest: int | None = None  # bytes of a file
    total: int | None = None  # bytes
    sources: tuple[str, ...] = ()
    besides: tuple[str, ...] = ()  # empty files that it wants
    remark: str = ""


HOSTS: Mapping[str, Host] = {
    "github-pages": Host(
        "GitHub Pages",
        largest=100 * _MIB,
        total=_GB,
        sources=(
            "https://docs.github.com/en/pages/getting-started-with-github-pages/github-pages-limits",
            "https://docs.github.com/en/repositories/working-with-files/managing-large-files/about-large-files-on-github",
        ),
        besides=(".nojekyll",),
        remark="without .nojekyll it would run every page through Jekyll",
    ),
    "cloudflare-pages": Host(
        "Cloudflare Pages",
        files=20_000,  # of a free plan; 100,000 of a paid one since January 2026
        largest=25 * _MIB,
        sources=(
            "https://developers.cloudflare.com/pages/platform/limits/",
            "https://developers.cloudflare.com/changelog/post/2026-01-23-pages-file-limit-increase/",
        ),
        remark="a paid plan has 100,000 files",
    ),
    "netlify": Host(
        "Netlify",
        in_folder=54_000,
        sources=("https://docs.netlify.com/site-deploys/overview",),
    ),
    "huggingface": Host(
        "Hugging Face",
        files=100_000,
        in_folder=10_000,
        largest=20 * _GB,
        sources=("https://huggingface.co/docs/hub/en/repositories-recommendations",),
        remark="these are what the hub recommends",
    ),
    "s3": Host(
        "S3",
        largest=488 * _TIB // 10,
        sources=("https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html",),
    ),
    "nginx": Host("a web server of one's own"),
}
#: Stands for a host that is not known yet: the strictest of all limits.
ANY = "any"


def host_named(name: str) -> Host:
    """Return a host, or the strictest of all for `any`."""
    if name != ANY:
        return HOSTS[name]

    def least(limits: list[int | None]) -> int | None:
        return min((limit for limit in limits if limit is not None), default=None)

    hosts = list(HOSTS.values())
    return Host(
        "any of the known hosts",
        files=least([host.files for host in hosts]),
        in_folder=least([host.in_folder for host in hosts]),
        largest=least([host.largest for host in hosts]),
        total=least([host.total for host in hosts]),
        besides=tuple(dict.fromkeys(name for host in hosts for name in host.besides)),
    )


def check_host(host: Host, outgoing: Outgoing) -> None:
    """Raise UserError, with what to change, when a site is more than a host takes."""
    problems = list(_problems(host, outgoing))
    if problems:
        raise UserError(f"{host.title} does not take this site: {'; '.join(problems)}")


def _problems(host: Host, outgoing: Outgoing) -> list[str]:
    problems = []
    sizes = outgoing.sizes
    if host.files is not None and len(sizes) > host.files:
        problems.append(
            f"{len(sizes):,} files, {host.files:,} at most"
            f" (`laion-assets build --max-files {_fewer(host.files, host)}`)"
        )
    folders = Counter(path.rpartition("/")[0] for path in sizes)
    folder, most = max(folders.items(), key=lambda entry: (entry[1], entry[0]))
    if host.in_folder is not None and most > host.in_folder:
        fewer = max(FEWEST_FILES, len(sizes) * host.in_folder // most // 100 * 100)
        problems.append(
            f"{most:,} files in {folder or 'the top folder'}, {host.in_folder:,} in a folder"
            f" at most (`laion-assets build --max-files {fewer}`)"
        )
    largest = max(sizes, key=lambda path: (sizes[path], path))
    if host.largest is not None and sizes[largest] > host.largest:
        more = -(-len(sizes) * sizes[largest] // host.largest // 1_000) * 1_000
        advice = f"`laion-assets build --max-files {more}` makes more and smaller files"
        if host.files is not None and more > host.files:
            advice = "build of fewer rows, or choose a host that takes larger files"
        problems.append(
            f"{largest} has {in_words(sizes[largest])}, {in_words(host.largest)} at most ({advice})"
        )
    if host.total is not None and outgoing.total > host.total:
        problems.append(
            f"{in_words(outgoing.total)} in all, {in_words(host.total)} at most (build of fewer"
            " rows with --source, or choose a host without this limit: s3, nginx)"
        )
    return problems


def _fewer(files: int, host: Host) -> int:
    """Return the --max-files for a host, which counts what it wants besides as well."""
    return files - len(host.besides)


def in_words(size: int) -> str:
    """Return a size as people read it."""
    for unit, name in ((_TIB, "TiB"), (_GIB, "GiB")):
        if size >= unit:
            return f"{size / unit:,.2f} {name}"
    return f"{size / _MIB:,.1f} MiB"
