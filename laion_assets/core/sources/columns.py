"""Columns: ours, what the family calls them, and what may be meant when none fits.

Lives here: mapping the columns of a source file to ours by name, and what to say in a dataset file
when that cannot be. Not here: the types they come in (`parquet_schema`, `json_names`,
`row_batches`).

The name of a field within a column is dotted: `image.url`.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from difflib import SequenceMatcher

from laion_assets.core.base.errors import BadSourceFile

#: Our column, then the family's names for it; first hit wins, case and spaces around it are none.
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
    "url": ("link", "href", "src", "image", "img", "image_url", "image_link", "photo"),
    "caption": ("alt", "title", "description", "prompt", "label", "sentence", "captions"),
}
_ALIKE = 0.6  # of difflib's ratio: "captoin" is caption (0.86), "number" is not (0.31)
_NAMES_SHOWN = 12
_NAME_LENGTH = 32
_NAME_SAID = 120  # letters of a name that an advice may spell out
_AROUND = " \t\r\n\f\v\xa0\u200b\ufeff"  # around a name these are no part of it


class NoColumn(BadSourceFile):
    """A file without a column that every row needs."""


class LikelyColumn(NoColumn):
    """A file without such a column that has one which may be meant; the line says how to say so."""


#: Whether a column of this name can be what ours should: (ours, theirs).
Fits = Callable[[str, str], bool]


def map_columns(
    columns: Mapping[str, Sequence[str]],
    found: Sequence[str],
    named: Collection[str] = (),
    fits: Fits = lambda _ours, _theirs: True,
) -> dict[str, str]:
    """Return our column -> the source's column, for the columns that exist in `found`.

    `columns` says what each of ours may be called, `named` for which of them a dataset file says
    so: of names that differ only in case or in the spaces around them, the one exactly so called is
    meant there. `fits` tells what can be advised. Raises BadSourceFile, with what to say in a
    dataset file, when url or caption has no column (NoColumn), or any of ours has two.
    """
    alike: dict[str, list[str]] = {}
    for name in found:
        alike.setdefault(plain_name(name), []).append(name)
    mapped: dict[str, str] = {}
    for ours, candidates in columns.items():
        for theirs in candidates:
            hits = alike.get(plain_name(theirs), [])
            if ours in named and theirs in hits:
                hits = [name for name in hits if name == theirs]
            if hits:
                mapped[ours] = _only_one(ours, hits, fits)
                break
    for ours in REQUIRED_COLUMNS:
        if ours not in mapped:
            taken = mapped.values()
            free = [name for name in found if name not in taken and fits(ours, name)]
            raise _missing_column(ours, columns[ours], found, free)
    return mapped


def plain_name(name: str) -> str:
    """Return a name as names are compared: case and the spaces around each part of it are none."""
    return ".".join(part.strip(_AROUND) for part in name.split(".")).casefold()


def _only_one(ours: str, hits: Sequence[str], fits: Fits) -> str:
    """Return the one column that may be ours; of several nobody knows which is meant."""
    if len(hits) == 1:
        return hits[0]
    if len(set(hits)) < len(hits):
        twice = next(name for name in hits if hits.count(name) > 1)
        raise BadSourceFile(
            f"has more than one column named {shown_name(twice)}; rename all but one of them"
        )
    said = [in_toml(name) for name in hits]
    told = next((text for name, text in zip(hits, said, strict=True) if fits(ours, name)), said[0])
    first, second = (text or shown_name(name) for name, text in zip(hits[:2], said, strict=False))
    both = f"has columns {first} and {second}, and either may be {ours}; "
    if not told:
        raise BadSourceFile(f"{both}rename one of them")
    raise BadSourceFile(f"{both}say which in a dataset file, such as [columns] {ours} = {told}")


def _missing_column(
    ours: str, candidates: Sequence[str], found: Sequence[str], free: Sequence[str]
) -> NoColumn:
    """Say what was looked for, what is there, what may be meant and how to say so."""
    wanted = ", ".join(shown_name(name) for name in candidates[:_NAMES_SHOWN])
    looked = f"no {ours} column: looked for {wanted}; found "
    if not found:
        return NoColumn(f"{looked}no columns")
    names = ", ".join(shown_name(name) for name in found[:_NAMES_SHOWN])
    more = f" and {len(found) - _NAMES_SHOWN:,} more" if len(found) > _NAMES_SHOWN else ""
    guess = _closest((*candidates, *_OTHER_NAMES[ours]), free)
    if guess is None:
        if ours == "url" and any(plain_name(name).endswith(".bytes") for name in found):
            more += " (pictures themselves, of which no URL is known)"
        elsewhere = "name it in a dataset file (laion-assets datasets --help)"
        return NoColumn(f"{looked}{names}{more}; {elsewhere}")
    closest = f"(closest: {shown_name(guess)}); if that is it, {told(ours, guess)}"
    return LikelyColumn(f"{looked}{names}{more} {closest}")


def instead(ours: str, found: Sequence[str], fits: Fits) -> str:
    """Return what to say in a dataset file when a column cannot be what it is called."""
    if ours not in REQUIRED_COLUMNS:
        return f"; to leave it out, say [columns] {ours} = [] in a dataset file"
    fitting = [name for name in found if fits(ours, name)]
    guess = _closest((*FAMILY_COLUMNS[ours], *_OTHER_NAMES[ours]), fitting)
    if guess is not None:
        return f"; if {shown_name(guess)} is meant, {told(ours, guess)}"
    return "; write a row for each URL" if ours == "url" else ""


def told(ours: str, theirs: str) -> str:
    """Return how a dataset file says that a column of ours is called so there."""
    said = in_toml(theirs)
    if said is None:
        return "rename it"
    return f"say [columns] {ours} = {said} in a dataset file"


def in_toml(name: str) -> str | None:
    """Return a name as TOML writes it, in one printable line; None when that cannot be.

    It cannot where the name is not Unicode, and it is of no use where it is very long.
    """
    if len(name) > _NAME_SAID or any("\ud800" <= letter <= "\udfff" for letter in name):
        return None
    if name.isprintable() and "'" not in name:
        return f"'{name}'"
    return '"' + "".join(map(_escaped, name)) + '"'


def _escaped(letter: str) -> str:
    if letter in '"\\':
        return "\\" + letter
    if letter.isprintable():
        return letter
    return f"\\U{ord(letter):08X}"


def _closest(wanted: Sequence[str], found: Sequence[str]) -> str | None:
    """Return the name most like one of those wanted, the first of equals; None when none is.

    Of a field within a column its own name counts: `image.url` is a url, `image.path` no image. The
    more of a name's words are wanted the better: `image_url` before `page_url`.
    """
    targets = [plain_name(target) for target in wanted]

    def likeness(name: str) -> float:
        folded = plain_name(name).strip(".").rpartition(".")[2][: 4 * _NAME_LENGTH]
        words = set(folded.replace("-", "_").split("_"))
        if folded in targets:
            return 1.0 + len(targets)
        if known := len(words.intersection(targets)):
            return float(known)
        return max(SequenceMatcher(None, folded, other).ratio() for other in targets)

    best = max(found[: 10 * _NAMES_SHOWN], key=likeness, default=None)
    return best if best is not None and likeness(best) >= _ALIKE else None


def shown_name(name: str) -> str:
    """Return a column's name fit for a line on a terminal: short, no control characters."""
    printable = "".join(letter if letter.isprintable() else "\ufffd" for letter in name)
    return printable if len(printable) <= _NAME_LENGTH else printable[: _NAME_LENGTH - 1] + "…"


def closest_column(ours: str, found: Sequence[str]) -> str | None:
    """Return which of some columns may be meant by ours, by its name; None when none may."""
    return _closest((*FAMILY_COLUMNS[ours], *_OTHER_NAMES[ours]), found)
