"""What of the named folders is no source file, and why: nothing is left out in silence.

Lives here: gathering it, by reason. Not here: the reasons (`folders`, `recognising`, `twins`), how
it is printed (`commands.terminal`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_DETAIL = re.compile(r"( \(|;|: ).*", re.DOTALL)
_ANOTHER = re.compile(r"(?<=^is the same as ).*|(?<=^is the same file as ).*", re.DOTALL)


@dataclass
class LeftOut:
    """Files and folders that are not read: why, by their paths as text; and how many are hidden.

    A reason is what something is, and then, in brackets or after a semicolon, which kind of it and
    what to do: what comes first is one kind of reason.
    """

    named: dict[str, str] = field(default_factory=dict)
    hidden: int = 0

    def add(self, path: str, why: str) -> None:
        """Leave a file or folder out; the first reason stays."""
        self.named.setdefault(path, why)

    def include(self, other: "LeftOut") -> None:
        """Leave out what another one does too."""
        self.hidden += other.hidden
        for path, why in other.named.items():
            self.add(path, why)

    def clear(self) -> None:
        """Forget everything: the folders are looked at anew."""
        self.named.clear()
        self.hidden = 0

    def by_kind(self) -> Mapping[str, list[tuple[str, str]]]:
        """Return what was left out (path, why) by the kind of reason, all sorted."""
        kinds: dict[str, list[tuple[str, str]]] = {}
        for path, why in sorted(self.named.items()):
            kind = _DETAIL.sub("", _ANOTHER.sub("another", why))
            kinds.setdefault(kind, []).append((path, why))
        return dict(sorted(kinds.items()))
