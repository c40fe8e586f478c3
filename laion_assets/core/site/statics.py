"""Files that are no pages: style sheet and scripts, the token table, robots.txt and _headers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from rjsmin import jsmin

from laion_assets.core.site.inputs import Page
from laion_assets.core.site.safety import PICTURE_CSP, STRICT_CSP, script_string
from laion_assets.core.site.serving import DIGEST_NAMED, FOR_EVER
from laion_assets.core.text.tables import browser_table

ROBOTS = (
    "# Everything may be fetched: a page that is not to be listed says so itself (noindex),\n"
    "# and a crawler has to fetch it to see that.\n"
    "User-agent: *\n"
    "Disallow:\n"
)


#: What only authors need of the style sheet; nothing in its texts looks so: a test compares rules.
_CSS_SPARE = re.compile(rb"/\*.*?\*/\s*|\s+(?=[{}])|(?<=[{};,])\s+", re.DOTALL)

#: The script with the token table.
TOKENS = "static/tokens.js"
#: What `scripts.json` calls the index's directory, whose name holds a hash.
DIRECTORY = "search/<digest>/directory.js"


def script_order(templates: Path) -> dict[str, list[str]]:
    """The scripts by the kind of page that loads them, in order: `scripts.json`."""
    order: dict[str, list[str]] = json.loads((templates / "scripts.json").read_bytes())
    return order


def published_scripts(templates: Path) -> dict[str, list[str]]:
    """The same as published: a kind's own scripts that follow one another are one file.

    It has the name of the last of them; a script may be in several files.
    """
    return {
        kind: [runs[-1] for runs in _runs_of(scripts)]
        for kind, scripts in script_order(templates).items()
    }


def _runs_of(scripts: list[str]) -> list[list[str]]:
    made = {DIRECTORY, TOKENS}  # when the site is rendered
    grouped = groupby(scripts, lambda script: script if script in made else "")
    return [list(group) for _, group in grouped]


def static_files(templates: Path) -> Iterator[Page]:
    """Everything under `static/` in the order of its paths, scripts as they are published.

    Scripts and style sheet leave out their comments: the sources are where this program is.
    """
    folder = templates / "static"
    runs = [run for scripts in script_order(templates).values() for run in _runs_of(scripts)]
    for path in sorted(folder.rglob("*")):
        name = f"static/{path.relative_to(folder).as_posix()}"
        if path.suffix == ".js":
            run = next((run for run in runs if name == run[-1]), None)
            if run is not None:
                parts = [jsmin((templates / part).read_bytes()) for part in run]
                yield Page(name, b"\n".join((*parts, b"")))
        elif path.suffix == ".css":
            yield Page(name, _CSS_SPARE.sub(b"", path.read_bytes()))
        elif path.is_file():
            yield Page(name, path.read_bytes())


def tokens_script() -> Page:
    """The token table as a classic script for the search client (INDEX format, key `tokens`)."""
    text = browser_table()
    size = len(text.encode("utf-8"))
    script = f'LaionIndex("tokens",JSON.parse({script_string(text)}),{size});\n'
    return Page(TOKENS, script.encode("utf-8"))


def headers_file(*, pictures: bool) -> Page:
    """`_headers` for hosts that read it: the pages' policies, and what only a header can say.

    Several policies on one response all apply, so the stricter one of a page narrows this one.
    The search index lies in a folder named by its content, which never changes.
    """
    policy = PICTURE_CSP if pictures else STRICT_CSP
    text = f"""/*
  Content-Security-Policy: {policy}; frame-ancestors 'none'
  Referrer-Policy: no-referrer
  X-Content-Type-Options: nosniff
  X-Frame-Options: DENY
  Cross-Origin-Opener-Policy: same-origin
  Permissions-Policy: camera=(), geolocation=(), microphone=(), payment=(), usb=()

/nsfw.html
  Content-Security-Policy: {STRICT_CSP}; frame-ancestors 'none'

/{DIGEST_NAMED}*
  Cache-Control: {FOR_EVER}

/data/*
  Access-Control-Allow-Origin: *
"""
    return Page("_headers", text.encode("utf-8"))


def robots_file(sitemap: str | None = None) -> Page:
    """`robots.txt`: nothing is closed; where the sitemap is, if there is one."""
    told = f"Sitemap: {sitemap}\n" if sitemap else ""
    return Page("robots.txt", f"{ROBOTS}{told}".encode())
