"""Registrable domains found by the compiled loop are those of the list's own reader."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from laion_assets.core.cleaning.hosts import registrable_domain, suffix_rules
from laion_assets.core.cleaning.suffixes import make_table, registrable_starts, suffix_table

RULES = [rule for rule in suffix_rules() if rule.isascii() and "xn--" not in rule]
labels = st.sampled_from(["a", "www", "my_shop", "-", "com", "co", "city", "ck", "kobe", "uk"])
plain_hosts = st.builds(
    lambda before, rule: ".".join([*before, rule.replace("*", "x").replace("!", "")]),
    st.lists(labels, max_size=3),
    st.sampled_from([*RULES, "unknown", "local"]) | labels,
)


def domains_of(hosts: Sequence[str], rules: Sequence[str] | None = None) -> list[str]:
    """Return the registrable domain of each host by the loop."""
    ends = np.zeros(len(hosts) + 1, np.int64)
    np.cumsum([len(host) for host in hosts], out=ends[1:])
    data = np.frombuffer("".join(hosts).encode(), np.uint8)
    starts = registrable_starts(data, ends, make_table(rules) if rules else suffix_table())
    return [host[start - begin :] for host, start, begin in zip(hosts, starts, ends, strict=False)]


def test_every_rule_is_followed() -> None:
    """A host that is a rule, one below and one far below it have the reader's domains."""
    plain = [rule.replace("*", "x").replace("!", "") for rule in RULES]
    hosts = [f"{before}{rule}" for rule in plain for before in ("", "a.", "c.b.a.")]
    assert domains_of(hosts) == [registrable_domain(host) for host in hosts]


@settings(max_examples=500)
@given(hosts=st.lists(plain_hosts, max_size=6))
def test_domains_are_the_readers(hosts: list[str]) -> None:
    """Whatever labels stand before whatever rule, both say the same."""
    assert domains_of(hosts) == [registrable_domain(host) for host in hosts]


def test_exceptions_and_wildcards() -> None:
    """A wildcard takes any label, an exception to it none."""
    hosts = ["a.b.ck", "www.ck", "a.www.ck", "b.ck", "ck"]
    assert domains_of(hosts, ["*.ck", "!www.ck"]) == ["a.b.ck", "www.ck", "www.ck", "b.ck", "ck"]
