"""The pages there is one of each: overview, years, unsafe scores, duplicates, quality and the rest.

Each function takes the `Site` and returns its page. Listings of domains and names, and the
pages under them, are in `domains`, `entities` and `names`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from itertools import chain
from typing import Any

import pyarrow.compute as pc

from laion_assets.core.names.registry import LISTS
from laion_assets.core.site.claims import FILE as CLAIMS_FILE
from laion_assets.core.site.downloads import DataFile, saved_name
from laion_assets.core.site.drawing import bar_length
from laion_assets.core.site.findings import example_searches, findings
from laion_assets.core.site.formats import listed_lines, number
from laion_assets.core.site.headline import TOP_DOMAINS, labelled, measure
from laion_assets.core.site.inputs import Page, SourceInfo
from laion_assets.core.site.linked_data import describe_dataset
from laion_assets.core.site.measures import (
    REASONS,
    RULES,
    VISIBILITIES,
    bucket_text,
    fold_empty,
    measure_histogram,
    unknown_note,
    years_histogram,
)
from laion_assets.core.site.model import Site
from laion_assets.core.site.safety import safe_link
from laion_assets.core.site.tables import Row, read_table, rows_of
from laion_assets.core.tables.registry import PUBLISHED_TABLES, TABLES

OVERVIEW_ROWS = 10
EXAMPLES = 8
#: Largest groups of each kind printed on the duplicates page, two links each: a page has at most
#: 250 stops of the tab key. The download has 1,000.
CLUSTERS_SHOWN = 25

SOURCES_SHOWN = 500

#: The tables that most people come for.
FIRST_TABLES = ("domains", *LISTS)[:4]
#: What the files of a table are called, by their endings.
FILE_KINDS = {"csv": "CSV", "zip": "Zip with README", "json": "JSON", "parquet": "Parquet"}

DUPLICATE_KINDS = {
    "url": "the same URL",
    "caption": "the same caption",
    "image_id": "the same URL and caption",
}


def overview_page(site: Site) -> Page:
    """`index.html`: what this is, the key numbers, the tops and what the numbers do not mean."""
    tops = [
        _top(site, "domains", "Domains", "domain"),
        _top(site, "platforms", "Platforms", "platform"),
        *(_top(site, name, about.title, "name") for name, about in LISTS.items()),
    ]
    years = rows_of(read_table(site.inputs.tables, "years"))
    nsfw = rows_of(read_table(site.inputs.tables, "nsfw"))
    return site.render(
        "index.html",
        "index.html",
        title="Overview",
        linked_data=describe_dataset(site),
        tops=tops,
        findings=findings(site),
        searches=example_searches(site),
        examples=_examples(site),
        years=years_histogram(years, partial(site.search_link, "year", root="")),
        dated=sum(row["images"] for row in years if row["url_year"] is not None),
        top_domains=TOP_DOMAINS,
        highest=next((row for row in measure(nsfw, "threshold") if row["label"] == "= 1"), None),
    )


def _examples(site: Site) -> list[dict[str, Any]]:
    """The best row of each of the largest domains as tiles that stay drawings.

    Domains whose best row is not `shown` are passed over.
    """
    rows = read_table(site.inputs.tables, "domain_rows")
    first = pc.equal(rows.column("position"), 1)
    # On the first page only rows that nothing speaks against.
    shown = pc.equal(rows.column("visibility"), "shown")
    by_domain = {row["domain"]: row for row in rows_of(rows.filter(pc.and_(first, shown)))}
    largest = [domain for domain in site.domain_slugs if domain in by_domain][:EXAMPLES]
    return [{**site.tile(by_domain[domain], ""), "picture": None} for domain in largest]


def _top(site: Site, table: str, title: str, column: str) -> dict[str, Any]:
    """The first of a table by the figure that it is sorted by, which is the one printed."""
    figure = "images_likely" if table in LISTS else "images"
    rows = rows_of(read_table(site.inputs.tables, table).slice(0, OVERVIEW_ROWS))
    largest = rows[0][figure] if rows else None

    def search(row: Row) -> str | None:
        return site.search_link(
            LISTS[table].singular if table in LISTS else column, row[column], ""
        )

    def link(row: Row) -> str | None:
        if table == "domains":
            return site.domain_link(row["domain"], "")
        return search(row) if table == "platforms" else site.name_link(table, row["name"], "")

    return {
        "title": title,
        "table": table,
        "key": column,
        "heading": column.capitalize(),
        "figure": "Likely images" if table in LISTS else "Images",
        "rows": [
            {
                **row,
                "images": row[figure],
                "share": site.headline.share_of(row[figure]),
                "links": {column: link(row)},
                "flag": f"ambiguous: {number(row['images'])} with the name"
                if row.get("ambiguous")
                else "",
                "bar": bar_length(row[figure], largest),
                "search": search(row),
            }
            for row in rows
            if row[figure] > 0
        ],
    }


def years_page(site: Site) -> Page:
    """`years.html`: images by the year found in their URL."""
    rows = rows_of(read_table(site.inputs.tables, "years"))
    largest = max((row["images"] for row in rows if row["url_year"] is not None), default=None)
    return site.render(
        "years.html",
        "years.html",
        title="Years",
        chart=years_histogram(rows, partial(site.search_link, "year", root="")),
        rows=[
            {
                **row,
                "links": {"url_year": site.search_link("year", str(row["url_year"]), "")},
                "bar": bar_length(row["images"], largest),
                "search": site.search_link("year", str(row["url_year"]), ""),
            }
            if row["url_year"] is not None
            else {**row, "bar": "0"}
            for row in rows
        ],
        dated=sum(row["images"] for row in rows if row["url_year"] is not None),
    )


def nsfw_page(site: Site) -> Page:
    """`nsfw.html`: the distribution of unsafe scores; no picture, no caption, no URL."""
    rows = rows_of(read_table(site.inputs.tables, "nsfw"))
    clusters = measure(rows, "top_cluster")
    return site.render(
        "nsfw.html",
        "nsfw.html",
        title="Unsafe scores",
        chart=measure_histogram(
            rows,
            "punsafe",
            "Kept rows by punsafe, on a logarithmic scale",
            source="nsfw",
            across="unsafe score (punsafe), 0 to 1",
            unit="rows",
            logarithmic=True,
        ),
        unknown=unknown_note(rows, "punsafe"),
        buckets=_measure_lines(rows, "punsafe"),
        limits=_measure_lines(rows, "threshold"),
        visibility=_measure_lines(rows, "visibility", VISIBILITIES),
        clusters=clusters,
        largest_cluster=clusters[0] if clusters else None,
    )


def _measure_lines(
    rows: Sequence[Row], name: str, meanings: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    lines = fold_empty(measure(rows, name))
    largest = max((line["images"] for line in lines), default=None)
    return [
        {
            **line,
            "text": bucket_text(line),
            "meaning": (meanings or {}).get(line["label"], ""),
            "bar": bar_length(line["images"], largest),
        }
        for line in lines
    ]


def duplicates_page(site: Site) -> Page:
    """`duplicates.html`: how often URLs, captions and both recur, and the largest groups."""
    distribution = rows_of(read_table(site.inputs.tables, "duplicates"))
    clusters = read_table(site.inputs.tables, "duplicate_clusters")
    kinds = []
    for kind, shared in DUPLICATE_KINDS.items():
        sizes = [row for row in distribution if row["kind"] == kind]
        groups = [row for row in rows_of(clusters) if row["kind"] == kind][:CLUSTERS_SHOWN]
        repeated = sum(row["images"] for row in sizes if row["cluster_size"] > 1)
        kinds.append(
            {
                "kind": kind,
                "shared": shared,
                "distinct": sum(row["clusters"] for row in sizes),
                "repeated": repeated,
                "repeated_share": site.headline.share_of(repeated),
                "sizes": _size_classes(site, sizes),
                "groups": [
                    {
                        **row,
                        "url": _outbound(site, row["url"]),
                        "links": {"domain": site.domain_link(row["domain"], "")},
                    }
                    for row in groups
                ],
            }
        )
    return site.render("duplicates.html", "duplicates.html", title="Duplicates", kinds=kinds)


def _size_classes(site: Site, sizes: Sequence[Row]) -> list[dict[str, Any]]:
    """The distribution in classes that double, so a long tail stays a short table."""
    classes: dict[int, dict[str, Any]] = {}
    for row in sizes:
        low = 1 << (row["cluster_size"].bit_length() - 1)
        line = classes.setdefault(low, {"low": low, "clusters": 0, "images": 0})
        line["clusters"] += row["clusters"]
        line["images"] += row["images"]
    largest = max((line["images"] for line in classes.values()), default=None)
    return [
        {
            **line,
            "text": f"{low:,}" if low == 1 else f"{low:,} to {2 * low - 1:,}",
            "share": site.headline.share_of(line["images"]),
            "denominator": site.headline.published,
            "bar": bar_length(line["images"], largest),
        }
        for low, line in sorted(classes.items())
    ]


def quality_page(site: Site) -> Page:
    """`quality.html`: what was read, rejected, repaired and unknown, and every distribution."""
    rows = rows_of(read_table(site.inputs.tables, "quality"))
    scorer = site.inputs.dataset.scorer
    scale = f" (scale {scorer})" if scorer else ""
    charts = [
        ("aesthetic", f"Aesthetic score{scale}", "Score", "aesthetic score"),
        (
            "similarity",
            "Similarity of caption and picture",
            "Similarity",
            "cosine of the two, at most 1",
        ),
        ("pwatermark", "Watermark score", "Score", "watermark score, 0 to 1"),
        (
            "megapixels",
            "Size in megapixels",
            "Megapixels",
            "megapixels, each column twice the last",
        ),
        ("caption_words", "Words in the caption", "Words", "words"),
        ("aspect", "Format", "Format", ""),
        ("scheme", "Scheme of the URL", "Scheme", ""),
    ]
    return site.render(
        "quality.html",
        "quality.html",
        title="Quality",
        rejected=_measure_lines(rows, "rejected", REASONS),
        repaired=_measure_lines(rows, "repaired", RULES),
        unknown=_measure_lines(rows, "unknown"),
        out_of_range=_measure_lines(rows, "out_of_range"),
        damaged=_damaged_lines(site.inputs.sources),
        hashes=_measure_lines(rows, "hash"),
        distributions=[
            {
                "title": title,
                "column": column,
                "id": name,
                "lines": _measure_lines(rows, name),
                "chart": measure_histogram(rows, name, title, source="quality", across=across),
                "unknown": unknown_note(rows, name),
            }
            for name, title, column, across in charts
            if measure(rows, name)
        ],
    )


def _damaged_lines(sources: Sequence[SourceInfo]) -> list[dict[str, Any]]:
    """The source files that have lines which could not be split, those with most first."""
    with_damage = sorted((each for each in sources if each.damaged), key=lambda each: -each.damaged)
    return [
        {
            "source_file": each.source_file,
            "images": each.damaged,
            "lines": listed_lines(each.first_damaged, each.damaged) or None,
        }
        for each in with_damage[:SOURCES_SHOWN]
    ]


def about_page(site: Site) -> Page:
    """`about.html`: the dataset and its caveats, the rules, the rejects, how to get out."""
    quality = rows_of(read_table(site.inputs.tables, "quality"))
    sources = site.inputs.sources
    return site.render(
        "about.html",
        "about.html",
        title="About",
        homepage=_outbound(site, site.inputs.dataset.homepage),
        rejected=_measure_lines(quality, "rejected", REASONS),
        repaired=_measure_lines(quality, "repaired", RULES),
        removed=labelled(quality, "rejected").get("removed", 0),
        sources=[asdict(source) for source in sources[:SOURCES_SHOWN]],
        source_count=len(sources),
        max_domain_pages=site.budget.domain_pages,
        max_name_pages=site.budget.name_pages,
    )


def _outbound(site: Site, url: str) -> str | None:
    return safe_link(url) if site.inputs.dataset.links else None


def downloads_page(site: Site, files: dict[str, list[DataFile]]) -> Page:
    """`downloads.html`: every data file with its size, and what every column means."""
    tables = [_offered(site, name, files[name]) for name in PUBLISHED_TABLES]
    return site.render(
        "downloads.html",
        "downloads.html",
        title="Downloads",
        first=[table for table in tables if table["name"] in FIRST_TABLES],
        others=[table for table in tables if table["name"] not in FIRST_TABLES],
        claims=CLAIMS_FILE if site.inputs.claims else "",
        claims_saved=saved_name(site.inputs.dataset, CLAIMS_FILE.rpartition("/")[2]),
        linked_data=describe_dataset(site, chain.from_iterable(files.values())),
    )


def _offered(site: Site, name: str, files: Sequence[DataFile]) -> dict[str, Any]:
    """A table with its files, those of each kind together."""
    about = TABLES[name]
    kinds = []
    for ending, label in FILE_KINDS.items():
        made = [file for file in files if file.ending == ending]
        kinds.append(
            {
                "label": label,
                "files": [
                    {
                        "path": file.path,
                        "size": file.size,
                        "saved": saved_name(site.inputs.dataset, file.path.rpartition("/")[2]),
                        "text": label if len(made) == 1 else f"{label}, part {part}",
                    }
                    for part, file in enumerate(made, start=1)
                ],
            }
        )
    return {
        "name": name,
        "title": name.replace("_", " ").capitalize(),
        "text": about.meaning,
        "rows": site.headline.tables[name],
        "kinds": kinds,
        "columns": about.columns,
        "sorted": f"sorted by {about.order}" if about.sort else "",
    }


def not_found_page(site: Site) -> Page:
    """`404.html`: for hosts that serve it when a link leads nowhere."""
    return site.render("404.html", "404.html", title="Not found", noindex=True)
