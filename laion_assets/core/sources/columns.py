"""Columns: ours, what the family calls them, and what may be meant when none fits.

Lives here: mapping the columns of a source file to ours by name. Not here: the types they come in
(`parquet_rows`, `row_batches`).
"""

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher

from laion_assets.core.base.errors import BadSourceFile

#: Our column, then the family's names for it; case-insensitive, first hit wins.
FAMILY_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "url": ("url",),
    "caption": ("text", "caption", "alt_txt", "top_caption"),
    "width": ("width", "original_width"),
    "height": ("height", "original_height"),
    "similarity": (
        "similarity",
        "clip_similarity_vitl14",
        "clip_l14_similarity_score",
        "clip_similarity_vitb32",
    ),
    "punsafe": ("punsafe", "nsfw_score_opennsfw2", "nsfw_score_gantman"),
    "nsfw": ("nsfw",),  # LAION-400M's verdict in words, which is no score
    "pwatermark": ("pwatermark", "watermark_score"),
    "aesthetic": ("aesthetic_score", "aesthetic", "aesthetic_score_laion_v2", "prediction"),
    "hash": ("hash",),
}
REQUIRED_COLUMNS = ("url", "caption")
#: What cleaning does with them: texts it keeps as bytes, numbers it checks against a range.
TEXTS = ("url", "caption")
NUMBERS = ("width", "height", "similarity", "punsafe", "pwatermark", "aesthetic")
#: What strangers call these columns; only for the guess in an error, never to map by.
_OTHER_NAMES: Mapping[str, tuple[str, ...]] = {
    "url": ("link", "href", "src", "image", "image_url", "image_link", "photo"),
    "caption": ("alt", "title", "description", "prompt", "label", "sentence", "captions"),
}
_ALIKE = 0.6  # of difflib's ratio: "captoin" is caption (0.86), "number" is not (0.31)
_NAMES_SHOWN = 12
_NAME_LENGTH = 32


def map_columns(columns: Mapping[str, Sequence[str]], found: Sequence[str]) -> dict[str, str]:
    """Return our column -> the source's column, for the columns that exist in `found`.

    `columns` says what each of ours may be called. Raises BadSourceFile, naming the closest guess,
    when url or caption has no column.
    """
    by_name: dict[str, str] = {}
    for name in found:
        by_name.setdefault(name.casefold(), name)
    mapped = {
        ours: by_name[theirs.casefold()]
        for ours, candidates in columns.items()
        for theirs in reversed(candidates)
        if theirs.casefold() in by_name
    }
    for ours in REQUIRED_COLUMNS:
        if ours not in mapped:
            free = [name for name in found if name not in mapped.values()]
            raise BadSourceFile(_missing_column(ours, columns[ours], found, free))
    return mapped


def _missing_column(
    ours: str, candidates: Sequence[str], found: Sequence[str], free: Sequence[str]
) -> str:
    """Say what was looked for, what is there, what may be meant and how to say so."""
    looked = f"no {ours} column: looked for {', '.join(candidates)}; found "
    if not found:
        return f"{looked}no columns"
    names = ", ".join(shown_name(name) for name in found[:_NAMES_SHOWN])
    more = f" and {len(found) - _NAMES_SHOWN:,} more" if len(found) > _NAMES_SHOWN else ""
    guess = _closest((*candidates, *_OTHER_NAMES[ours]), free)
    if guess is None:
        return f"{looked}{names}{more}; name it in a dataset file (laion-assets datasets --help)"
    known = shown_name(guess)
    return (
        f"{looked}{names}{more} (closest: {known}); if that is it, "
        f"say [columns] {ours} = '{known}' in a dataset file"
    )


def _closest(wanted: Sequence[str], found: Sequence[str]) -> str | None:
    """Return the name most like one of those wanted, the first of equals; None when none is."""

    def likeness(name: str) -> float:
        folded = name[: 4 * _NAME_LENGTH].casefold()
        words = set(folded.replace("-", "_").split("_"))
        return max(
            1.0 if other in words else SequenceMatcher(None, folded, other).ratio()
            for other in (target.casefold() for target in wanted)
        )

    best = max(found[: 10 * _NAMES_SHOWN], key=likeness, default=None)
    return best if best is not None and likeness(best) >= _ALIKE else None


def shown_name(name: str) -> str:
    """Return a column's name fit for a line on a terminal: short, no control characters."""
    printable = "".join(letter if letter.isprintable() else "\ufffd" for letter in name)
    return printable if len(printable) <= _NAME_LENGTH else printable[: _NAME_LENGTH - 1] + "…"


def closest_column(ours: str, found: Sequence[str]) -> str | None:
    """Return which of some columns may be meant by ours, by its name; None when none may."""
    return _closest((*FAMILY_COLUMNS[ours], *_OTHER_NAMES[ours]), found)
