"""Running the asynchronous parts from ordinary code, anywhere.

In a thread of their own: the caller's may already have an event loop (a notebook, Playwright's
tests), and whatever interrupts the caller while it waits (Ctrl-C, Dagster's termination) cancels
the work at once, in the middle of a read.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar, TypeVarTuple

from anyio.from_thread import start_blocking_portal

_Result = TypeVar("_Result")
_Arguments = TypeVarTuple("_Arguments")


def run(function: Callable[[*_Arguments], Awaitable[_Result]], *arguments: *_Arguments) -> _Result:
    """Call an asynchronous function and return what it returns, or raise what it raises."""
    with start_blocking_portal() as portal:
        return portal.call(function, *arguments)
