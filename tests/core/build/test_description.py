"""Descriptions of source files: read back as written, and when a generated file is made anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from laion_assets.core.base.errors import UserError
from laion_assets.core.build import plan
from laion_assets.core.build.code_version import code_version
from laion_assets.core.build.description import write_description
from laion_assets.core.build.plan import inputs_of
from laion_assets.core.build.settings import Settings
from laion_assets.core.build.stamps import Stamp
from laion_assets.core.build.workspace import Workspace
from laion_assets.core.reading.description import read_description
from laion_assets.core.reading.layout import FileLayout
from laion_assets.core.sources.formats import FileFormat
from laion_assets.sample import write_sample_file


@pytest.fixture
def invented(tmp_path: Path) -> Workspace:
    """A workspace of a generated dataset of one small file."""
    (tmp_path / "tiny.toml").write_text("generated = { rows = 20, files = 1, seed = 1 }")
    return Workspace(tmp_path / "build", Settings(dataset=str(tmp_path / "tiny.toml")))


def describe(workspace: Workspace) -> int:
    """Describe the only file as the asset does; return how often it was made for that."""
    (source,) = workspace.sources.all()
    made = 0

    def make(path: Path, *, number: int, rows: int, files: int, seed: int) -> None:
        nonlocal made
        made += 1
        write_sample_file(path, number=number, rows=rows, files=files, seed=seed)

    path = workspace.paths.description(source.key)
    counts = write_description(workspace, source.key, path, make)
    inputs = inputs_of(workspace, "raw_parquet", source.key)
    assert inputs is not None
    stamp = Stamp(code_version("raw_parquet"), inputs, {}, counts)
    workspace.stamps.write("raw_parquet", source.key, stamp)
    return made


def test_a_generated_file_is_made_once_for_each_version_of_the_sample(
    invented: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Made when it is not there and when what invents it changed; otherwise it stays."""
    assert [describe(invented), describe(invented)] == [1, 0]
    monkeypatch.setattr(plan, "sample_version", lambda: "another")
    assert [describe(invented), describe(invented)] == [1, 0]
    invented.sources.all()[0].path.unlink()
    assert describe(invented) == 1


def test_a_generated_file_is_made_anew_when_told_otherwise(tmp_path: Path) -> None:
    """More rows, or another seed, are other files."""
    made = []
    for told in ("rows = 20, files = 1, seed = 1", "rows = 30, files = 1, seed = 1") * 2:
        (tmp_path / "tiny.toml").write_text(f"generated = {{ {told} }}")
        workspace = Workspace(tmp_path / "build", Settings(dataset=str(tmp_path / "tiny.toml")))
        made.append((describe(workspace), describe(workspace)))
    assert made == [(1, 0)] * 4


def test_only_generated_files_depend_on_the_sample(tmp_path: Path, invented: Workspace) -> None:
    """A word of the lexicon concerns nobody's own files."""
    describe(invented)
    (source,) = invented.sources.all()
    inputs = inputs_of(invented, "raw_parquet", source.key)
    own = Workspace(tmp_path / "own", Settings(dataset="files", sources=(str(source.path),)))
    others = inputs_of(own, "raw_parquet", own.sources.all()[0].key)
    assert inputs is not None
    assert others is not None
    assert inputs.keys() - others.keys() == {"sample"}


def test_a_description_says_how_the_file_is_read(tmp_path: Path) -> None:
    """Columns and format together are what reading takes."""
    (tmp_path / "rows.tsv").write_text("https://a.org/1.jpg\tA caption\n")
    dataset = tmp_path / "mine.toml"
    dataset.write_text('[format]\nkind = "tsv"\nheader = false\ncolumns = ["url", "caption"]\n')
    settings = Settings(dataset=str(dataset), sources=(str(tmp_path / "rows.tsv"),))
    workspace = Workspace(tmp_path / "build", settings)
    (source,) = workspace.sources.all()
    path = workspace.paths.description(source.key)
    write_description(workspace, source.key, path, write_sample_file)
    assert read_description(path).layout == FileLayout(
        {"url": "url", "caption": "caption"},
        FileFormat("tsv", header=False, columns=("url", "caption"), delimiter="\t"),
    )
    path.write_text('{"file": "rows.tsv", "rows": 1}')
    with pytest.raises(UserError, match="materialise raw_parquet again first"):
        read_description(path)
