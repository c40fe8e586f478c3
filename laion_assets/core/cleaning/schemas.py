"""The tables that cleaning writes for each source file, column by column.

Lives here: Arrow schemas of images, rejects and row keys. Not here: how a row comes to be in one
(`rules`), tables merged from many files (`core.tables`).
"""

import pyarrow as pa

IMAGES = pa.schema(
    [
        ("row", pa.int64()),
        ("image_id", pa.int64()),
        ("url", pa.string()),
        ("caption", pa.string()),
        ("width", pa.int32()),
        ("height", pa.int32()),
        ("similarity", pa.float64()),
        ("punsafe", pa.float64()),
        ("pwatermark", pa.float64()),
        ("aesthetic", pa.float64()),
        ("host", pa.string()),
        ("domain", pa.string()),
        ("url_year", pa.int32()),
        ("visibility", pa.string()),
        ("plain_http", pa.bool_()),
        ("caption_words", pa.int32()),  # pieces between spaces
        # The same exactly where the texts are: what is distinct is told by these, not by the texts.
        ("url_digest", pa.uuid()),
        ("caption_digest", pa.uuid()),
    ]
)
REJECTS = pa.schema(
    [
        ("row", pa.int64()),
        ("image_id", pa.int64()),
        ("reason", pa.string()),
        ("url", pa.binary()),  # as found, which need not be UTF-8
        ("caption", pa.binary()),
    ]
)
#: Every row's keys, rejects included: what removing and the `url` field look rows up by, and what
#: was done to it, so that its part of the counts is known when it is taken out. Internal.
ROW_KEYS = pa.schema(
    [
        ("row", pa.int64()),
        ("image_id", pa.int64()),
        ("url_key", pa.string()),  # first digits of the canonical URL's sha256; null when removed
        ("first_url_key", pa.string()),  # of the first form's, where that is another; likewise
        ("domain", pa.string()),  # null when removed
        ("removed", pa.bool_()),
        ("url_mark", pa.string()),  # of a removed row alone: keyed hash of url_key
        ("first_url_mark", pa.string()),  # likewise, of first_url_key
        ("domain_mark", pa.string()),  # likewise, of the domain
        ("repaired", pa.uint8()),  # of a kept row: bit n is rule n of `repair.RULES`
        ("out_of_range", pa.uint8()),  # likewise: bit n is column n of `columns.NUMBERS`
        ("line", pa.int64()),  # of a damaged line that is not removed: which one of the file it is
    ]
)
#: Columns of images that say nothing to a reader.
DIGESTS = ("url_digest", "caption_digest")
#: Columns of these tables in which hardly any value comes twice (see `TableWriter`).
UNLIKE = frozenset(("row", "image_id", "url", "caption", "url_digest", "caption_digest", "url_key"))
