"""Addresses: which host a row is on, and an invented path there.

Lives here: the head of a hundred domains, the long Zipf tail of invented ones, the share of plain
http. Not here: broken addresses (`dirt`). Hosts that exist get paths that begin with /sample/; the
rest is under `.example`, a name reserved for such use (RFC 2606).
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from laion_assets.sample.captions import FLAVOURS
from laion_assets.sample.grammar import (
    Integers,
    compile_grammar,
    draw,
    gather,
    quantiles,
    scale,
)
from laion_assets.sample.lexicon import head_domains, templates, word_sections

PLAIN_HTTP = 0.38  # share of addresses that begin with http:, as measured on real rows

TAIL_DOMAINS = 400_000  # the real subset has some 377,000 domains
#: Shift of the tail's Zipf law, weight 1 / (rank + shift). At 300 the commonest domain of the tail
#: (0.024 % of all rows) comes after the last of the head.
_TAIL_SHIFT = 300.0

_RESOLUTION = 1 << 16  # of shares of domains
_FINE = 1 << 12  # of shares of hosts and paths within a domain
#: Sub-domains: of each invented domain one is the usual, rows now and then have another.
_PREFIXES = (
    ("www.", 46.0), ("", 28.0), ("images.", 3.0), ("cdn.", 4.0), ("static.", 2.5), ("media.", 2.5),
    ("img.", 2.0), ("blog.", 3.0), ("shop.", 2.0), ("photos.", 1.5), ("assets.", 1.5),
    ("i.", 1.0), ("cdn2.images.", 1.0), ("old.www.", 0.5), ("m.", 0.5), ("en.", 1.0),
)  # fmt: skip
_USUAL_PREFIX = 0.9  # share of a domain's rows on its usual host
_SHARED_HOSTING = 0.05  # share of domains on which everybody has a sub-domain of their own
_MIXER = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio, for multiplicative hashing


@dataclass(frozen=True)
class DrawnAddresses:
    """A batch of addresses, and the flavour number of each row's host."""

    urls: pa.Array  # binary, ASCII
    flavours: Integers


class Addresses:
    """Draws addresses in batches."""

    def __init__(self) -> None:
        self._head = head_domains()
        self._tail = _Tail()
        sections = dict(templates("paths"))
        sections |= {f"host {domain.domain}": domain.hosts for domain in self._head}
        sections["scheme"] = (("https://", 1.0), ("http://", 1.0))
        self._grammar = compile_grammar(sections, word_sections())
        head_shares = [domain.share for domain in self._head]
        tail_share = 1 - sum(head_shares)
        self._domains = quantiles([*head_shares, tail_share], _RESOLUTION)
        self._hosts = np.stack([self._table(f"host {domain.domain}") for domain in self._head])
        self._paths = np.stack(
            [self._table(domain.path_section) for domain in self._head] + [self._table("path_tail")]
        )
        plain = [domain.plain_http for domain in self._head]
        head_plain = float(np.dot(plain, head_shares))
        plain.append((PLAIN_HTTP - head_plain) / tail_share)
        self._plain = (np.array(plain) * (1 << 32)).astype(np.uint64)
        self._head_flavours = np.array([FLAVOURS.index(domain.flavour) for domain in self._head])
        tail_flavours = np.bincount(self._tail.trade_flavours, minlength=len(FLAVOURS))
        shares = tail_share * tail_flavours / tail_flavours.sum()
        np.add.at(shares, self._head_flavours, head_shares)
        #: Share of all rows on hosts of each flavour.
        self.flavour_shares: tuple[float, ...] = tuple(float(share) for share in shares)

    def _table(self, section: str) -> Integers:
        numbers, weights = self._grammar.sections[section]
        return numbers[quantiles(weights, _FINE)]

    def draw(self, random: np.random.Generator, rows: int) -> DrawnAddresses:
        """Return `rows` addresses, 62 % of them https."""
        domains = self._domains[scale(draw(random, rows), _RESOLUTION)]
        plain = (draw(random, rows) < self._plain[domains]).astype(np.int64)
        paths = self._paths[domains, scale(draw(random, rows), _FINE)]
        schemes = self._grammar.sections["scheme"][0][plain]
        on_tail = domains == len(self._head)
        head, tail = np.flatnonzero(~on_tail), np.flatnonzero(on_tail)
        hosts = self._hosts[domains[head], scale(draw(random, len(head)), _FINE)]
        tail_hosts, tail_flavours = self._tail.draw(random, len(tail))
        flavours = np.empty(rows, np.int64)
        flavours[head], flavours[tail] = self._head_flavours[domains[head]], tail_flavours
        order = np.empty(rows, np.int64)
        order[np.concatenate([head, tail])] = np.arange(rows)
        all_hosts = pa.concat_arrays(
            [self._grammar.expand(random, hosts[:, np.newaxis]), tail_hosts]
        ).take(pa.array(order))
        urls = pc.binary_join_element_wise(
            self._grammar.expand(random, schemes[:, np.newaxis]),
            all_hosts,
            self._grammar.expand(random, paths[:, np.newaxis]),
            pa.scalar(b"", pa.binary()),
        )
        return DrawnAddresses(urls, flavours)


class _Tail:
    """Invented domains, numbered by rank: `amberbarn-photography.example` and so on.

    A rank is turned into words by arithmetic, so no list of the domains is ever held.
    """

    def __init__(self) -> None:
        words = word_sections()
        first, second = ([w for w, _ in words[f"host_{which}"]] for which in ("first", "second"))
        trades = [(w, f) for f in FLAVOURS for w, _ in words[f"trade_{f}"]]
        self._shape = (len(first), len(second), len(trades))
        self._names = math.prod(self._shape)
        self._step = next(
            step for step in range(int(self._names * 0.618), self._names)
            if math.gcd(step, self._names) == 1
        )  # fmt: skip
        self.trade_flavours = np.array([FLAVOURS.index(flavour) for _, flavour in trades])
        self._prefixes = quantiles([weight for _, weight in _PREFIXES], _FINE)
        groups = (
            [prefix for prefix, _ in _PREFIXES],
            [f"{word}." for word in first],
            first,
            second,
            [f"-{word}" for word in second],
            [f"{word}.example" for word, _ in trades],
            [f"-{word}.example" for word, _ in trades],
        )
        self._starts = np.cumsum([0, *(len(group) for group in groups)])
        self._tokens = pa.array([w.encode() for group in groups for w in group], pa.binary())

    def draw(self, random: np.random.Generator, rows: int) -> tuple[pa.Array, Integers]:
        """Return host names (binary) and the flavour number of each."""
        even = draw(random, rows) / (1 << 32)
        span = (TAIL_DOMAINS + _TAIL_SHIFT) / _TAIL_SHIFT
        ranks = (_TAIL_SHIFT * span**even - _TAIL_SHIFT).astype(np.int64)  # inverse of the CDF
        numbers = (ranks * self._step + 1) % self._names
        first, second, trade = np.unravel_index(numbers, self._shape)
        mixed = (numbers.astype(np.uint64) + np.uint64(1)) * _MIXER  # wraps, as a hash should
        _, own, firsts, joined_second, dashed_second, joined_trade, dashed_trade, _ = self._starts
        seconds = np.where(mixed >> np.uint64(63), joined_second, dashed_second)
        trades = np.where((mixed >> np.uint64(61)) & np.uint64(3), dashed_trade, joined_trade)
        prefixes = self._prefix(random, mixed, own)
        words = (prefixes, firsts + first, seconds + second, trades + trade)
        tokens = np.stack(words, axis=1)
        ends = np.arange(1, rows + 1) * tokens.shape[1]
        return gather(self._tokens, tokens.ravel(), ends), self.trade_flavours[trade]

    def _prefix(
        self, random: np.random.Generator, mixed: npt.NDArray[np.uint64], own: int
    ) -> Integers:
        """Choose sub-domains: the domain's usual one, another, or a user's own."""
        rows = len(mixed)
        hashed = (mixed >> np.uint64(20)) & np.uint64((1 << 32) - 1)
        usual = self._prefixes[scale(hashed, len(self._prefixes))]
        other = self._prefixes[scale(draw(random, rows), len(self._prefixes))]
        chosen = np.where(draw(random, rows) < np.uint64(_USUAL_PREFIX * (1 << 32)), usual, other)
        user = own + scale(draw(random, rows), self._shape[0])
        shared = ((mixed >> np.uint64(8)) & np.uint64(0xFFF)) < np.uint64(_SHARED_HOSTING * 4096)
        return np.where(shared, user, chosen)
