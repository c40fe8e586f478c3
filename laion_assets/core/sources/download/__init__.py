"""Fetching source files that can be trusted: from the hub, from web hosts, from object stores.

Lives here: listing remote files, and downloading them resumably, in parallel, checked. Only
metadata files are meant to be fetched; no picture ever is. Not here: which files a dataset consists
of (`datasets`), partition keys (`finding`), reading rows (`core.reading`).

Who does what, and why:

- Hub datasets are *listed* by huggingface_hub: names, sizes, sha256, pages, tokens and its error
  codes are its trade. They are *fetched* by our own requests to the `resolve` URLs, because
  its downloads (read at 2.4.0) delete the partial file when a download ends early and never reuse
  one that a killed process left, check nothing of a fresh file but its size, believe whatever
  range comes, wait a fixed second between attempts, and share neither a disk check nor a progress
  total with other hosts. Resuming and digests would have had to be put around it all the same.
- httpx2 is the http client: it is what huggingface_hub itself stands on, it streams, it can be
  cancelled in the middle of a read.
- obstore signs URLs for S3 stores, so that they go through the same requests as all others.

So there is one way bytes come in, and one set of tests against hostile servers for all three.
"""

from laion_assets.core.sources.download.downloading import TOTAL, download
from laion_assets.core.sources.download.hub import list_hub
from laion_assets.core.sources.download.listing import SCHEMES, list_urls
from laion_assets.core.sources.download.partial import is_current, was_fetched
from laion_assets.core.sources.download.remote import RemoteFile

__all__ = [
    "SCHEMES",
    "TOTAL",
    "RemoteFile",
    "download",
    "is_current",
    "list_hub",
    "list_urls",
    "was_fetched",
]
