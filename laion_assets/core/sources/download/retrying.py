"""Patience: how long to wait before the next attempt, and when to stop.

Exponential back-off with jitter; a host that says when to come back (Retry-After) is obeyed, within
bounds. Not here: what is worth another attempt (`problems`).
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import sleep
from typing import TypeVar

from laion_assets.core.sources.download.problems import TryAgain

FIRST_WAIT = 1.0  # seconds; doubled after each failure
LONGEST_WAIT = 60.0  # seconds, of our own accord
LONGEST_ASKED = 300.0  # seconds, however long the host asks for
#: Attempts in a row that bring nothing. Listing answers somebody who waits (7 s of waiting in all);
#: a download outlives a router that restarts (2 minutes).
LISTING_ATTEMPTS = 4
DOWNLOAD_ATTEMPTS = 8

_Result = TypeVar("_Result")


@dataclass
class Backoff:
    """Counts failures in a row."""

    attempts: int
    failures: int = 0

    def wait_after(self, failure: TryAgain) -> float:
        """Return the seconds to wait now; raises the failure's problem when enough is enough."""
        self.failures += 1
        if self.failures >= self.attempts:
            raise failure.problem
        longest = min(FIRST_WAIT * 2.0 ** (self.failures - 1), LONGEST_WAIT)
        # Half fixed, half random: enough to part several clients that failed at one moment.
        wait = longest * random.uniform(0.5, 1)  # noqa: S311 - spreads load, guards nothing
        return max(wait, min(asked_wait(failure.after), LONGEST_ASKED))

    def reset(self) -> None:
        """Start counting anew: something came through."""
        self.failures = 0


def asked_wait(after: str | None) -> float:
    """Return the seconds a Retry-After header asks for: a number or a date; 0 without any."""
    if after is None:
        return 0.0
    if after.strip().isdecimal():
        return float(after)
    try:
        moment = parsedate_to_datetime(after)
    except ValueError:
        return 0.0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    seconds: float = (moment - datetime.now(UTC)).total_seconds()
    return max(0.0, seconds)


def patiently(call: Callable[[], _Result]) -> _Result:
    """Call until it does not raise TryAgain, with waits; UserError when it never stops."""
    backoff = Backoff(LISTING_ATTEMPTS)
    while True:
        try:
            return call()
        except TryAgain as failure:
            sleep(backoff.wait_after(failure))
