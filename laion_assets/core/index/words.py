"""The words of all captions: one vocabulary for all files, and every caption in numbers of it.

Not here: the words of one file (`segment`), their lists (`invert`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from laion_assets.core.base.compiled import compiled
from laion_assets.core.index.merging import merge_terms
from laion_assets.core.index.runs import Vocabulary
from laion_assets.core.index.segment import WORDS


@dataclass(frozen=True)
class Words:
    """The vocabulary, and for each run of each segment the number of each of its own words.

    Those of run k of segment s are `numbers[begins[first_run[s] + k]:]`; `ends[first_run[s] + k]`
    is one past the last local rank of that run.
    """

    vocabulary: Vocabulary
    numbers: npt.NDArray[np.int32]
    begins: npt.NDArray[np.int64]
    first_run: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]

    def number(
        self, tokens: pa.ChunkedArray, segments: npt.NDArray[np.int32], local: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
        """Return the tokens of some documents as numbers of the vocabulary, and where each ends."""
        lists = tokens.combine_chunks()
        offsets = np.asarray(lists.offsets, np.int64)
        values = np.asarray(lists.values, np.int32)
        numbered = _number(
            values, offsets, segments, local, self.numbers, self.begins, self.first_run, self.ends
        )
        return numbered, offsets[1:] - offsets[0]


@compiled
def _number(
    values: npt.NDArray[np.int32],
    offsets: npt.NDArray[np.int64],
    segments: npt.NDArray[np.int32],
    local: npt.NDArray[np.int64],
    numbers: npt.NDArray[np.int32],
    begins: npt.NDArray[np.int64],
    first_run: npt.NDArray[np.int64],
    ends: npt.NDArray[np.int64],
) -> npt.NDArray[np.int32]:
    out = np.empty(offsets[-1] - offsets[0], np.int32)
    for i in range(len(offsets) - 1):
        run = first_run[segments[i]]
        while ends[run] <= local[i]:
            run += 1
        begin = begins[run]
        for j in range(offsets[i], offsets[i + 1]):
            out[j - offsets[0]] = numbers[begin + values[j]]
    return out


def gather_words(paths: Sequence[Path], runs: Sequence[Sequence[int]]) -> Words:
    """Unite the words of all segments; `runs` are the documents of each run of each."""
    tables = [pq.read_table(path) for path in paths]
    begins, first_run = [0], list[int]()
    ends = list[int]()
    for table, sizes in zip(tables, runs, strict=True):
        first_run.append(len(ends))
        ends += np.cumsum(np.array(sizes, np.int64)).tolist()
        found = np.bincount(np.asarray(table["run"], np.int64), minlength=len(sizes))
        begins += (begins[-1] + np.cumsum(found)).tolist()
    every = pa.concat_tables([WORDS.empty_table(), *tables])
    terms = pa.concat_arrays([pa.array([], pa.large_binary()), *every["term"].chunks])
    _, starts, data = terms.buffers()
    vocabulary, numbers = merge_terms(
        np.frombuffer(data if data is not None else b"", np.uint8),
        np.frombuffer(starts, np.int64, len(terms) + 1),
        np.asarray(every["documents"], np.int64),
        np.array(begins, np.int64),
    )
    return Words(
        Vocabulary(*vocabulary),
        numbers,
        np.array(begins, np.int64),
        np.array(first_run, np.int64),
        np.array(ends, np.int64),
    )
