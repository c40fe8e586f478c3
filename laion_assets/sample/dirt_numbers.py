"""Kinds of numbers no honest measurement gives, and of safety scores worth a look.

Lives here: what is set. Where it goes is in `dirt`.
"""

from collections.abc import Callable, Mapping

from laion_assets.sample.dirt import Kind

_NAN, _INFINITE = float("nan"), float("inf")

#: What half of the rows with punsafe exactly 1 share, as 76 of 222 did in the real subset: a
#: caption as harmless as any, because a score says little about it.
CLUSTER_CAPTION = "Plaster cast of a classical statue, drawing class, plate 12"


def _cycle(column: str, *values: float | None) -> Callable[[int], Mapping[str, float | None]]:
    return lambda number: {column: values[number % len(values)]}


NUMBER_KINDS = (
    Kind("size not a number", 3_000, numbers=lambda n: {("WIDTH", "HEIGHT")[n % 2]: _NAN}),
    Kind("size zero", 3_000, numbers=lambda _n: {"WIDTH": 0.0, "HEIGHT": 0.0}),
    Kind("size null", 3_000, numbers=lambda _n: {"WIDTH": None, "HEIGHT": None}),
    Kind("size negative", 15_000, numbers=_cycle("HEIGHT", -1.0, -600.0)),
    Kind("size huge", 30_000, numbers=_cycle("WIDTH", 200_000.0, _INFINITE)),
    Kind("size with a fraction", 6_000, numbers=_cycle("WIDTH", 640.5, 0.4, 1023.999)),
    Kind("similarity out of range", 15_000, numbers=_cycle("similarity", 6_016.0, -3.0, 384.0)),
    Kind("similarity null", 6_000, numbers=_cycle("similarity", None, _NAN)),
    Kind("punsafe out of range", 6_000, numbers=_cycle("punsafe", 1.5, -0.25, 512.0, _NAN)),
    Kind("pwatermark out of range", 15_000, numbers=_cycle("pwatermark", 1.01, -1.0, _NAN)),
    Kind("aesthetic null", 6_000, numbers=_cycle("AESTHETIC_SCORE", None, _NAN)),
    Kind("aesthetic infinite", 30_000, numbers=_cycle("AESTHETIC_SCORE", _INFINITE, -_INFINITE)),
    Kind("punsafe one", 6_000, numbers=_cycle("punsafe", 1.0)),
    Kind(
        "punsafe one, same caption",
        6_000,
        caption=lambda _n, _before: CLUSTER_CAPTION,
        numbers=_cycle("punsafe", 1.0),
    ),
    Kind("hash of something else", 6_000, wrong_hash=True),
)
