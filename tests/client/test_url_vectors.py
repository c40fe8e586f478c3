"""The client's URLs and hosts in Node.js: exactly those of Python, for the vectors and beyond."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

from laion_assets.core.cleaning.urls import canonical_url, typed_host
from tests.core.cleaning.test_urls import PIECES
from tests.repository import ROOT
from tests.url_vectors import HOST_SPELLINGS, URL_SPELLINGS

_ASK = """
globalThis.window = { LaionSearchParts: {} };
const { readFileSync } = require('fs');
require('vm').runInThisContext(readFileSync('site_templates/static/search-urls.js', 'utf8'));
const { urls, hosts } = JSON.parse(readFileSync(0, 'utf8'));
const { canonicalUrl, hostName } = window.LaionSearchParts.urls;
console.log(JSON.stringify([urls.map(canonicalUrl), hosts.map(hostName)]));
"""


def _ask(urls: list[str], hosts: list[str]) -> Any:
    given = json.dumps({"urls": urls, "hosts": hosts})
    done = subprocess.run(
        [Path(sys.executable).with_name("node"), "-e", _ASK],
        input=given, capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    return json.loads(done.stdout)


def test_the_client_has_the_shared_vectors() -> None:
    """Every spelling of the shared vectors has in JavaScript the form it has in Python."""
    urls, hosts = _ask([url for url, _ in URL_SPELLINGS], [typed for typed, _ in HOST_SPELLINGS])
    assert urls == [canonical for _, canonical in URL_SPELLINGS]
    assert hosts == [host for _, host in HOST_SPELLINGS]


def test_the_client_agrees_on_anything() -> None:
    """Texts drawn from everything that means something in a URL: no difference in 20,000."""
    draw = random.Random(11)  # noqa: S311 - test data
    texts = ["".join(draw.choices(PIECES, k=draw.randint(0, 9))) for _ in range(20_000)]
    urls, hosts = _ask([f"http://{text}" for text in texts], texts)
    for text, url, host in zip(texts, urls, hosts, strict=True):
        assert canonical_url(f"http://{text}") == url
        assert typed_host(text)[0] == host
