"""Reading the word lists, templates and host tables under `lexicon/`.

Lives here: the little notation of those files. Not here: what is done with the words (`grammar`).
A file is made of sections, `[name]` or `[name from=900 power=0.75]`; `#` starts a comment line.
Word sections hold entries separated by `|` or line ends, each with an optional weight behind a `*`;
the k-th entry without one weighs from / k ** power. Template sections hold one template a line,
with an optional weight in front.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from laion_assets.sample.invented import Weighted, computed_sections

_FOLDER = Path(__file__).parent / "lexicon"
_HEADER = re.compile(r"\[(?P<name>\w+)(?: from=(?P<start>[\d.]+) power=(?P<power>[\d.]+))?\]")
_WORD = re.compile(r"(?P<word>.*?)(?:\s+\*(?P<weight>[\d.]+))?", re.DOTALL)
_TEMPLATE = re.compile(r"(?:\*(?P<weight>\d+) ?)?(?P<text>.*)")
_WORD_FILES = (
    "art", "foreign", "names", "nature", "people", "phrases", "places", "things", "hostwords",
    "syllables",
)  # fmt: skip
_DEFAULT_START, _DEFAULT_POWER = 1.0, 0.3  # mildly top-heavy: lists begin with the commoner words


@dataclass(frozen=True)
class HeadDomain:
    """One of the hundred commonest domains."""

    domain: str
    share: float  # of all images, 0..1
    flavour: str  # what its captions are like, see captions.py
    path_section: str  # section of paths.txt
    plain_http: float  # share of its addresses that begin with http:
    hosts: Weighted  # host templates


@cache
def word_sections() -> dict[str, Weighted]:
    """Return section name → words with weights, from the files and from `invented`."""
    sections: dict[str, Weighted] = {}
    for file in _WORD_FILES:
        for header, lines in _sections(file):
            if header["name"] in sections:
                raise ValueError(f"lexicon/{file}.txt: section {header['name']} exists twice")
            sections[header["name"]] = tuple(_words(header, lines))
    return sections | computed_sections(sections)


@cache
def templates(file: str) -> dict[str, Weighted]:
    """Return section name → templates with weights of `lexicon/<file>.txt`."""
    return {header["name"]: tuple(map(_template, lines)) for header, lines in _sections(file)}


@cache
def head_domains() -> tuple[HeadDomain, ...]:
    """Return the hundred commonest domains, in the order of the file."""
    total = 12_097.0  # thousand images in the subset the 2022 study counted
    domains = []
    for line in _lines("hosts"):
        domain, thousands, flavour, paths, http, hosts = (cell.strip() for cell in line.split("|"))
        weighted = tuple(_word(host.replace("*", " *")) for host in hosts.split())
        share, plain = float(thousands) / total, float(http) / 100
        domains.append(HeadDomain(domain, share, flavour, paths, plain, weighted))
    return tuple(domains)


def _lines(file: str) -> Iterator[str]:
    text = (_FOLDER / f"{file}.txt").read_text(encoding="utf-8")
    return (line for line in text.split("\n") if line.strip() and not line.startswith("#"))


def _sections(file: str) -> list[tuple[re.Match[str], list[str]]]:
    found: list[tuple[re.Match[str], list[str]]] = []
    for line in _lines(file):
        header = _HEADER.fullmatch(line)
        if header:
            found.append((header, []))
        else:
            found[-1][1].append(line)
    return found


def _words(header: re.Match[str], lines: list[str]) -> Iterator[tuple[str, float]]:
    start = float(header["start"] or _DEFAULT_START)
    power = float(header["power"] or _DEFAULT_POWER)
    rank = 0
    for entry in (entry for line in lines for entry in line.split("|") if entry.strip()):
        word, weight = _word(entry, 0.0)
        if not weight:
            rank += 1
            weight = start / rank**power
        yield word, weight


def _word(entry: str, default: float = 1.0) -> tuple[str, float]:
    matched = _WORD.fullmatch(entry.strip())
    assert matched is not None  # noqa: S101 - the pattern matches any text; for the type checker
    return matched["word"], float(matched["weight"] or default)


def _template(line: str) -> tuple[str, float]:
    matched = _TEMPLATE.fullmatch(line)
    assert matched is not None  # noqa: S101 - the pattern matches any line; for the type checker
    return matched["text"], float(matched["weight"] or 1)
