"""Files of the index that are plain JSON: the directory, what parts the files, suggestions.

Lives here: the container of these. Not here: what the directory says (`merge`, `FORMAT.md`).
"""

from __future__ import annotations

import json
from typing import Any

FORMAT_VERSION = 3
#: The site's folder that indexes lie in, each in one named by its digest, and their directories.
SEARCH = "search"
DIRECTORY = "directory.js"


def json_script(key: str, content: str) -> bytes:
    """Return a classic script that hands parsed JSON to the client.

    The JSON travels as a string in single quotes: an object literal of this size would take the
    browser far longer to parse. The third argument is its length in bytes.
    """
    data = content.encode()
    # Replaced as bytes, which takes a fraction of the time: one odd character makes a text wide.
    literal = data.replace(b"\\", b"\\\\").replace(b"'", b"\\'")
    for separator in ("\u2028", "\u2029"):
        literal = literal.replace(separator.encode(), f"\\u{ord(separator):x}".encode())
    head, tail = f"LaionIndex({json.dumps(key)},JSON.parse('", f"'),{len(data)});\n"
    return b"".join((head.encode(), literal, tail.encode()))


def to_json(value: Any) -> str:
    """Return compact JSON, non-ASCII characters as themselves."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
