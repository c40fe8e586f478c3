"""How every file of a site is to be served: its content type, and how long a copy may be kept.

One home for these facts: `_headers` and the metadata of object stores are made of them. Not here:
the policies of pages (`safety`), sending anything (`core.publish`).
"""

from __future__ import annotations

from pathlib import PurePosixPath

#: The folder whose files change their path with their content: it holds the index's digest.
DIGEST_NAMED = "search/"
#: Of those: a year, which is as long as anything is kept.
FOR_EVER = "public, max-age=31536000, immutable"
#: Of all others, which change together: asked for again each time, answered 304 when unchanged. It
#: is what Cloudflare Pages and Netlify do unasked, so that `_headers` need not say it.
ASK_AGAIN = "public, max-age=0, must-revalidate"

_UTF8 = "; charset=utf-8"
#: By ending, as IANA registers them; of a script, the mark at its beginning outranks its charset.
_TYPES = {
    ".atom": "application/atom+xml",
    ".css": f"text/css{_UTF8}",
    ".csv": f"text/csv{_UTF8}",
    ".html": f"text/html{_UTF8}",
    ".js": f"text/javascript{_UTF8}",
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": f"text/plain{_UTF8}",
    ".woff2": "font/woff2",
    ".xml": "application/xml",
    ".zip": "application/zip",
}
_BY_NAME = {
    "_headers": f"text/plain{_UTF8}",
    "opensearch.xml": "application/opensearchdescription+xml",
}


def content_type(path: str) -> str:
    """Return the media type of a site's file, by its name."""
    name = PurePosixPath(path)
    return _BY_NAME.get(name.name) or _TYPES.get(name.suffix, "application/octet-stream")


def is_digest_named(path: str) -> bool:
    """Tell whether a file's path changes with its content."""
    return path.startswith(DIGEST_NAMED)


def cache_control(path: str) -> str:
    """Return how long a copy of a site's file may be kept (RFC 9111)."""
    return FOR_EVER if is_digest_named(path) else ASK_AGAIN
