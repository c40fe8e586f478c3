"""What commands print for other programs: JSON, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from laion_assets.cli import main
from laion_assets.core.sources.datasets import preset_names


def _asked(*arguments: str) -> Any:
    result = CliRunner().invoke(main, [*arguments, "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_presets_are_told_whole() -> None:
    """Every preset with where it is, what it is called, and which columns are read."""
    presets = {dataset["name"]: dataset for dataset in _asked("datasets")}
    assert sorted(presets) == preset_names()
    one = _asked("datasets", "relaion-art")
    assert one == presets["relaion-art"]
    assert {"title", "licence", "rows", "location", "columns"} <= set(one)


def test_lists_are_told_as_numbers(tmp_path: Path) -> None:
    """Names, aliases, what is ambiguous or doubtful, and which files are not ours."""
    (tmp_path / "more-artists.csv").write_text("name,aliases\nIron Man,The Iron\n")
    ours, own = _asked("lists"), _asked("lists", "--lists", str(tmp_path))
    assert own["artists"]["names"] == ours["artists"]["names"] + 1
    assert str(tmp_path / "more-artists.csv") in own["artists"]["files"]
    assert ours["artists"]["files"] == []
    assert any("Iron Man" in remark for remark in own["artists"]["remarks"])
    assert ours["platforms"]["domains"] > ours["platforms"]["platforms"] > 0
    assert ours["claims"]["claims"] > 50


def test_a_comparison_is_told_name_by_name(tmp_path: Path) -> None:
    """Which of somebody's names are on our lists, and which are not."""
    (tmp_path / "names.txt").write_text("Thomas Kinkade\nNobody Known At All\n")
    (group,) = _asked(
        "lists", "--compare", str(tmp_path / "names.txt"), "--build-dir", str(tmp_path / "none")
    )
    assert group["names"] == 2
    assert group["held"] == {"artists": 1}
    assert group["lacking"] == [{"name": "Nobody Known At All", "images": None}]
