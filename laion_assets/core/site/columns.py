"""What the published tables and their columns mean, as the downloads page prints it.

Words only. A column that is missing here is still published; it is listed without a meaning.
"""

from __future__ import annotations

TABLES = {
    "domains": "One row for each registrable domain that hosts a published image.",
    "platforms": "One row for each listed platform, those with no image included.",
    "artists": "One row for each listed artist, those never named included.",
    "celebrities": "One row for each listed celebrity, those never named included.",
    "characters": "One row for each listed character, those never named included.",
    "nsfw": "The distribution of punsafe over all kept rows, withheld ones included; no text.",
    "years": "Published images by the year found in their address.",
    "duplicates": "How many images share an address, a caption or an id: sizes of such groups.",
    "duplicate_clusters": "The 1,000 largest such groups of each kind, each with its best row.",
    "quality": "Rows read, kept, rejected, repaired and unknown, and the scores' histograms.",
}

_COUNTS = {
    "rank": "place in the table, 1 first",
    "images": "number of rows (address and caption pairs)",
    "share": "images divided by denominator, 0 to 1; empty when the denominator is 0",
    "denominator": "the number of rows the share is of",
    "unique_urls": "different addresses among them",
    "unique_captions": "different captions among them",
    "slug": "file name of the page, empty when there is none",
}

_NAMES = {
    "name": "the name as listed",
    "aliases": "other spellings that count too, separated by |",
    "ambiguous": "whether the name is also an ordinary word or someone else's",
    "context": "words that make an ambiguous mention likely, separated by |",
    "images_in_context": "images whose caption also has such a word; empty when not ambiguous",
    "born": "year of birth, empty when not known",
    "died": "year of death, empty when living or not known",
    "nationality": "as listed",
    "gender": "as listed",
}

_IMAGE = {
    "image_id": "mmh3 hash of address and caption; signed 64 bits, so text in CSV and JSON",
    "url": "the address as found",
    "caption": "the caption after repair",
    "width": "pixels, empty when unknown",
    "height": "pixels, empty when unknown",
    "similarity": "CLIP similarity of picture and caption, -1 to 1, empty when unknown",
    "punsafe": "a model's estimate that the picture is unsafe, 0 to 1, empty when unknown",
    "aesthetic": "a model's estimate of how much people would like it, empty when unknown",
    "visibility": "shown, blurred or no_image",
}

_MEASURES = {
    "measure": "which distribution or count the row belongs to",
    "label": "what is counted, or unknown",
    "low": "lower bound of a bucket",
    "high": "upper bound of a bucket",
}

COLUMNS: dict[str, dict[str, str]] = {
    "domains": {
        **_COUNTS,
        "domain": "registrable domain (ICANN part of the Public Suffix List)",
        "platform": "who runs it, empty when not listed",
        "category": "kind of platform",
        "plain_http": "images whose address is http, not https",
    },
    "platforms": {
        **_COUNTS,
        "platform": "who runs the domains",
        "category": "kind of platform",
        "domains": "number of its domains seen",
    },
    "artists": {
        **_COUNTS,
        **_NAMES,
        "type": "what kind of artist",
        "role": "what the listed person mainly does",
    },
    "celebrities": {**_COUNTS, **_NAMES, "occupation": "as listed, separated by |"},
    "characters": {
        **_COUNTS,
        **_NAMES,
        "franchise": "the work or world the character belongs to",
        "medium": "where the character first appeared",
    },
    "nsfw": {**_COUNTS, **_MEASURES},
    "quality": {**_COUNTS, **_MEASURES},
    "years": {**_COUNTS, "url_year": "the year, empty when the address gives no evidence"},
    "duplicates": {
        "kind": "what the images share: url, caption or image_id",
        "cluster_size": "images in the group; 1 is an image that shares with none",
        "clusters": "number of groups of that size",
        "images": "images in all of them",
    },
    "duplicate_clusters": {
        **_COUNTS,
        **_IMAGE,
        "kind": "what the images share: url, caption or image_id",
        "rank": "place among the groups of its kind",
        "images": "images in the group",
        "domain": "registrable domain of the best row",
        "url_year": "year found in its address",
    },
}
