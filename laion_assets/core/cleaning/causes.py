"""Why so many rows of a file were rejected: the likely cause, and what to do about it.

Lives here: of which files that is told, and a sentence for the reason most rows were rejected for.
Not here: the reasons (`counts`, `sql/cleaning/judge_rows.sql`), which files there are
(`core.build.losses`).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from laion_assets.core.cleaning.counts import REASONS
from laion_assets.core.reading.layout import FileLayout
from laion_assets.core.sources.columns import closest_column, shown_name, told
from laion_assets.core.sources.formats import in_words

_DAMAGED, _ENCODING = ("damaged_line",), ("bad_encoding",)
#: Reasons that have one cause, and what is said then of the column they are about.
_OF_COLUMNS: Mapping[tuple[str, ...], tuple[str, str]] = {
    ("missing_url", "shifted_columns", "bad_scheme"): ("url", "holds no address"),
    ("bad_url",): ("url", "holds an address without a host, or with a user name or controls"),
    ("oversize_url",): ("url", "holds a text that is too long for an address"),
    ("missing_caption", "empty_caption"): ("caption", "holds no caption"),
    ("oversize_caption",): ("caption", "holds a text that is too long for a caption"),
}
_NAMES_SHOWN = 6  # names of columns that are listed


def few_kept(counts: Mapping[str, Any]) -> bool:
    """Tell whether less than half of a file's rows were kept, of those that did not have to go.

    `counts` are those of `CleaningCounts`.
    """
    return 2 * int(counts["kept"]) < rows_judged(counts)


def rows_judged(counts: Mapping[str, Any]) -> int:
    """Return how many rows a file has, without those that the user had removed."""
    return int(counts["read"]) - int(counts["rejected"].get("removed", 0))


def tell_loss(
    counts: Mapping[str, Any], layout: FileLayout, columns: Sequence[str], look: str
) -> str:
    """Return in one line how many rows were kept, the likely cause, and what to do about it.

    `columns` are the file's, those not mapped first; `look` is the command that shows its rows.
    """
    return f"{tell_kept(counts)}: {_cause(counts['rejected'], layout, columns, look)}"


def tell_kept(counts: Mapping[str, Any]) -> str:
    """Return how many rows were kept, of those that did not have to go."""
    judged = rows_judged(counts)
    return f"{counts['kept']:,} of {judged:,} row{'' if judged == 1 else 's'} kept"


def _cause(
    rejected: Mapping[str, int], layout: FileLayout, columns: Sequence[str], look: str
) -> str:
    rows = {
        reasons: sum(rejected.get(reason, 0) for reason in reasons)
        for reasons in (_DAMAGED, _ENCODING, *_OF_COLUMNS)
    }
    reasons = max(rows, key=lambda each: (rows[each], -REASONS.index(each[0])))
    several = "" if rows[reasons] == 1 else "s"
    in_rows = f"in {rows[reasons]:,} row{several}"
    if reasons == _DAMAGED:
        done = "split" if layout.format.delimiter else "parsed"
        lines = f"{rows[reasons]:,} line{several}"
        said = f"{lines} could not be {done} as {in_words(layout.format)}"
    elif reasons == _ENCODING:
        said = f"{in_rows} the text is not {layout.format.encoding or 'UTF-8'}; save it as UTF-8"
        if layout.format.delimiter:
            said += ", or say what it is under [format] in a dataset file"
    else:
        ours, what = _OF_COLUMNS[reasons]
        said = f"{in_rows} column {shown_name(layout.columns[ours])} {what}"
        said += f"; {_other_column(ours, layout, columns)}"
    return f"{said}; see `{look}`"


def _other_column(ours: str, layout: FileLayout, columns: Sequence[str]) -> str:
    """Return the question whether another column is meant, and how that is said."""
    names = ", ".join(shown_name(name) for name in columns[:_NAMES_SHOWN])
    more = f" and {len(columns) - _NAMES_SHOWN:,} more" if len(columns) > _NAMES_SHOWN else ""
    free = [name for name in columns if name not in layout.columns.values()]
    guess = closest_column(ours, free)
    named = "name it in a dataset file" if guess is None else told(ours, guess)
    return f"is another column meant? found {names}{more}; {named}"
