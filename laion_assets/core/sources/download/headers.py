"""What a response says about the file it carries: its length, its version, its digest.

Lives here: reading headers, which may be missing, wrong or hostile. Not here: sending requests, or
deciding what follows.
"""

import base64
import binascii
import re
from dataclasses import dataclass

import httpx2

_LENGTH = re.compile(r"[0-9]{1,18}")
_RANGE = re.compile(r"bytes (?:(?P<first>\d{1,18})-(?P<last>\d{1,18})|\*)/(?P<total>\d{1,18}|\*)")
_MD5 = re.compile(r"[0-9a-f]{32}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class ContentRange:
    """The bytes an answer carries, `first` to `last` inclusive, of `total`; None is unknown."""

    first: int | None
    last: int | None
    total: int | None


def content_length(response: httpx2.Response) -> int | None:
    """Return the length of the body in bytes; None when it is not stated."""
    value = response.headers.get("Content-Length", "").strip()
    return int(value) if _LENGTH.fullmatch(value) else None


def content_range(response: httpx2.Response) -> ContentRange:
    """Return what Content-Range states; nothing known when it is missing or malformed."""
    match = _RANGE.fullmatch(response.headers.get("Content-Range", "").strip())
    if match is None:
        return ContentRange(None, None, None)
    first, last, total = (
        int(value) if value and value != "*" else None
        for value in (match["first"], match["last"], match["total"])
    )
    return ContentRange(first, last, total)


def entity_tag(response: httpx2.Response) -> str | None:
    """Return the ETag without quotes, a weak one with its `W/`; None without any."""
    tag = str(response.headers.get("ETag", "")).strip()
    return (tag if tag.startswith("W/") else tag.strip('"')) or None


def validator(response: httpx2.Response) -> str | None:
    """Return what If-Range can hold to continue this very content: a strong ETag, else a date."""
    tag = str(response.headers.get("ETag", ""))
    if tag and not tag.startswith("W/"):
        return tag
    return response.headers.get("Last-Modified")


def linked(response: httpx2.Response) -> tuple[int | None, str | None]:
    """Return the size and sha256 the hub states before it redirects to its storage."""
    for answer in (*response.history, response):
        size = answer.headers.get("X-Linked-Size", "")
        digest = answer.headers.get("X-Linked-Etag", "").strip('"')
        if _LENGTH.fullmatch(size):
            return int(size), digest if _SHA256.fullmatch(digest) else None
    return None, None


def published_md5(response: httpx2.Response) -> str | None:
    """Return the md5 of the whole file where the host publishes one; None elsewhere.

    An ETag is opaque (RFC 9110, 8.8.3): 32 hexadecimal digits are an md5 only in an S3 store, which
    signs its answers with x-amz-request-id, for objects uploaded in one piece and not encrypted
    with keys of the customer or the key service. Google's store has a header of its own.
    """
    for entry in response.headers.get("x-goog-hash", "").split(","):
        name, _, value = entry.strip().partition("=")
        if name == "md5":
            try:
                return base64.b64decode(value, validate=True).hex()
            except binascii.Error:
                return None
    tag = entity_tag(response) or ""
    encrypted = (
        response.headers.get("x-amz-server-side-encryption", "AES256") != "AES256"
        or "x-amz-server-side-encryption-customer-algorithm" in response.headers
    )
    if "x-amz-request-id" in response.headers and not encrypted and _MD5.fullmatch(tag):
        return tag
    return None
