"""Derive `unspaced.json`: the letters of scripts that are written without spaces.

Run by a developer when the scripts or the tokens are to change; never at build time. The file,
beside `laion_assets/core/text/tokens.py`, is a flat list of inclusive, sorted, disjoint ranges of
code points, `[first, last, first, last, ...]`: what is a letter of Han, Hiragana, Katakana, Thai,
Lao, Khmer or Myanmar and a token character by `unicode61.json` that folding leaves as it is. Marks
and digits are none; the ideographs' own planes count whole, assigned or not.

Usage: `python -m bench.derive_unspaced`
"""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

from laion_assets.core.text.tables import CODE_POINTS, character_tables

OUTPUT = Path(__file__).resolve().parents[1] / "laion_assets" / "core" / "text" / "unspaced.json"

#: How the names of the scripts' characters begin; Python's own library knows no scripts.
NAMES = (
    "CJK UNIFIED IDEOGRAPH", "CJK COMPATIBILITY IDEOGRAPH", "IDEOGRAPHIC ", "VERTICAL IDEOGRAPHIC ",
    "HANGZHOU NUMERAL", "CJK RADICAL", "KANGXI RADICAL",
    "HIRAGANA ", "KATAKANA", "HALFWIDTH KATAKANA", "HENTAIGANA",
    "THAI ", "LAO ", "KHMER ", "MYANMAR ",
)  # fmt: skip
LETTERS = ("Lo", "Lm", "Nl")
#: Ideographs and room for more of them: blocks of Unicode.
IDEOGRAPHS = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFD))


def is_unspaced(code: int) -> bool:
    """Tell whether a code point is a letter of these scripts."""
    if any(low <= code <= high for low, high in IDEOGRAPHS):
        return True
    character = chr(code)
    name = unicodedata.name(character, "")
    return unicodedata.category(character) in LETTERS and name.startswith(NAMES)


def main() -> None:
    """Write the file."""
    effects = character_tables().effects
    ranges: list[int] = []
    for code in range(CODE_POINTS):
        if effects[code] != code or not is_unspaced(code):
            continue
        if ranges and ranges[-1] == code - 1:
            ranges[-1] = code
        else:
            ranges += [code, code]
    text = json.dumps(ranges, separators=(",", ":")) + "\n"
    OUTPUT.write_text(text, encoding="ascii", newline="\n")


if __name__ == "__main__":
    main()
