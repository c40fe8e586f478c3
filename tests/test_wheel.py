"""The wheel is all there is outside a checkout: it holds what the program reads, and runs there."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hatchling.build import build_wheel

from laion_assets.core.base import package
from tests.repository import ROOT


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the checkout and unpacked as an installer does."""
    folder = tmp_path_factory.mktemp("wheel")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        name = build_wheel(str(folder))
    with zipfile.ZipFile(folder / name) as wheel:
        wheel.extractall(folder / "site-packages")
    return folder / "site-packages"


def test_it_holds_every_template_script_list_preset_and_query(unpacked: Path) -> None:
    """With the bytes of the checkout; and says that it is typed."""
    inside = unpacked / "laion_assets"
    places = {
        package.TEMPLATES: inside / "site_templates",
        **{
            folder: inside / folder.name for folder in (package.LISTS, package.PRESETS, package.SQL)
        },
    }
    for here, there in places.items():
        files = [path for path in here.rglob("*") if path.is_file()]
        assert files
        for path in files:
            assert (there / path.relative_to(here)).read_bytes() == path.read_bytes()
    assert (inside / "py.typed").is_file()


def test_it_runs_outside_a_checkout(unpacked: Path, tmp_path: Path) -> None:
    """Its templates are its own, its commands answer."""
    environment = {**os.environ, "PYTHONPATH": str(unpacked), "PYTHONSAFEPATH": "1"}
    code = (
        "from laion_assets.core.base import package; from laion_assets.cli import main; "
        "print(package.TEMPLATES); main(['datasets'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    first, *others = done.stdout.splitlines()
    assert first == str(unpacked / "laion_assets" / "site_templates")
    assert any("improved-aesthetics-6plus" in line for line in others)
