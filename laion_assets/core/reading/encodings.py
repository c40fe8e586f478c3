"""What a text file is written in, told by its first bytes: UTF-8 unless there is evidence.

Marks and zero bytes are certain. For Windows-1252, in which Western lists come from Excel, there
are rules of our own, and anything else has to be told: charset-normalizer (3.5) takes French and
Spanish for Central European, Polish and Turkish for Western, which are other captions.
Lives here: that. Not here: decoding (`opening`).
"""

import codecs
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from laion_assets.core.base.errors import BadSourceFile
from laion_assets.core.reading.opening import open_blocks
from laion_assets.core.sources.formats import FileFormat

#: Bytes that are looked at.
_HEAD = 1 << 20
_MARKS: Mapping[bytes, str] = {  # the longer ones first: that of UTF-32 begins as that of UTF-16
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_ROMANIAN, _PORTUGUESE = "ã", re.compile("ão|ãe|õe")  # a text with the first needs the second
_ZEROS_LOOKED_AT = 4_096
#: Lines with bytes that are not UTF-8, for each with some that are beyond ASCII, in a file that is
#: not UTF-8; and how many there must be, or else two that are half of all.
_AGAINST = 4
_LEAST = 3
#: Of all lines; a file with fewer is UTF-8 with bad rows.
_REFUSED = 0.1
_WESTERN = "windows-1252"
#: Letters of Western Europe, and what stands between words. Left out are those by which the text
#: would be of another page: š ž ý þ ð of the east, the Baltic and Turkey, and what no text has.
_LETTERS = "àáâãäåæçèéêëìíîïñòóôõöøùúûüœß"
_UPPER = _LETTERS.upper().replace("SS", "")
_SIGNS = "‘“”„‚–—…•€£¥§©®™°«»¿¡·¹²³½¼¾ºª´×±†\xa0"  # noqa: RUF001
_NO_WESTERN = re.compile(
    rf"[^\x00-\x7f{_LETTERS}{_UPPER}’{_SIGNS}]"  # noqa: RUF001
    rf"|[a-z{_LETTERS}][{_UPPER}]"  # quotes of a Mac, or the first half of a character of UTF-8
    rf"|[A-Za-z{_LETTERS}][{_SIGNS}][a-z{_LETTERS}]"  # a letter of another page
    rf"|[{_LETTERS}{_UPPER}]{{4}}"  # a word without any plain letter: Cyrillic, Greek
    r"|õ(?!e)"  # Hungarian, not Portuguese
)


def settle_encoding(path: Path, layout: FileFormat) -> FileFormat:
    """Return the format with the encoding of a text file, where the dataset does not tell it.

    Raises BadSourceFile, with what can be told, when it is none that can be known for certain.
    """
    if layout.encoding:
        return layout
    with open_blocks(path, layout) as blocks:
        head = b""
        for block in blocks:
            head += block
            if len(head) >= _HEAD:
                break
    found = _by_marks(head) or _by_zeros(head[:_ZEROS_LOOKED_AT])
    if not found and layout.kind != "jsonl":  # which is UTF-8 by its definition
        found = _by_letters(head[:_HEAD], layout.kind)
    return replace(layout, encoding=found)


def _by_marks(head: bytes) -> str:
    return next((name for mark, name in _MARKS.items() if head.startswith(mark)), "")


def _by_zeros(head: bytes) -> str:
    """Tell UTF-16 and UTF-32, whose characters of ASCII are one byte and zeros."""
    zeros = [head[place::4].count(0) for place in range(4)]
    quarter = len(head) // 4
    full = [4 * count > quarter for count in zeros]
    names = {
        (False, True, True, True): "utf-32-le",
        (True, True, True, False): "utf-32-be",
        (False, True, False, True): "utf-16-le",
        (True, False, True, False): "utf-16-be",
    }
    return names.get((full[0], full[1], full[2], full[3]), "") if quarter else ""


def _by_letters(head: bytes, kind: str) -> str:
    """Tell Windows-1252 from UTF-8 with a few bad rows, and both from anything else."""
    lines = [line for line in re.split(rb"[\r\n]+", head)[:-1] or [head] if line]
    beyond = [line for line in lines if not line.isascii()]
    bad = [line for line in beyond if not _is_utf8(line)]
    good = len(beyond) - len(bad)
    if len(bad) <= _AGAINST * good or len(bad) < min(_LEAST, max(2, len(lines) / 2)):
        return ""
    if _is_western(b"\n".join(bad)):
        return _WESTERN
    if len(bad) < _REFUSED * len(lines):
        return ""
    raise BadSourceFile(
        f"is not UTF-8 ({len(bad):,} of the first {len(lines):,} lines are not); save it as UTF-8, "
        f"or say kind = '{kind}' and encoding = 'windows-1250', 'windows-1251', 'shift_jis', "
        "'gb18030' or whatever it is under [format] in a dataset file"
    )


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _is_western(text: bytes) -> bool:
    try:
        found = text.decode(_WESTERN)
    except UnicodeDecodeError:
        return False
    if _ROMANIAN in found and not _PORTUGUESE.search(found):
        return False
    return not _NO_WESTERN.search(found)
