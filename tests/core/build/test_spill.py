"""Folders for large intermediate files: one for each process, swept when it is gone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from laion_assets.core.build.spill import spill_folder, sweep_spills

SPILL = """
import sys
from pathlib import Path
from laion_assets.core.build.spill import spill_folder
folder = spill_folder(Path(sys.argv[1]))
(folder / "block").write_bytes(b"x")
print(folder, flush=True)
sys.stdin.read()
"""


def test_a_running_process_keeps_its_folder_and_a_killed_one_loses_it(tmp_path: Path) -> None:
    """Sweeping takes nothing from a process that is at work without the lock."""
    process = subprocess.Popen(
        [sys.executable, "-c", SPILL, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        theirs = Path(process.stdout.readline().strip())
        ours = spill_folder(tmp_path)
        assert ours != theirs
        sweep_spills(tmp_path)
        assert (theirs / "block").exists()
        assert ours.exists()
        process.kill()
    sweep_spills(tmp_path)
    assert not theirs.exists()
    assert ours.exists()
    assert ours == spill_folder(tmp_path)
