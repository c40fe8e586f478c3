"""The fields of the query language, in the order they are explained.

Lives here: their names. The published directory carries them to the client. Not here: how a
field's value stands in the dictionary (`terms`).
"""

from laion_assets.core.names.registry import LISTS, PLATFORMS

PLATFORM = PLATFORMS.removesuffix("s")
FIELDS = (
    "domain", "host", "url", PLATFORM, *(entry.singular for entry in LISTS.values()), "year",
)  # fmt: skip
