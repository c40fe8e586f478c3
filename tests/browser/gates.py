"""What every kind of page keeps to, measured in a browser: size, stops, stillness, axe's rules.

Lives here: which pages a site has of each kind, and what is found wrong with one. Used by the
tests of these gates and by `bench.site_gates`, which tries sites of any size by hand.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.repository import ROOT

MOST_NODES, MOST_STOPS, MOST_SHIFT = 3_000, 250, 0.05

#: WCAG 2.2 AA and axe's best practices.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: Installed with what checks the client.
AXE = ROOT / "client" / "node_modules" / "axe-core" / "axe.min.js"

#: To be added to a page before it is opened.
SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shifted += entry.hadRecentInput ? 0 : entry.value;
}).observe({ type: 'layout-shift', buffered: true });
"""
_MEASURED = """() => ({
  nodes: document.querySelectorAll('*').length,
  stops: [...document.querySelectorAll('a[href], button, input, select, summary, [tabindex]')]
    .filter((e) => e.tabIndex >= 0 && !e.disabled && e.checkVisibility()).length,
  width: document.documentElement.scrollWidth,
  shift: window.shifted,
  ran: window.XSS ?? null,
})"""
_AXE = """(tags) => axe
  .run({ preload: false, resultTypes: ['violations'], runOnly: { type: 'tag', values: tags } })
  .then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html.slice(0, 200)]))"""

#: Lists and names of the other two are of the templates of the first.
_LIKE_OTHERS = ("celebrities", "characters")


def kinds_of(site: Path) -> list[str]:
    """Return a page of each kind: first pages of lists, the largest of a name and of a domain."""
    named = sorted((path.name for path in site.glob("*.html")), key=len, reverse=True)
    kinds = {re.sub(r"-\d+(?=\.html)", "", name): name for name in named}
    pages = [name for kind, name in kinds.items() if not kind.startswith((*_LIKE_OTHERS, "search"))]
    for folder in (site / "artists", site / "domains"):
        largest = max(folder.glob("*.html"), key=lambda path: (path.stat().st_size, path.name))
        pages.append(f"{folder.name}/{largest.name}")
    asked = ("", "?q=the", "?q=zzzqqq", "?q=the&view=grid")
    searches = [f"search.html{query}" for query in asked]
    return [*sorted(pages), *searches, "compare.html?a=pink&b=the"]


def settle(page: Page, site: Path, path: str) -> None:
    """Open a page and wait until its scripts have done what they do unasked."""
    page.goto(f"{site.as_uri()}/{path}")
    expect(page.locator("[aria-busy]")).to_have_count(0)
    for status in page.locator("#search-status, #compare-status").all():
        expect(status).not_to_have_text(re.compile("…$"))
    if path.startswith("compare.html?"):
        expect(page.locator("#both")).to_contain_text("both")


def faults(page: Page, width: int) -> list[str]:
    """Return what is wrong with the page that is open in a window of this width."""
    found: dict[str, Any] = page.evaluate(_MEASURED)
    most = {"nodes": MOST_NODES, "stops": MOST_STOPS, "shift": MOST_SHIFT, "width": width}
    wrong = [f"{what} {found[what]}" for what, limit in most.items() if found[what] > limit]
    if found["ran"] is not None:
        wrong.append("a script of the data ran")
    if AXE.exists():
        page.evaluate(AXE.read_text("utf-8"))
        wrong += [f"{rule}: {where}" for rule, where in page.evaluate(_AXE, RULES)]
    return wrong
