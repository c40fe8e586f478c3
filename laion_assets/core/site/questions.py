"""The questions of the 2022 study, answered on one page from one table each.

Lives here: the words, and which columns of which table answer. Not here: the counting
(:mod:`laion_assets.core.tables.study`), the study's own figures.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from laion_assets.core.names.registry import LIST_OF_FIELD
from laion_assets.core.names.zero_bound import per_million
from laion_assets.core.site.formats import NOT_APPLICABLE, UNKNOWN, listed, number, percent
from laion_assets.core.site.inputs import Page
from laion_assets.core.site.model import Site
from laion_assets.core.site.tables import Row, read_table, rows_of

ROWS_SHOWN = 25
"""Rows of an answer printed on the page, unless it says otherwise; the download has them all."""

Kind = Literal["text", "number", "percent", "flag", "list", "artist", "celebrity", "character",
               "any", "platform"]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """A column as printed: the table's column, its heading, and what kind of value it holds."""

    key: str
    label: str
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Question:
    """One question: the table that answers, the answer in a sentence, the columns printed."""

    table: str
    title: str
    answer: Callable[[Sequence[Row], Site], str]
    columns: tuple[Column, ...]
    shown: int = ROWS_SHOWN


_COUNTS = (
    Column("images", "Images", "number"),
    Column("images_in_context", "In context", "number"),
)


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
        f"{found} of {len(types)} types have an artist who is named at all. Who works in several "
        "types stands under each, and is found where an ambiguous name stands in context. Writers "
        "are marked: their name on a comic is not their drawing."
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
            f" Zero of {number(site.headline.published)} images means, were they a random sample: "
            f"at most {per_million(bound)} in a million (95% confidence)."
        )
    return (
        f"{zero} of {len(rows)} listed internet personalities are in no caption; {elsewhere} of "
        f"these occur in another spelling, which is counted apart.{said}"
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
        return "Where a picture lies, and what its caption names."
    hosted, elsewhere = artstation["hosted"], artstation["named_elsewhere"]
    return (
        f"ArtStation hosts {number(hosted)} images; {number(elsewhere)} that lie elsewhere name "
        "it in their caption. Platforms whose names are also words, places or people come last."
    )


QUESTIONS = (
    Question(
        "study_artists",
        "Which artists are named most, and who of them is living?",
        _top_artists,
        (
            Column("rank", "Rank", "number"),
            Column("name", "Name", "artist"),
            *_COUNTS,
            Column("type", "Type", "list"),
            Column("writer", "Writer", "flag"),
            Column("life", "Life"),
        ),
    ),
    Question(
        "study_artist_types",
        "Who leads in each type of art?",
        _types,
        (
            Column("type", "Type"),
            Column("position", "Place", "number"),
            Column("name", "Name", "artist"),
            Column("writer", "Writer", "flag"),
            *_COUNTS,
            Column("listed", "Listed", "number"),
            Column("found", "Found", "number"),
        ),
        shown=90,
    ),
    Question(
        "study_celebrities",
        "Which famous people are named most?",
        _celebrities,
        (
            Column("rank", "Rank", "number"),
            Column("name", "Name", "celebrity"),
            *_COUNTS,
            Column("occupation", "Occupation", "list"),
            Column("gender", "Gender"),
        ),
    ),
    Question(
        "study_celebrity_gender",
        "Are they women or men?",
        _gender,
        (
            Column("scope", "Among"),
            Column("gender", "Gender"),
            Column("names", "Names", "number"),
            Column("share_of_names", "Share of names", "percent"),
            Column("mentions_likely", "Mentions", "number"),
            Column("share_of_mentions", "Share of mentions", "percent"),
        ),
    ),
    Question(
        "study_internet",
        "Are internet personalities in it?",
        _internet,
        (
            Column("name", "Name", "celebrity"),
            Column("images", "Images", "number"),
            Column("images_of_variants", "Other spellings", "number"),
            Column("variants", "Which"),
            Column("aliases", "Also counted", "list"),
        ),
    ),
    Question(
        "study_ambiguous",
        "How many hits for Pink, Prince or Link are about them?",
        _ambiguous,
        (
            Column("name", "Name", "any"),
            Column("list", "List"),
            *_COUNTS,
            Column("share_in_context", "Share", "percent"),
            Column("context", "Context words", "list"),
        ),
    ),
    Question(
        "study_franchises",
        "Which franchises do the characters come from?",
        _franchises,
        (
            Column("rank", "Rank", "number"),
            Column("franchise", "Franchise"),
            Column("images_likely", "Likely images", "number"),
            Column("images", "Images", "number"),
            Column("characters_found", "Characters found", "number"),
            Column("characters_listed", "Listed", "number"),
            Column("most_named", "Most named", "character"),
        ),
    ),
    Question(
        "study_platforms",
        "Platforms: hosting here, or named elsewhere?",
        _platforms,
        (
            Column("platform", "Platform", "platform"),
            Column("category", "Category"),
            Column("hosted", "Hosted there", "number"),
            Column("named", "Named in captions", "number"),
            Column("named_elsewhere", "Named, but elsewhere", "number"),
            Column("ambiguous", "Ambiguous", "flag"),
        ),
    ),
)
"""In the order of the page."""


def questions_page(site: Site) -> Page:
    """``questions.html``: each question with its answer, the table and where to download it."""
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
        "rows": [[_cell(site, row, c) for c in question.columns] for row in rows[: question.shown]],
        "shown": min(len(rows), question.shown),
        "total": len(rows),
    }


def _cell(site: Site, row: Row, column: Column) -> dict[str, Any]:
    """A value as text, and where it leads."""
    value = row[column.key]
    return {"text": _text(value, column.kind), "link": _link(site, row, column), "column": column}


def _text(value: Any, kind: Kind) -> str:
    if kind == "flag":
        return "yes" if value else "no"
    if value is None or value == "":
        return NOT_APPLICABLE
    if kind == "number":
        return number(value)
    if kind == "percent":
        return percent(value)
    if kind == "list":
        return ", ".join(listed(value))
    return str(value)


def _link(site: Site, row: Row, column: Column) -> str | None:
    value = row[column.key]
    if not value:
        return None
    if column.kind == "platform":
        return site.search_link("platform", value, "") if row["hosted"] else None
    if column.kind == "any":
        return site.name_link(row["list"], value, "")
    if column.kind in LIST_OF_FIELD:
        return site.name_link(LIST_OF_FIELD[column.kind], value, "")
    return None
