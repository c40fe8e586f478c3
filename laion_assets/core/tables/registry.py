"""Every merged table once: its asset, columns, sort, preview, and whether it is published.

Lives here: the declarations that the writers' schemas, the checks, the Dagster metadata, the
downloads page and the data dictionary are made from. A table more is an entry here beside the
module that makes it (`core.tables.<asset>`). Not here: making any (each asset's module), tables of
one source file (`core.cleaning.schemas`, `core.names.mentions`).
"""

from __future__ import annotations

from collections.abc import Mapping

from laion_assets.core.names.registry import ENTITY_LISTS, LISTS, PLATFORMS
from laion_assets.core.tables.columns import BEST_ROW, shared
from laion_assets.core.tables.declarations import COUNT, TEXT, Column, Table, TableAsset
from laion_assets.core.tables.name_tables import tables_of_names
from laion_assets.core.tables.study_tables import STUDY_TABLES

_DUPLICATE_KIND = shared("kind", kind="what the images share: url, caption or image_id")
_DISTRIBUTION = shared("measure", "label", "low", "high", "images", "share", "denominator")

_COUNTED = ("images", "share", "denominator", "unique_urls", "unique_captions")

_ASSETS = (
    TableAsset(
        "duplicates",
        upstream=("images",),
        tables=(
            Table(
                "duplicates",
                "How many images share a URL, a caption or an id: sizes of such groups.",
                (
                    *_DUPLICATE_KIND,
                    Column(
                        "cluster_size",
                        COUNT,
                        "images in the group; 1 is an image that shares with none",
                        "rows",
                    ),
                    Column("clusters", COUNT, "number of groups of that size", "groups"),
                    *shared("images", images="images in all of them"),
                ),
                sort=("kind", "cluster_size"),
                preview=("kind", "cluster_size", "clusters", "images"),
            ),
            Table(
                "duplicate_clusters",
                "The 1,000 largest such groups of each kind, each with its best row.",
                (
                    *_DUPLICATE_KIND,
                    *shared(
                        "rank", "images", "image_id", "url", "caption", "width", "height",
                        "similarity", "punsafe", "aesthetic", "domain", "url_year", "visibility",
                        rank="place among the groups of its kind",
                        images="images in the group",
                        domain="registrable domain of the best row",
                        url_year="year found in its URL",
                    ),
                ),
                sort=("kind", "rank"),
            ),
            Table(
                "repeats",
                "Rows whose URL or caption another row has: how many, by where they are.",
                (
                    *shared("kind", kind="what they share: url or caption"),
                    Column("cluster", COUNT, "number of the URL or caption in its kind"),
                    *shared(
                        "domain", "url_year", "images",
                        images="rows of the domain and year that share it",
                    ),
                ),
                sort=("kind", "cluster"),
                published=False,
            ),
        ),
    ),
    TableAsset(
        "domains",
        upstream=("duplicates", "images", "tallies"),
        lists=(PLATFORMS,),
        tables=(
            Table(
                "domains",
                "One row for each registrable domain that hosts a published image.",
                (
                    *shared("rank", "domain", "platform", "category", *_COUNTED),
                    Column("plain_http", COUNT, "images whose URL is http, not https", "rows"),
                    *shared("slug"),
                ),
                sort=("-images", "domain"),
                counted=True,
            ),
            Table(
                "domain_rows",
                "The best rows of each domain that may have a page.",
                (*shared("domain"), *(column for column in BEST_ROW if column.name != "domain")),
                sort=("domain", "position"),
                published=False,
            ),
        ),
    ),
    TableAsset(
        "platforms",
        upstream=("domains", "duplicates", "images", "tallies"),
        lists=(PLATFORMS,),
        tables=(
            Table(
                "platforms",
                "One row for each listed platform, those with no image included.",
                (
                    *shared("rank", "platform", "category", platform="who runs the domains"),
                    Column("domains", COUNT, "number of its domains seen", "domains"),
                    *shared(*_COUNTED),
                ),
                sort=("-images", "platform"),
                counted=True,
                preview=("platform", "category", "domains", "images"),
            ),
        ),
    ),
    TableAsset(
        "words",
        upstream=("images", "index_segment"),
        tables=(
            Table(
                "words",
                "How many published images have each word in their caption; words of three or "
                "more.",
                (
                    Column(
                        "word", TEXT, "a word as captions are cut into: lower case, without accents"
                    ),
                    *shared(
                        "images", "share",
                        images="images whose caption has the word, once each",
                        share="images divided by all published images",
                    ),
                ),
                sort=("-images", "word"),
                preview=("word", "images"),
            ),
        ),
    ),
    *(
        TableAsset(
            about.name,
            upstream=("images", "mentions", "tallies", "words"),
            tables=tables_of_names(about),
            group="names",
            lists=(about.name,),
            module="entities",
        )
        for about in LISTS.values()
    ),
    TableAsset(
        "study",
        upstream=(
            "images", "mentions", "tallies", "platforms", "artists", "celebrities", "characters",
        ),
        tables=STUDY_TABLES,
        group="names",
        lists=(PLATFORMS,),
    ),
    TableAsset(
        "nsfw",
        upstream=("tallies",),
        tables=(
            Table(
                "nsfw",
                "The distribution of punsafe over all kept rows, withheld ones included; no text.",
                _DISTRIBUTION,
                counted=True,
                preview=("measure", "label", "images"),
            ),
        ),
    ),
    TableAsset(
        "years",
        upstream=("duplicates", "images", "tallies"),
        tables=(
            Table(
                "years",
                "Published images by the year found in their URL.",
                shared("url_year", *_COUNTED),
                sort=("url_year",),
                counted=True,
                preview=("url_year", "images"),
            ),
        ),
    ),
    TableAsset(
        "quality",
        upstream=("images", "tallies"),
        tables=(
            Table(
                "quality",
                "Rows read, kept, rejected, repaired and unknown, and the scores' histograms.",
                _DISTRIBUTION,
                counted=True,
                preview=("measure", "label", "images"),
            ),
        ),
    ),
)  # fmt: skip

#: Every asset of merged tables, upstream before downstream.
TABLE_ASSETS: Mapping[str, TableAsset] = {asset.name: asset for asset in _ASSETS}
#: Every merged table by its name.
TABLES: Mapping[str, Table] = {table.name: table for asset in _ASSETS for table in asset.tables}

_DOWNLOADS = ("domains", "platforms", *ENTITY_LISTS, "study", "words")
#: Tables offered for download, in the order they are listed.
PUBLISHED_TABLES = tuple(
    table.name
    for name in dict.fromkeys((*_DOWNLOADS, *TABLE_ASSETS))
    for table in TABLE_ASSETS[name].tables
    if table.published
)
