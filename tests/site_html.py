"""Reading rendered pages in tests: elements with attributes and text, by the standard library.

Not a browser: no implied elements, no entities left over. Enough for pages that close what they
open, which is itself checked (`Document.unclosed`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"meta", "link", "input", "br", "img", "hr"})


@dataclass
class Element:
    """One element: name, attributes, the elements in it and all text in it."""

    tag: str
    attributes: dict[str, str | None]
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def all(self, tag: str) -> list[Element]:
        """Every descendant of that name, in document order."""
        found = []
        for child in self.children:
            if child.tag == tag:
                found.append(child)
            found += child.all(tag)
        return found

    def everything(self) -> list[Element]:
        """Every descendant, in document order."""
        found = []
        for child in self.children:
            found += [child, *child.everything()]
        return found

    def get(self, name: str) -> str | None:
        """An attribute's value; None when it is absent."""
        return self.attributes.get(name)

    @property
    def classes(self) -> list[str]:
        """The element's classes."""
        return (self.get("class") or "").split()


class Document(HTMLParser):
    """A parsed page; `root` holds everything, `unclosed` what was closed wrongly or not at all."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("#document", {})
        self.unclosed: list[str] = []
        self._open = [self.root]
        self.feed(html)
        self.close()
        self.unclosed += [element.tag for element in self._open[1:]]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        element = Element(tag, dict(attrs))
        self._open[-1].children.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Add an element that closes itself (SVG)."""
        self._open[-1].children.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost element, which must be this one."""
        if self._open[-1].tag != tag:
            self.unclosed.append(f"{self._open[-1].tag} closed by {tag}")
            return
        self._open.pop()

    def handle_data(self, data: str) -> None:
        """Add text to every open element."""
        for element in self._open:
            element.text += data

    def all(self, tag: str) -> list[Element]:
        """Every element of that name, in document order."""
        return self.root.all(tag)

    def everything(self) -> list[Element]:
        """Every element, in document order."""
        return self.root.everything()

    def main_text(self) -> str:
        """The text of the main part with single spaces."""
        return " ".join(self.all("main")[0].text.split())

    def meta(self, key: str) -> str | None:
        """The content of the meta element with this name or http-equiv."""
        for element in self.all("meta"):
            if key in (element.get("name"), element.get("http-equiv")):
                return element.get("content")
        return None
