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
#: Every row's keys, rejects included: what removing and the `url` field look rows up by. Internal.
ROW_KEYS = pa.schema(
    [
        ("row", pa.int64()),
        ("image_id", pa.int64()),
        ("url_key", pa.string()),  # first 16 hex digits of the canonical URL's sha256
        ("domain", pa.string()),
    ]
)
