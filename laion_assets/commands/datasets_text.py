"""What `laion-assets datasets` prints: the presets as a table, and one dataset explained.

Lives here: words and columns of text. Not here: what a dataset is (`core.sources.datasets`).
"""

from __future__ import annotations

from collections.abc import Iterator
from shutil import get_terminal_size
from textwrap import TextWrapper

from laion_assets.core.sources.datasets import Dataset, Location, load_dataset, preset_names
from laion_assets.core.sources.formats import FileFormat

_WIDEST = 100  # columns of text, however wide the terminal is
_PINNED = 40  # hexadecimal digits of a commit

#: What each status means, before the note that says what to do.
_STATUS = {
    "available": "available: anybody can download it",
    "gated": "gated: its host gives it to those who accept its conditions",
    "withdrawn": "withdrawn: its publisher took it down",
    "gone": "gone: it is no longer where it was, and no official copy exists",
    "local": "local: the files are yours",
}

DESCRIBING = """\
A dataset file of your own says what a preset says; everything in it may be left out:

\b
title = "My captions"
description = "What it is, for the front page."
licence = "CC-BY-4.0"
scorer = "v2"                      # aesthetic predictor: "v1", "v2" or "" (none, unknown)
homepage = "https://…"
caveats = ["What a reader must know."]
rows = 1_000_000                   # as its publisher states
date = 2024-08-30                  # the day the rows are of
dated = "2020 and 2021"            # or when, in words, where no one day is known
pictures = "ask"                   # or "none": never offer the hosts' pictures
links = true                       # or false: show URLs as text only

\b
[columns]                          # only where the names differ; case and spaces around are none,
url = "image_link"                 # but of two names alike the one spelled exactly so is taken
caption = ["title", "alt"]         # the first that is there
width = "image.width"              # a field of a struct or of a JSON object within a row
hash = []                          # none, whatever is called so

\b
[format]                           # only where looking at a text file does not tell
kind = "csv"                       # "csv", "tsv", "json" (of any shape) or "parquet"
header = false                     # left out: the first line is looked at
columns = ["url", "caption"]       # with header = false: the names, in order
delimiter = ";"                    # this and what follows: left out, the file is looked at
quote = '"'                        # "" where quotation marks are text
escape = '\\'                       # before a quote within quotes, besides doubling it
encoding = "windows-1252"          # or "utf-16", "shift_jis" and the like

\b
[location]                         # left out: you name the files with --source
kind = "hub"                       # or "http" with urls = ["https://…", "s3://…"], or "local"
repository = "owner/name"
revision = "main"                  # better: the commit
patterns = ["data/*.parquet"]
status = "available"               # or "gated", "withdrawn", "gone"
status_note = "What a user can do about it."
"""


def list_presets() -> Iterator[str]:
    """Yield the lines of the table of presets: those that need nothing first, then by name."""
    presets = [load_dataset(name) for name in preset_names()]
    presets.sort(key=lambda dataset: (not dataset.generated, dataset.name != "files"))
    table = [("name", "status", "rows", "title")]
    table += [(d.name, _short_status(d), _about(d), d.title) for d in presets]
    widths = [max(len(row[column]) for row in table) for column in range(3)]
    for name, status, rows, title in table:
        yield f"{name:{widths[0]}}  {status:{widths[1]}}  {rows:>{widths[2]}}  {title}"
    yield ""
    yield "laion-assets datasets NAME explains one; laion-assets datasets --help, your own."


def _short_status(dataset: Dataset) -> str:
    return "built in" if dataset.generated else dataset.location.status


def _about(dataset: Dataset) -> str:
    """Return the rows in three digits: 12.1M; bn are thousands of millions."""
    rows = dataset.generated.rows if dataset.generated else dataset.rows
    if rows is None:
        return "?"
    for unit, name in ((10**9, "bn"), (10**6, "M"), (10**3, "k")):
        if rows >= unit:
            return f"{rows / unit:.3g}{name}"
    return str(rows)


def explain_dataset(dataset: Dataset, given: str) -> Iterator[str]:
    """Yield the lines that explain one dataset; `given` is what names it on the command line."""
    yield dataset.title
    yield ""
    yield _filled("", dataset.description or "(no description)")
    yield ""
    for name, text in _facts(dataset):
        yield _filled(f"{name:10}", text)
    if dataset.caveats:
        yield ""
        yield "Keep in mind:"
        for caveat in dataset.caveats:
            yield _filled("- ", caveat)
    yield ""
    yield "Columns, first hit wins, case and spaces around are none (an absent score is unknown):"
    for ours, theirs in dataset.columns.items():
        yield f"  {ours:12}{', '.join(theirs) or '(not read)'}"
    yield ""
    yield "To build it:"
    for line in _build_lines(dataset, given):
        yield f"  {line}"


def _filled(mark: str, text: str) -> str:
    """Return text folded to the terminal, after a mark and indented as far."""
    wrapper = TextWrapper(
        width=min(_WIDEST, get_terminal_size().columns),
        initial_indent=mark,
        subsequent_indent=" " * len(mark),
        break_on_hyphens=False,
        break_long_words=False,
    )
    return wrapper.fill(text)


def _facts(dataset: Dataset) -> Iterator[tuple[str, str]]:
    location = dataset.location
    if dataset.generated:
        yield "Status", "built in: the program makes it"
    else:
        yield "Status", " — ".join(filter(None, (_STATUS[location.status], location.status_note)))
        yield "Where", _where(location)
    if dataset.rows is not None:
        about = "about " if dataset.rows % 1_000 == 0 else ""
        yield "Rows", f"{about}{dataset.rows:,}, as its publisher states"
    yield "Files", _files(dataset.format)
    yield "Licence", dataset.licence or "not stated"
    yield (
        "Scores",
        (
            f"aesthetic predictor {dataset.scorer}; scores of another version are another scale"
            if dataset.scorer
            else "no aesthetic scores, or of a version that is not stated"
        ),
    )
    if dataset.homepage:
        yield "Home", dataset.homepage


def _where(location: Location) -> str:
    if location.kind == "hub":
        pinned = len(location.revision) == _PINNED
        revision = f"{'pinned at ' if pinned else ''}{location.revision}"
        moving = "" if pinned else " (not pinned: the commit it stands for is noted when listed)"
        return f"hub dataset {location.repository}, {revision}{moving}: " + ", ".join(
            location.patterns
        )
    return ", ".join(location.urls) or "on your disk: name it with --source"


def _files(told: FileFormat | None) -> str:
    if told is None:
        return "parquet, CSV, TSV or JSON, compressed or not: each file tells"
    if told.kind == "jsonl":
        return "JSON: objects, one after another or in a list"
    if told.kind == "parquet":
        return "parquet"
    header = "with" if told.header else "header looked for,"
    if told.header is False:
        header = f"no header, columns {', '.join(told.columns)}; with"
    delimiter = "what is looked for" if told.delimiter is None else repr(told.delimiter)
    quote = f"quoted by {told.quote}" if told.quote else "quotation marks are text"
    if told.quote is None:
        quote = "quotes are looked for"
    escape = f", escaped by {told.escape}" if told.escape else ""
    encoding = f", in {told.encoding}" if told.encoding else ""
    return f"{told.kind}, {header} {delimiter} between fields, {quote}{escape}{encoding}"


def _build_lines(dataset: Dataset, given: str) -> Iterator[str]:
    command = f"laion-assets build --dataset {given}"
    location = dataset.location
    if dataset.generated:
        yield command
    elif location.status == "available":
        yield f"{command}    (downloads it)"
    elif location.status == "gated":
        yield f"HF_TOKEN=… {command}    (downloads it)"
    if not dataset.generated:
        yield f"{command} --source FOLDER-OR-FILE    (reads a copy you have)"
