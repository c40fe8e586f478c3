"""The tables that answer the questions of the 2022 study, declared.

Lives here: their columns. Not here: making them (`study`), the questions (`core.site.questions`).
"""

from __future__ import annotations

from laion_assets.core.names.registry import LISTS
from laion_assets.core.tables.columns import shared
from laion_assets.core.tables.declarations import COUNT, FLAG, NUMBER, SMALL, TEXT, Column, Table

_ARTIST = LISTS["artists"].column
_WRITER = Column("writer", FLAG, "whether the list says: mainly a writer")
_OCCUPATION = Column("occupation", TEXT, "as listed, separated by |")
_LIFE = Column("life", TEXT, _ARTIST("life").meaning)
_LIKELY = shared("images", "images_in_context", "images_likely")
_OF_ALL = shared("share", "denominator")

STUDY_TABLES = (
    Table(
        "study_artists",
        "The 25 artists named most, with who is living and who mainly a writer.",
        (
            *shared("rank", "name"),
            Column("type", TEXT, _ARTIST("type").meaning),
            Column("role", TEXT, _ARTIST("role").meaning),
            _WRITER,
            Column("born", SMALL, _ARTIST("born").meaning, "year"),
            Column("died", SMALL, _ARTIST("died").meaning, "year"),
            _LIFE,
            *_LIKELY,
            *_OF_ALL,
        ),
        sort=("rank",),
        counted=True,
        preview=("rank", "name", "type", "life", "images"),
    ),
    Table(
        "study_artist_types",
        "The three artists named most in each type; several types, several rows.",
        (
            Column("type", TEXT, "type of artist"),
            Column("listed", COUNT, "artists of that type on the list", "names"),
            Column("found", COUNT, "those with a likely image", "names"),
            *shared("position", "name", position="place within the type"),
            _WRITER,
            _LIFE,
            *_LIKELY,
        ),
    ),
    Table(
        "study_celebrities",
        "The 25 famous people named most.",
        (
            *shared("rank", "name"),
            _OCCUPATION,
            Column("gender", TEXT, "as listed"),
            _LIFE,
            *_LIKELY,
            *_OF_ALL,
        ),
        sort=("rank",),
        counted=True,
    ),
    Table(
        "study_celebrity_gender",
        "Famous people by gender: among the most named, found and listed.",
        (
            Column(
                "scope",
                TEXT,
                "among whom: the first 25 or 100 by likely images, all found, all listed",
            ),
            Column("gender", TEXT, "as listed, or unknown"),
            Column("names", COUNT, "number of people", "names"),
            Column(
                "share_of_names", NUMBER, "their share of the people in this scope", "share, 0 to 1"
            ),
            Column("mentions_likely", COUNT, "sum of their likely images", "mentions"),
            Column("share_of_mentions", NUMBER, "their share of these mentions", "share, 0 to 1"),
        ),
    ),
    Table(
        "study_internet",
        "Internet personalities, those in no caption first, with other spellings.",
        (
            *shared("name"),
            _OCCUPATION,
            *shared("aliases"),
            *shared(
                "images", "images_in_context", "images_likely",
                images="images with the name or an alias",
            ),
            Column(
                "images_of_variants",
                COUNT,
                "images with another spelling and without the name",
                "rows",
            ),
            Column("variants", TEXT, "those spellings, with their images"),
            Column(
                "share_at_most",
                NUMBER,
                "for a zero: upper bound on the share in a set these rows were a random sample of, "
                "at a confidence of 0.95",
                "share, 0 to 1",
            ),
        ),
    ),
    Table(
        "study_ambiguous",
        "Every ambiguous name: images with the name, and with a context word too.",
        (
            Column("list", TEXT, "artists, celebrities or characters"),
            *shared(
                "name", "images", "images_in_context", images="images with the name or an alias"
            ),
            Column(
                "share_in_context", NUMBER, "images_in_context divided by images", "share, 0 to 1"
            ),
            *shared("context"),
        ),
        sort=("-images", "list", "name"),
    ),
    Table(
        "study_franchises",
        "Franchises by how many images name one of their characters.",
        (
            *shared("rank", rank="place by images_likely"),
            Column("franchise", TEXT, "the work or world"),
            Column("characters_listed", COUNT, "its characters on the list", "names"),
            Column("characters_found", COUNT, "those in a caption", "names"),
            *shared(
                "images", "images_likely",
                images="images that name at least one",
                images_likely="the same, ambiguous names in context only",
            ),
            Column("most_named", TEXT, "its character with most likely images"),
            Column("most_named_images", COUNT, "the likely images of that one", "rows"),
        ),
        sort=("rank",),
    ),
    Table(
        "study_platforms",
        "Platforms that host against platforms that captions name.",
        (
            *shared("platform", "category", platform="the platform"),
            Column("hosted", COUNT, "images on its domains", "rows"),
            Column("named", COUNT, "images whose caption has its name", "rows"),
            Column("named_and_hosted", COUNT, "images that are both", "rows"),
            Column("named_elsewhere", COUNT, "named, but on no domain of it", "rows"),
            *shared(
                "ambiguous",
                ambiguous="whether the name is also a word, a place or somebody else's",
            ),
        ),
        sort=("ambiguous", "-named_elsewhere", "-hosted", "platform"),
    ),
)  # fmt: skip
