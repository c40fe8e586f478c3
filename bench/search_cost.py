"""What queries cost and whether their answers are right, through the real client in real browsers.

`python -m bench.search_cost SITE REFEREE`: every query in a tab of its own with nothing cached, by
each host and browser; then the table of bytes and requests by kind. Every answer is compared with
FTS5. `--warm` asks all queries in one tab: faster, for correctness alone.

Lives here: asking, comparing, the table, the command. Not here: hosts (`search_hosts`), browsers
(`search_browsers`), queries (`search_queries`), the referee (`search_referee`).
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bench.search_browsers import BROWSERS, Tab, Tabs
from bench.search_hosts import HOSTS, Entry, Host
from bench.search_language import Inside, Text
from bench.search_queries import EACH, KINDS, NEW_KINDS, Query, draw
from bench.search_referee import Referee

PAGE = 20  # hits that are compared

_READY = "async () => { await window.LaionSearch.ready; return window.searchBench.log.length; }"
_ASK = """async ({ query, limit, before }) => {
  const start = performance.now();
  let answer;
  try {
    answer = await window.LaionSearch.search(query, { limit });
  } catch (error) {
    answer = { failed: String(error) };
  }
  const ms = performance.now() - start;
  const { total, totalIsExact, atLeast, requests, bytes, inside, failed } = answer;
  const ids = (answer.hits ?? []).map((hit) => hit.id);
  const waited = performance.now() + 1000;
  while (window.searchBench.log.some(({ end }) => !end) && performance.now() < waited) {
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const log = window.searchBench.log.slice(before);
  return { total, totalIsExact, atLeast, requests, bytes, inside, failed, ids, ms, log };
}"""
_FIRST = """async () => {
  const { searchBench } = window;
  const waited = performance.now() + 30_000;
  const status = document.getElementById('search-status');
  while (!searchBench.first && performance.now() < waited && !/^No/.test(status.textContent)) {
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const [{ domContentLoadedEventStart }] = performance.getEntriesByType('navigation');
  return searchBench.first && searchBench.first - domContentLoadedEventStart;
}"""


@dataclass
class Truth:
    """What the referee says of a query."""

    total: int
    ids: list[str]
    inside: int | None = None  # for runs inside words: images that have them anywhere


@dataclass
class Cost:
    """What one query cost, and what was wrong with its answer."""

    kind: str
    query: str
    ms: float
    bytes: int
    requests: int
    depth: int  # requests one after the other
    exact: bool
    hits: int
    said: str = ""  # the total, or its bounds
    wrong: list[str] = field(default_factory=list)
    first: float | None = None  # milliseconds to the first hit in the page


def depth_of(log: list[Entry]) -> int:
    """Return the longest chain of requests of which each began after the one before had ended."""
    ended: list[tuple[float, int]] = []  # ends, and the longest chain up to there, ascending
    deepest = 0
    for entry in sorted(log, key=lambda entry: float(str(entry["start"]))):
        start, end = float(str(entry["start"])), float(str(entry["end"]))
        before = bisect_right(ended, (start, sys.maxsize))
        depth = 1 + max((known for _, known in ended[:before]), default=0)
        deepest = max(deepest, depth)
        ended.insert(bisect_right(ended, (end, depth)), (end, depth))
    return deepest


def differences(answer: dict[str, Any], truth: Truth) -> list[str]:
    """Return what is wrong with an answer."""
    if answer.get("failed"):
        return [f"failed: {answer['failed']}"]
    wrong = []
    total, least = answer["total"], answer["atLeast"]
    if answer["totalIsExact"] and total != truth.total:
        wrong.append(f"says {total}, is {truth.total}")
    elif not least <= truth.total <= total:
        wrong.append(f"says {least} to {total}, is {truth.total}")
    if answer["ids"] != truth.ids:
        place = next(
            (
                n
                for n, pair in enumerate(zip(answer["ids"], truth.ids, strict=False))
                if len(set(pair)) > 1
            ),
            min(len(answer["ids"]), len(truth.ids)),
        )
        wrong.append(f"hit {place + 1} differs ({len(answer['ids'])} of {len(truth.ids)})")
    if truth.inside is not None:
        said = (answer.get("inside") or {}).get("total")
        if said != truth.inside:
            wrong.append(f"says {said} inside words, are {truth.inside}")
    return wrong


def truths(referee: Referee, queries: Iterable[Query]) -> dict[str, Truth]:
    """Return what is true of queries, by how they are typed; kept beside the referee."""
    path = referee.folder / "answers.json"
    known = {}
    if path.exists():
        known = {text: Truth(**found) for text, found in json.loads(path.read_bytes()).items()}
    fresh = [query for query in queries if query.text not in known]
    for query in fresh:
        inside, node = None, query.node
        if isinstance(node, Inside):
            inside, _ = referee.answer(node, 0)
            node = Text(node.run)
        total, ids = referee.answer(node, PAGE)
        known[query.text] = Truth(total, [str(number) for number in ids], inside)
    if fresh:
        kept = {text: asdict(found) for text, found in known.items()}
        path.write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")
    return known


def ask(tab: Tab, host: Host, query: Query, truth: Truth) -> Cost:
    """Ask a query in a page that is ready."""
    before = tab.run(_READY)
    host.mark()
    answer = tab.run(_ASK, {"query": query.text, "limit": PAGE, "before": before})
    log: list[Entry] = answer["log"]
    return Cost(
        kind=query.kind,
        query=query.text,
        ms=answer["ms"],
        bytes=host.sent(log),
        requests=len(log),
        depth=depth_of(log),
        exact=bool(answer.get("totalIsExact")),
        hits=len(answer["ids"]),
        said=f"{answer.get('atLeast')} to {answer.get('total')}",
        wrong=differences(answer, truth),
    )


def first_hit(tabs: Tabs, host: Host, query: Query) -> float | None:
    """Return the milliseconds from the page's last script to its first hit; None without hits."""
    with tabs() as tab:
        tab.open(f"{host.address}/search.html?q={quote(query.text, safe='')}")
        found: float = tab.run(_FIRST)
    return found or None


def cold(tabs: Tabs, host: Host, query: Query, truth: Truth, *, dom: bool) -> Cost:
    """Ask a query in a tab that has nothing; with `dom`, open the search page with it too."""
    with tabs() as tab:
        tab.open(f"{host.address}/client.html")
        cost = ask(tab, host, query, truth)
    if dom:
        cost.first = first_hit(tabs, host, query)
    return cost


def measure(site: Path, way: str, browser: str, queries: list[Query], known: dict[str, Truth],
            *, warm: bool, dom: bool) -> list[Cost]:  # fmt: skip
    """Ask all queries by one host in one browser."""
    with HOSTS[way](site) as host, BROWSERS[browser][1]() as tabs:
        if not warm:
            return [cold(tabs, host, query, known[query.text], dom=dom) for query in queries]
        with tabs() as tab:
            tab.open(f"{host.address}/client.html")
            return [ask(tab, host, query, known[query.text]) for query in queries]


def _spread(values: Iterable[float], scale: float = 1.0, digits: int = 0) -> str:
    """Return p50 / p90 / max."""
    ordered = sorted(value / scale for value in values)
    if not ordered:
        return "–"
    high = ordered[min(len(ordered) - 1, round(0.9 * (len(ordered) - 1)))]
    return " / ".join(
        f"{value:,.{digits}f}" for value in (statistics.median(ordered), high, ordered[-1])
    )


def table(costs: list[Cost]) -> str:
    """Return the table of one host and browser as Markdown."""
    lines = [
        "| query | KB | requests | in a row | ms | first hit, ms | with hits | exact | wrong |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for kind, found in groupby(costs, key=lambda cost: cost.kind):
        of = list(found)
        first = [cost.first for cost in of if cost.first is not None]
        cells = [
            kind,
            _spread((cost.bytes for cost in of), 1000, 1),
            _spread(cost.requests for cost in of),
            _spread(cost.depth for cost in of),
            _spread(cost.ms for cost in of),
            _spread(first),
            f"{sum(cost.hits > 0 for cost in of)} of {len(of)}",
            f"{sum(cost.exact for cost in of)} of {len(of)}",
            str(sum(bool(cost.wrong) for cost in of)),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def disagreements(every: dict[str, list[Cost]]) -> list[str]:
    """Return the queries whose totals or bounds depend on who serves them or who asks."""
    said: dict[str, dict[str, str]] = {}
    for name, costs in every.items():
        for cost in costs:
            said.setdefault(cost.query, {})[name] = cost.said
    return [f"{query!r}: {found}" for query, found in said.items() if len(set(found.values())) > 1]


def start_up(site: Path) -> str:
    """Return what loading the search page takes before anything is asked."""
    with HOSTS["nginx"](site) as host, BROWSERS["chromium"][1]() as tabs, tabs() as tab:
        host.mark()
        tab.open(f"{host.address}/client.html")
        tab.run(_READY)
        return f"Start-up: {host.sent([]) / 1000:,.1f} KB gzipped, the page and its style included."


def main() -> None:
    """Ask, compare, print the tables; exit 1 when an answer is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("site", type=Path, help="a folder of `bench.search_build`'s: site")
    parser.add_argument("referee", type=Path, help="a folder of `bench.search_build`'s: referee")
    parser.add_argument("--each", type=int, default=EACH, help="queries of each kind")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--hosts", default=",".join(HOSTS))
    parser.add_argument("--browsers", default="chromium,firefox")
    parser.add_argument("--kinds", help="parts of the kinds' names, with commas between")
    parser.add_argument("--old", action="store_true", help="without the kinds new in format 2")
    parser.add_argument("--warm", action="store_true", help="all queries in one tab")
    parser.add_argument("--dom", action="store_true", help="open the search page with each, too")
    parser.add_argument("--json", type=Path, help="write every measurement here")
    options = parser.parse_args()
    parts = options.kinds.split(",") if options.kinds else [""]
    kinds = [kind for kind in KINDS if any(part in kind for part in parts)]
    kinds = [kind for kind in kinds if not (options.old and kind in NEW_KINDS)]
    referee = Referee(options.referee)
    queries = draw(referee, kinds, options.each, options.seed)
    known = truths(referee, queries)
    every: dict[str, list[Cost]] = {}
    if "nginx" in options.hosts and BROWSERS["chromium"][0].exists():
        print(start_up(options.site))
    for browser in options.browsers.split(","):
        if not BROWSERS[browser][0].exists():
            print(f"{browser} is left out: {BROWSERS[browser][0]} is not installed.")
            continue
        for way in options.hosts.split(","):
            costs = measure(
                options.site, way, browser, queries, known, warm=options.warm, dom=options.dom
            )
            every[f"{browser}, {way}"] = costs
            print(f"\n{browser}, {way}: {len(costs)} queries, p50 / p90 / max\n\n{table(costs)}")
            for cost in costs:
                if cost.wrong:
                    print(f"WRONG {cost.query!r}: {'; '.join(cost.wrong)}")
            sys.stdout.flush()
    if options.json:
        found = {name: [asdict(cost) for cost in costs] for name, costs in every.items()}
        options.json.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    wrong = sum(bool(cost.wrong) for costs in every.values() for cost in costs)
    print(f"\n{wrong} of {sum(map(len, every.values()))} answers are wrong.")
    differing = disagreements(every)
    print(f"{len(differing)} of {len(queries)} queries are answered differently by the ways.")
    print("\n".join(f"DIFFERENT {line}" for line in differing))
    sys.exit(1 if wrong or differing else 0)


if __name__ == "__main__":
    main()
