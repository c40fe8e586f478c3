"""Two pages that lead to others: `names.html` to the lists, `findings.html` to what was found.

Lives here: the one line of numbers that says what a page behind a link holds. Not here: those pages
(`entities`, `pages`, `questions`, `claims`).
"""

from __future__ import annotations

from typing import Any

from laion_assets.core.names.registry import LISTS
from laion_assets.core.site.formats import number, percent
from laion_assets.core.site.headline import labelled
from laion_assets.core.site.inputs import Page
from laion_assets.core.site.model import Site
from laion_assets.core.site.questions import QUESTIONS
from laion_assets.core.site.tables import read_table, rows_of

#: The most frequent of a list that are named beside it.
_NAMED = 3


def names_page(site: Site) -> Page:
    """`names.html`: each list with how many of its names are found, and the most frequent."""
    lists = []
    for name, about in LISTS.items():
        rows = rows_of(read_table(site.inputs.tables, name).slice(0, _NAMED))
        lists.append(
            {
                "path": f"{name}.html",
                "title": about.title,
                "statistics": site.headline.names[name],
                "first": [
                    {
                        "name": row["name"],
                        "images": row["images_likely"],
                        "link": site.name_link(name, row["name"], ""),
                    }
                    for row in rows
                    if row["images_likely"]
                ],
            }
        )
    return site.render("names.html", "names.html", title="Names", name_lists=lists)


def findings_page(site: Site) -> Page:
    """`findings.html`: each page of findings with the number it is about."""
    return site.render("findings.html", "findings.html", title="Findings", findings=_findings(site))


def _findings(site: Site) -> list[dict[str, Any]]:
    tables, headline = site.inputs.tables, site.headline
    published, read = headline.published, headline.rows.get("read", 0)
    years = rows_of(read_table(tables, "years"))
    dated = sum(row["images"] for row in years if row["url_year"] is not None)
    nsfw = rows_of(read_table(tables, "nsfw"))
    unscored = labelled(nsfw, "punsafe").get("unknown", 0)
    unsafe = labelled(nsfw, "threshold").get(">= 0.5", 0)
    kept = headline.rows.get("kept", 0)
    groups = rows_of(read_table(tables, "duplicates"))
    shared = sum(
        row["images"] for row in groups if row["kind"] == "caption" and row["cluster_size"] > 1
    )
    rejected = headline.rows.get("rejected", 0)
    scored = kept - unscored
    claims = len(site.inputs.claims)
    return [
        _finding(
            "questions.html", "Questions",
            f"{number(len(QUESTIONS))} questions people asked about such data in 2022, each "
            "answered by one table: which artists, who of them lives, women or men, which sites.",
        ),
        _finding(
            "claims.html", "Claims",
            f"{number(claims)} published {'claim' if claims == 1 else 'claims'} beside what the "
            "tables here say: confirmed, lower, higher or not found.",
        ),
        _finding(
            "years.html", "Years",
            f"{_of(dated, published, 'published images')} have a year in their URL.",
        ),
        _finding(
            "nsfw.html", "Unsafe scores",
            f"{_of(unsafe, scored, 'rows that have the score')} are scored unsafe, 0.5 or more; "
            f"{_of(unscored, kept, 'rows kept')} have no score."
            if scored
            else f"None of {number(kept)} rows kept has such a score.",
        ),
        _finding(
            "duplicates.html", "Duplicates",
            f"{_of(shared, published, 'published images')} share their caption with another.",
        ),
        _finding(
            "quality.html", "Quality",
            f"{_of(rejected, read, 'rows read')} were rejected, each for one reason.",
        ),
    ]  # fmt: skip


def _finding(path: str, title: str, text: str) -> dict[str, Any]:
    return {"path": path, "title": title, "text": text}


def _of(count: int, whole: int, what: str) -> str:
    share = f" ({percent(count / whole)})" if whole else ""
    return f"{number(count)} of {number(whole)} {what}{share}"
