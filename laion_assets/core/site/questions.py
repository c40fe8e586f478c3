"""The questions of the 2022 study, answered on one page from one table each.

Lives here: the words, and which columns of which table answer. Not here: the counting
(`core.tables.study`), the study's own figures.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from laion_assets.core.names.zero_bound import per_million
from laion_assets.core.site.columns import Column
from laion_assets.core.site.formats import NOT_APPLICABLE, UNKNOWN, number, percent
from laion_assets.core.site.inputs import Page
from laion_assets.core.site.model import Site
from laion_assets.core.site.tables import Row, read_table, rows_of

#: Rows of an answer printed on the page, unless it says otherwise; the download has them all. With
#: what is shown of the others a page of every answer has fewer than 250 stops of the tab key.
ROWS_SHOWN = 10

#: Where the values of a row lead, by column.
Links = Callable[[Site, Row], dict[str, str | None]]


@dataclass(frozen=True, slots=True)
class Question:
    """One question: the table that answers, the answer in a sentence, the columns printed.

    `shares` says what the shares printed are of, where they are not of one number.
    """

    table: str
    title: str
    answer: Callable[[Sequence[Row], Site], str]
    columns: tuple[Column, ...]
    links: Links = lambda _site, _row: {}
    shares: str = ""
    shown: int = ROWS_SHOWN


def _names_on(list_name: str, key: str = "name") -> Links:
    """Links of a column of names to their pages; the row itself says on which list, if not this."""

    def links(site: Site, row: Row) -> dict[str, str | None]:
        name = row[key]
        return {key: site.name_link(list_name or row["list"], name, "") if name else None}

    return links


def _hosted(site: Site, row: Row) -> dict[str, str | None]:
    """The search for a platform that hosts anything."""
    name = row["platform"]
    return {"platform": site.search_link("platform", name, "") if row["hosted"] else None}


_COUNTS = (Column("images", "Images"), Column("images_in_context", "In context"))


def _top_artists(rows: Sequence[Row], _: Site) -> str:
    lives = [row["life"] for row in rows]
    writers = sum(bool(row["writer"]) for row in rows)
    return (
        f"The {len(rows)} named most: living, as far as the list knows, {lives.count('living')}; "
        f"died {lives.count('died')}; unknown {lives.count(UNKNOWN)}. Mainly writers: {writers}."
    )


def _types(rows: Sequence[Row], _: Site) -> str:
    types = {row["type"]: row["found"] for row in rows}
    found = sum(count > 0 for count in types.values())
    return (
        f"{found} of {len(types)} types have an artist who is named at all. An artist of several "
        "types is listed under each; an ambiguous name counts only in context. Writers are marked: "
        "their name on a comic is not their drawing."
    )


def _celebrities(rows: Sequence[Row], _: Site) -> str:
    if not rows:
        return "Nobody on the list is named."
    return (
        f"{rows[0]['name']} leads with {number(rows[0]['images_likely'])} images. Ambiguous names "
        "are ranked by the images whose context makes the person likely."
    )


def _gender(rows: Sequence[Row], _: Site) -> str:
    top = {row["gender"]: row["names"] for row in rows if row["scope"] == "top 100"}
    if not top:
        return "Nobody on the list is named."
    parts = ", ".join(f"{count} {gender}" for gender, count in top.items())
    return (
        f"Among the {sum(top.values())} most named: {parts}. The gender is the list's own, and an "
        "ambiguous name counts only in context."
    )


def _internet(rows: Sequence[Row], site: Site) -> str:
    zero = sum(row["images"] == 0 for row in rows)
    elsewhere = sum(row["images"] == 0 and row["images_of_variants"] > 0 for row in rows)
    bound = next((row["share_at_most"] for row in rows if row["share_at_most"] is not None), None)
    said = ""
    if bound is not None:
        said = (
            f" Zero of {number(site.headline.published)} images means, if they were a random "
            f"sample: at most {per_million(bound)} in a million (95% confidence)."
        )
    return (
        f"{zero} of {len(rows)} listed internet personalities are in no caption; {elsewhere} of "
        f"these occur in another spelling, which is counted separately.{said}"
    )


def _ambiguous(rows: Sequence[Row], _: Site) -> str:
    raw = sum(row["images"] for row in rows)
    likely = sum(row["images_in_context"] for row in rows)
    share = percent(likely / raw) if raw else UNKNOWN
    found = sum(row["images"] > 0 for row in rows)
    return (
        f"{number(len(rows))} listed names are also words, places or other people, and captions "
        f"have {number(found)} of them: {number(raw)} times, {number(likely)} of these ({share}) "
        "with a word that makes the listed one likely."
    )


def _franchises(rows: Sequence[Row], _: Site) -> str:
    found = sum(row["images"] > 0 for row in rows)
    likely = sum(row["images_likely"] > 0 for row in rows)
    return (
        f"{number(found)} of {number(len(rows))} franchises have a character who is named; "
        f"{number(likely)} where an ambiguous name counts only in context, as in this ranking. An "
        "image that names two of a franchise counts once."
    )


def _platforms(rows: Sequence[Row], _: Site) -> str:
    artstation = next((row for row in rows if row["platform"] == "ArtStation"), None)
    if artstation is None:
        return "Where a picture is hosted, and what its caption names."
    hosted, elsewhere = artstation["hosted"], artstation["named_elsewhere"]
    return (
        f"ArtStation hosts {number(hosted)} images; {number(elsewhere)} that are hosted elsewhere "
        "name it in their caption. Platforms whose names are also words, places or people come "
        "last."
    )


#: In the order of the page.
QUESTIONS = (
    Question(
        "study_artists",
        "Which artists are named most, and who of them is living?",
        _top_artists,
        (
            Column("rank", "Rank"),
            Column("name", "Name", head=True),
            *_COUNTS,
            Column("type", "Type", "list"),
            Column("writer", "Writer"),
            Column("life", "Life"),
        ),
        links=_names_on("artists"),
        shown=25,
    ),
    Question(
        "study_artist_types",
        "Who leads in each type of art?",
        _types,
        (
            Column("type", "Type"),
            Column("position", "Place"),
            Column("name", "Name", head=True),
            Column("writer", "Writer"),
            *_COUNTS,
            Column("listed", "Listed"),
            Column("found", "Found"),
        ),
        links=_names_on("artists"),
        shown=45,
    ),
    Question(
        "study_celebrities",
        "Which famous people are named most?",
        _celebrities,
        (
            Column("rank", "Rank"),
            Column("name", "Name", head=True),
            *_COUNTS,
            Column("occupation", "Occupation", "list"),
            Column("gender", "Gender"),
        ),
        links=_names_on("celebrities"),
        shown=25,
    ),
    Question(
        "study_celebrity_gender",
        "Are they women or men?",
        _gender,
        (
            Column("scope", "Among", head=True),
            Column("gender", "Gender"),
            Column("names", "Names"),
            Column("share_of_names", "Share of names"),
            Column("mentions_likely", "Mentions"),
            Column("share_of_mentions", "Share of mentions"),
        ),
        shares="shares are within each group of people",
    ),
    Question(
        "study_internet",
        "Are internet personalities in it?",
        _internet,
        (
            Column("name", "Name", head=True),
            Column("images", "Images"),
            Column("images_of_variants", "Other spellings"),
            Column("variants", "Which"),
            Column("aliases", "Also counted", "list"),
        ),
        links=_names_on("celebrities"),
    ),
    Question(
        "study_ambiguous",
        "How many hits for Pink, Prince or Link are about them?",
        _ambiguous,
        (
            Column("name", "Name", head=True),
            Column("list", "List"),
            *_COUNTS,
            Column("share_in_context", "Share", missing=NOT_APPLICABLE),
            Column("context", "Context words", "list"),
        ),
        links=_names_on(""),
        shares="share of the images with the name",
    ),
    Question(
        "study_franchises",
        "Which franchises do the characters come from?",
        _franchises,
        (
            Column("rank", "Rank"),
            Column("franchise", "Franchise", head=True),
            Column("images_likely", "Likely images"),
            Column("images", "Images"),
            Column("characters_found", "Characters found"),
            Column("characters_listed", "Listed"),
            Column("most_named", "Most named"),
        ),
        links=_names_on("characters", "most_named"),
    ),
    Question(
        "study_platforms",
        "Platforms: hosting here, or named elsewhere?",
        _platforms,
        (
            Column("platform", "Platform", head=True),
            Column("category", "Category"),
            Column("hosted", "Hosted there"),
            Column("named", "Named in captions"),
            Column("named_elsewhere", "Named, but elsewhere"),
            Column("ambiguous", "Ambiguous"),
        ),
        links=_hosted,
    ),
)


def questions_page(site: Site) -> Page:
    """`questions.html`: each question with its answer, the table and where to download it."""
    return site.render(
        "questions.html",
        "questions.html",
        title="Questions",
        questions=[_question(site, question) for question in QUESTIONS],
    )


def _question(site: Site, question: Question) -> dict[str, Any]:
    rows = rows_of(read_table(site.inputs.tables, question.table))
    return {
        "id": question.table.removeprefix("study_").replace("_", "-"),
        "table": question.table,
        "title": question.title,
        "answer": question.answer(rows, site),
        "columns": question.columns,
        "shares": question.shares,
        "rows": [{**row, "links": question.links(site, row)} for row in rows[: question.shown]],
        "total": len(rows),
    }
