"""The page that takes the place of a withdrawn site: what it was, and why it is gone.

Two pages show it, so that old links within the site's folder still say something. Nothing else
of the site is published while it is withdrawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from laion_assets.core.site.inputs import Page
from laion_assets.core.site.publisher import Publisher
from laion_assets.core.site.render import build_environment
from laion_assets.core.site.safety import STRICT_CSP, one_line

#: The paths of all that is published then, but for the manifest.
TOMBSTONE = frozenset(("404.html", "index.html", "static/style.css"))


def render_tombstone(
    templates: Path, title: str, why: str, publisher: Publisher, dated: str = ""
) -> Iterator[Page]:
    """The style sheet and the page, as index.html and 404.html; `why` is shown as plain text.

    `dated` is when the data was of; without it the page does not say.
    """
    template = build_environment(templates).get_template("tombstone.html")
    html = template.render(
        csp=STRICT_CSP, title=title, why=why, publisher=publisher, dated=one_line(dated)
    )
    content = html.encode("utf-8", "replace")
    yield Page("404.html", content)
    yield Page("index.html", content)
    yield Page("static/style.css", (templates / "static" / "style.css").read_bytes())
