"""The first half of a merge, kept until the index is whole: one that was killed goes on from there.

Lives here: the folder of it, which holds the files of slots too, and what else the second half
needs. Not here: either half (`merge`). Whoever takes rows out deletes the folder: it holds rows.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from laion_assets.core.base.files import temporary_beside, write_json
from laion_assets.core.base.records import read_json
from laion_assets.core.index.slots import SlotPlan
from laion_assets.core.index.spilled import Spilled

_STATE = "halfway.json"
_ARRAYS = ("numbers", "row_starts", "ids", "hashes", "token_ends")


@dataclass(frozen=True)
class Documents:
    """What the first half leaves: all documents in rank order.

    By rank: their `numbers` in slots, where their rows and tokens begin and end in the files `rows`
    and `tokens` (`Halfway`), ids, hashes of URLs. `plan` and `slots` say how slots lie in files.
    """

    numbers: npt.NDArray[np.uint32]
    row_starts: npt.NDArray[np.int64]
    ids: npt.NDArray[np.int64]
    hashes: npt.NDArray[np.uint32]
    token_ends: npt.NDArray[np.int64]
    plan: SlotPlan | None
    slots: int


@dataclass
class _State:
    """What is known of a first half that is whole: of which inputs, files of the index so far."""

    made_from: str
    files: dict[str, tuple[str, int]]
    plan: dict[str, int]
    slots: int


class Halfway:
    """The folder of a merge under way; `made_from` tells its inputs from all others.

    Until the first half is done it has another name, by which it goes after a kill. What is there
    of other inputs is deleted.
    """

    def __init__(self, folder: Path, made_from: str) -> None:
        self._folder = self._at = folder
        self._made_from = made_from
        self._state = read_json(folder / _STATE, _State)
        if self._state is None or self._state.made_from != made_from:
            self._state = None
            shutil.rmtree(folder, ignore_errors=True)
            self._at = temporary_beside(folder)
            self._at.mkdir(parents=True)
        self.rows = Spilled(self._at / "rows")
        self.tokens = Spilled(self._at / "tokens")
        # The second half's own: of no use to the next one.
        (self._at / "runs").unlink(missing_ok=True)
        self.runs = Spilled(self._at / "runs")

    @property
    def index(self) -> Path:
        """Where the files of the index are written."""
        return self._at / "index"

    def load(self) -> tuple[Documents, dict[str, tuple[str, int]]] | None:
        """Return the documents and the files written with them, if that half is done."""
        state = self._state
        if state is None:
            return None
        arrays = {name: np.load(self._at / f"{name}.npy") for name in _ARRAYS}
        plan = SlotPlan(**state.plan) if state.plan else None
        return Documents(**arrays, plan=plan, slots=state.slots), state.files

    def save(self, documents: Documents, files: Mapping[str, tuple[str, int]]) -> None:
        """Note that the first half is done; everything of it is on the disk before."""
        for name in _ARRAYS:
            np.save(self._at / f"{name}.npy", getattr(documents, name))
        self.rows.finish()
        self.tokens.finish()
        plan = asdict(documents.plan) if documents.plan else {}
        self._state = _State(self._made_from, dict(files), plan, documents.slots)
        write_json(self._at / _STATE, asdict(self._state))
        os.sync()
        self._at = self._at.rename(self._folder)

    def close(self) -> None:
        """Let the files go; a first half that is done stays."""
        self.rows.close()
        self.tokens.close()
        self.runs.close()
        if self._state is None:
            shutil.rmtree(self._at, ignore_errors=True)

    def delete(self) -> None:
        """Delete the folder: the index is whole."""
        shutil.rmtree(self._at)
