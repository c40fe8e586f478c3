"""How long work tells how far it is.

Lives here: the type of the callback, and the one that says nothing. Not here: bars on a terminal
(`laion_assets.commands.terminal`).
"""

from collections.abc import Callable

#: Called with a label, the units done and the units in all (0 when unknown).
Progress = Callable[[str, int, int], None]


def silent(_label: str, _done: int, _total: int) -> None:
    """Report no progress."""


def nothing(_done: int) -> None:
    """Report no progress within what is at hand."""
