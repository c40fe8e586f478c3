"""The vectors that Python and the client share: spellings of URLs and hosts, and their one form.

`url_vectors.json` has for `urls` and for `hosts` pairs: the one form (null: it is no host), and
what people have or type for it. Lives here: reading it.
"""

from __future__ import annotations

import json

from tests.repository import ROOT

_VECTORS = json.loads((ROOT / "tests" / "url_vectors.json").read_text(encoding="utf-8"))

#: (spelling, canonical URL).
URL_SPELLINGS: list[tuple[str, str]] = [
    (spelling, canonical) for canonical, spellings in _VECTORS["urls"] for spelling in spellings
]
#: (what somebody types, host or None).
HOST_SPELLINGS: list[tuple[str, str | None]] = [
    (spelling, host) for host, spellings in _VECTORS["hosts"] for spelling in spellings
]
