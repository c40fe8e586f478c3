"""Files in S3 and the stores that speak like it: s3://bucket/key becomes a URL.

With credentials in the environment the URL is signed by obstore, afresh for every request, and
then fetched by the same http client as everything else: one way to resume, to retry and to check,
instead of two. Without credentials it is read as the public file it then must be; the machine's
metadata service (where obstore would look next) is not asked. Addresses signed here never leave
memory.
"""

import os
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import obstore
from obstore.store import S3Store

from laion_assets.core.base.errors import UserError

_VALID_FOR = timedelta(hours=1)  # counts when a request begins; a long answer is not cut off
#: Any of these means that there are credentials: keys, those of a container, those of a pod.
_CREDENTIALS = (
    "AWS_ACCESS_KEY_ID",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
)
_DEFAULT_REGION = "us-east-1"
_RETRIES, _RETRYING = 5, timedelta(minutes=1)


def web_url(url: str, method: Any) -> str:
    """Return the http(s) URL of an s3 one, signed for `method`; others as they are.

    Honours AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS_REGION, AWS_DEFAULT_REGION,
    AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN. Raises UserError when the
    credentials are not complete.
    """
    if not url.startswith("s3://"):
        return url
    bucket, key = _parts(url)
    region, endpoint = _region(), _endpoint()
    if not _has_credentials():
        return f"{endpoint}/{bucket}/{quote(key)}"
    try:
        return obstore.sign(_store(bucket, region, endpoint), method, key, _VALID_FOR)
    except (obstore.exceptions.BaseError, ValueError) as error:
        raise UserError(
            f"{url}: no URL can be signed; set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY"
            " and AWS_REGION"
        ) from error


def open_store(url: str) -> tuple[S3Store, str]:
    """Return the store of an s3 URL, for writing, and the prefix of its keys.

    The same surroundings are honoured. Raises UserError when there are no credentials.
    """
    bucket, prefix = _parts(url)
    if not _has_credentials():
        raise UserError(
            f"{url}: nobody may write there without credentials; set AWS_ACCESS_KEY_ID,"
            " AWS_SECRET_ACCESS_KEY and AWS_REGION"
        )
    try:
        return _store(bucket, _region(), _endpoint()), prefix.strip("/")
    except (obstore.exceptions.BaseError, ValueError) as error:
        raise UserError(f"{url}: no such store; s3://bucket/prefix is") from error


def _parts(url: str) -> tuple[str, str]:
    bucket, _, key = url.removeprefix("s3://").partition("/")
    return bucket, key


def _has_credentials() -> bool:
    return any(os.environ.get(name) for name in _CREDENTIALS)


def _region() -> str:
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or _DEFAULT_REGION


def _endpoint() -> str:
    return (
        os.environ.get("AWS_ENDPOINT_URL_S3")
        or os.environ.get("AWS_ENDPOINT_URL")
        or f"https://s3.{_region()}.amazonaws.com"
    ).rstrip("/")


def _store(bucket: str, region: str, endpoint: str) -> S3Store:
    return S3Store(
        bucket,
        endpoint=endpoint,
        region=region,
        client_options={"allow_http": endpoint.startswith("http://")},
        retry_config={"max_retries": _RETRIES, "retry_timeout": _RETRYING},
    )
