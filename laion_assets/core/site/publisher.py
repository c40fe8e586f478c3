"""Who publishes a copy and how to reach them, as pages may show it.

Lives here: what of a typed contact becomes a link. Not here: the settings (`core.build.settings`),
the sentences around it (the templates).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from laion_assets.core.site.safety import one_line, safe_link

#: Characters of either that a page shows.
LONGEST = 200
_LONGEST_ADDRESS = 254  # characters (RFC 5321)
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@{_LABEL}(?:\.{_LABEL})+")


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who answers for a copy: a name and a contact as typed, either empty where nobody said."""

    typed_name: str = ""
    typed_contact: str = ""

    @property
    def name(self) -> str:
        """The name as one line of bounded length, without controls and direction marks."""
        return _shown(self.typed_name)

    @property
    def contact(self) -> str:
        """The contact likewise."""
        return _shown(self.typed_contact)

    @property
    def link(self) -> str | None:
        """Where the contact leads: an e-mail address or an https URL does, nothing else."""
        contact = self.typed_contact.strip()
        if len(contact) <= _LONGEST_ADDRESS and _ADDRESS.fullmatch(contact):
            return f"mailto:{quote(contact, safe='@')}"
        is_https = contact[:8].lower() == "https://" and len(contact) <= LONGEST
        return safe_link(contact) if is_https else None


#: Of whom nobody said anything.
NOBODY = Publisher()


def _shown(typed: str) -> str:
    line = one_line(typed)
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def remark_on(publisher: Publisher) -> str:
    """What to say to the publisher while a reader would not know whom to ask; empty when one does.

    A name and a contact are both needed: who is asked, and where.
    """
    options = {"--publisher": publisher.name, "--contact": publisher.contact}
    missing = [option for option, shown in options.items() if not shown]
    if missing:
        return (
            "the site does not say who publishes it and whom to ask for a removal; "
            f"say so with {' and '.join(missing)}"
        )
    if publisher.link is None:
        return (
            "the contact is no e-mail address and no https URL, so pages show it without a link; "
            "name one with --contact"
        )
    return ""
