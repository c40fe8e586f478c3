"""Ambiguous names in context: which mentions stand beside a word that makes them likely.

Lives here: looking for the context words of a list in captions that hold the name. Not here: which
captions do (`mentions`), which words they are (`lists`).
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from laion_assets.core.lists import Entity
from laion_assets.core.text.matching import compile_names, match_names


def in_context_rows(captions: pa.Table, entities: Sequence[Entity], threads: int) -> pa.Table:
    """Return the rows of `captions` in which an ambiguous name stands beside a context word.

    `captions` has (source_file, row, name, caption), one row per mention of an ambiguous name; the
    result keeps (source_file, row, name). A context word counts anywhere in the caption.
    """
    phrases = [
        (number, word)
        for number, entity in enumerate(entities)
        if entity.ambiguous
        for word in entity.context
    ]
    if not phrases or not captions.num_rows:
        return captions.slice(0, 0).drop_columns("caption")
    hits = match_names(compile_names(phrases), captions["caption"], threads=threads)
    names = pa.array([entity.name for entity in entities], pa.string())
    wanted = np.asarray(pc.index_in(captions["name"], value_set=names))
    rows = np.asarray(hits.row)
    own = rows[np.asarray(hits.name) == wanted[rows]]
    return captions.take(pa.array(own)).drop_columns("caption")
