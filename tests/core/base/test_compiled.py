"""Machine code is kept where that can be written, and nothing depends on it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from laion_assets.core.base import compiled
from tests.repository import ROOT


def add_three(number: int) -> int:
    """Return something that a compiled function computes."""
    return number + 3


def folder_with(**environment: str) -> str:
    """Return the folder that a process of such an environment keeps machine code in."""
    command = [sys.executable, "-c", "from laion_assets.core.base import compiled as c\n"]
    command[2] += "print(c._config.CACHE_DIR)"
    kept = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, env={**kept, **environment}, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return done.stdout.strip()


def test_the_first_folder_that_can_be_written_is_used(tmp_path: Path) -> None:
    """The one named, one in the home, a private one among the temporary files, or none."""
    (tmp_path / "file").touch()
    nowhere, temporary = str(tmp_path / "file"), str(tmp_path / "tmp")
    Path(temporary).mkdir()
    homeless = {"HOME": nowhere, "XDG_CACHE_HOME": nowhere, "TMPDIR": temporary}
    named = str(tmp_path / "named")
    assert folder_with(**homeless, NUMBA_CACHE_DIR=named) == named
    home = folder_with(**homeless | {"HOME": str(tmp_path), "XDG_CACHE_HOME": ""})
    assert home.startswith(str(tmp_path / ".cache" / "laion-assets" / "numba-"))
    private = Path(folder_with(**homeless, NUMBA_CACHE_DIR=nowhere))
    assert private.parent == tmp_path / "tmp" / f"laion-assets-{os.getuid()}"
    private.parent.chmod(0o777)  # anybody could have put code there
    assert folder_with(**homeless) == ""


@pytest.mark.parametrize("damage", ["none", "garbage", "a folder", "gone"])
def test_no_state_of_the_folder_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    """Damaged machine code is compiled anew, and what cannot be kept is not."""
    monkeypatch.setattr(compiled._config, "CACHE_DIR", str(tmp_path / "kept"))
    assert compiled.compiled(add_three)(4) == 7
    kept = [path for path in (tmp_path / "kept").rglob("*") if path.is_file()]
    assert len(kept) == 2
    again = compiled.compiled(add_three)
    for path in kept if damage != "none" else ():
        path.unlink()
        if damage == "garbage":
            path.write_bytes(b"\x80garbage")
        elif damage == "a folder":
            path.mkdir()
    if damage == "gone":
        (tmp_path / "kept").rename(tmp_path / "elsewhere")
        (tmp_path / "kept").touch()
    assert again(5) == 8


@compiled.called_by_compiled
def add_to(number: int, more: int) -> int:
    """Return something that another compiled function asks for."""
    return number + more


@compiled.compiled
def add_seven(number: int) -> int:
    """Return such a thing, of what the other returns."""
    return add_to(number, 3) + 4


def test_what_compiled_functions_call_is_for_them_alone() -> None:
    """Python that calls it is told so, before and after it is compiled."""
    with pytest.raises(TypeError, match="add_to is called by compiled functions alone"):
        add_to(4, 3)
    assert add_seven(4) == 11
    with pytest.raises(TypeError, match="add_to is called by compiled functions alone"):
        add_to(4, 3)
