"""Ambiguous names in context: which mentions stand beside a word that makes them likely.

Lives here: looking for the context words of a list in captions that hold the name. Not here: which
captions do (`mentions`), which words they are (`lists`).
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from laion_assets.core.names.lists import Entity
from laion_assets.core.text.matching import compile_names, match_names


def in_context_rows(captions: pa.Table, entities: Sequence[Entity], threads: int) -> pa.Table:
    """Return the rows of `captions` in which an ambiguous name stands beside a context word.

    `captions` has (place, name, caption), one row per mention of an ambiguous name; the
    result keeps (place, name). A context word counts anywhere in the caption.
    """
    # Many names share a word ("artist"): each is looked for once, then matched with its names.
    words: dict[str, int] = {}
    pairs = [
        (number, words.setdefault(word, len(words)))
        for number, entity in enumerate(entities)
        if entity.ambiguous
        for word in entity.context
    ]
    if not pairs or not captions.num_rows:
        return captions.slice(0, 0).drop_columns("caption")
    compiled = compile_names([(number, word) for word, number in words.items()])
    hits = match_names(compiled, captions["caption"], threads=threads)
    names = pa.array([entity.name for entity in entities], pa.string())
    named = np.asarray(pc.index_in(captions["name"], value_set=names)).astype(np.int64)
    makes_likely = np.unique(np.array([n * len(words) + word for n, word in pairs], np.int64))
    likely = np.isin(named[hits.row] * len(words) + hits.name, makes_likely)
    return captions.take(pa.array(np.unique(hits.row[likely]))).drop_columns("caption")
