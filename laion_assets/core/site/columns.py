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
    **{
        f"{table}_{part}": text.format(table=table)
        for table in ("artists", "celebrities", "characters")
        for part, text in {
            "profiles": "For each name of {table} that is found: its largest domains, years, and "
            "the spread of its scores, against all published images.",
            "words": "For each name of {table}: the words that stand beside it at least twice as "
            "often as anywhere, in three different captions or more.",
            "facets": "What the list of {table} says of its names, and how many are found.",
            "variants": "Other spellings of the names of {table} that were looked for, those never "
            "found included; they are in no other count.",
        }.items()
    },
    "study_artists": "The 25 artists named most, with who is living and who mainly a writer.",
    "study_artist_types": "The three artists named most in each type; several types, several rows.",
    "study_celebrities": "The 25 famous people named most.",
    "study_celebrity_gender": "Famous people by gender: among the most named, found and listed.",
    "study_internet": "Internet personalities, those in no caption first, with other spellings.",
    "study_ambiguous": "Every ambiguous name: images with the name, and with a context word too.",
    "study_franchises": "Franchises by how many images name one of their characters.",
    "study_platforms": "Platforms that host against platforms that captions name.",
    "words": "How many published images have each word in their caption; words of three or more.",
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
    "slug": "file name of the page, where there is one: for the most frequent (see the About page)",
}

_NAMES = {
    "name": "the name as listed",
    "aliases": "other spellings that count too, separated by |",
    "ambiguous": "whether the name is also an ordinary word or someone else's",
    "context": "words that make an ambiguous mention likely, separated by |",
    "images_in_context": "images whose caption also has such a word; empty when not ambiguous",
    "images_likely": "images_in_context for an ambiguous name, images for any other",
    "kind": "first of the types, occupations or franchises; unknown when the list has none",
    "rank": "place by images_likely, then images",
    "rank_in_kind": "place among the names of its kind",
    "listed_in_kind": "number of listed names of its kind",
    "life": "died, living (as far as the list knows) or unknown",
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

_LISTS = ("artists", "celebrities", "characters")

_PROFILE = {
    "name": "the name as listed",
    "measure": "domain, year (in the address), punsafe or aesthetic",
    "label": "the domain, year or step of the score, or unknown",
    "images": "images with the name that belong there",
    "share": "images divided by all images with the name",
    "dataset_images": "published images that belong there",
    "dataset_share": "dataset_images divided by all published images",
}

_WORDS = {
    "name": "the name as listed",
    "position": "place among the words beside this name, by log likelihood ratio",
    "word": "the word",
    "images": "images whose caption has both",
    "share": "images divided by all images with the name",
    "unique_captions": "different captions among them",
    "dataset_images": "published images whose caption has the word",
    "dataset_share": "dataset_images divided by all published images",
    "times_expected": "share divided by dataset_share",
}

_FACETS = {
    "facet": "life, type, role, occupation, nationality, gender, franchise or medium",
    "value": "its value as listed; a name with several values counts under each",
    "listed": "names with this value",
    "found": "those that are in a caption",
    "zero": "those that are in none",
    "mentions": "sum of their images; an image with two of them counts twice",
    "mentions_likely": "sum of their likely images",
    "images": "images with at least one of them",
    "images_likely": "the same, ambiguous names in context only",
}

_VARIANTS = {
    "name": "the name as listed",
    "kind": "what was changed in the name or an alias",
    "spelling": "the words that were looked for",
    "images": "images whose caption has them",
    "beyond": "those of them whose caption lacks the name and its aliases",
}

_STUDY = {
    "study_artists": {**_COUNTS, **_NAMES, "writer": "whether the list says: mainly a writer"},
    "study_artist_types": {
        **_NAMES,
        "type": "type of artist",
        "listed": "artists of that type on the list",
        "found": "those with a likely image",
        "position": "place within the type",
        "writer": "whether the list says: mainly a writer",
        "images": "images with the name",
    },
    "study_celebrities": {**_COUNTS, **_NAMES, "occupation": "as listed, separated by |"},
    "study_celebrity_gender": {
        "scope": "among whom: the first 25 or 100 by likely images, all found, all listed",
        "gender": "as listed, or unknown",
        "names": "number of people",
        "share_of_names": "their share of the people in this scope",
        "mentions_likely": "sum of their likely images",
        "share_of_mentions": "their share of these mentions",
    },
    "study_internet": {
        **_NAMES,
        "occupation": "as listed, separated by |",
        "images": "images with the name or an alias",
        "images_of_variants": "images with another spelling and without the name",
        "variants": "those spellings, with their images",
        "share_at_most": "for a zero: upper bound on the share in a set these rows were a random "
        "sample of, at a confidence of 0.95",
    },
    "study_ambiguous": {
        **_NAMES,
        "list": "artists, celebrities or characters",
        "images": "images with the name or an alias",
        "share_in_context": "images_in_context divided by images",
    },
    "study_franchises": {
        "rank": "place by images_likely",
        "franchise": "the work or world",
        "characters_listed": "its characters on the list",
        "characters_found": "those in a caption",
        "images": "images that name at least one",
        "images_likely": "the same, ambiguous names in context only",
        "most_named": "its character with most likely images",
        "most_named_images": "the likely images of that one",
    },
    "study_platforms": {
        "platform": "the platform",
        "category": "kind of platform",
        "hosted": "images on its domains",
        "named": "images whose caption has its name",
        "named_and_hosted": "images that are both",
        "named_elsewhere": "named, but on no domain of it",
        "ambiguous": "whether the name is also a word, a place or somebody else's",
    },
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
        "role": "writer, where the listed person mainly writes; empty for all others",
    },
    "celebrities": {**_COUNTS, **_NAMES, "occupation": "as listed, separated by |"},
    "characters": {
        **_COUNTS,
        **_NAMES,
        "franchise": "the work or world the character belongs to",
        "medium": "where the character first appeared",
    },
    **{f"{table}_profiles": _PROFILE for table in _LISTS},
    **{f"{table}_words": _WORDS for table in _LISTS},
    **{f"{table}_facets": _FACETS for table in _LISTS},
    **{f"{table}_variants": _VARIANTS for table in _LISTS},
    **_STUDY,
    "words": {
        **_COUNTS,
        "word": "a word as captions are cut into: lower case, without accents",
        "images": "images whose caption has the word, once each",
        "share": "images divided by all published images",
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
