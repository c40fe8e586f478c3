"""What `laion-assets datasets` says: a table of presets, and one dataset explained in full."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from laion_assets.cli import main
from laion_assets.core.sources.datasets import load_dataset, preset_names


def datasets(*arguments: str) -> str:
    """Return what the command prints."""
    result = CliRunner().invoke(main, ["datasets", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_table_lists_every_preset_with_status_and_rows() -> None:
    """One line each, in columns: name, status, rows, title."""
    lines = datasets().splitlines()
    assert lines[0].split() == ["name", "status", "rows", "title"]
    table = {line.split()[0]: line for line in lines[1 : 1 + len(preset_names())]}
    assert set(table) == set(preset_names())
    assert table["sample"].split()[1:4] == ["built", "in", "60k"]
    assert table["improved-aesthetics-6plus"].split()[1:3] == ["gone", "12.1M"]
    assert table["relaion2b-en-research-safe"].split()[1:3] == ["gated", "2.1bn"]
    assert table["img2dataset"].split()[1:3] == ["local", "?"]
    column = lines[0].index("title")
    assert all(line[column - 1] == " " != line[column] for line in table.values())
    assert max(map(len, lines)) < 100


@pytest.mark.parametrize("name", preset_names())
def test_explanation_says_everything(name: str) -> None:
    """Description, status and what to do, place, licence, caveats, columns, how to build."""
    dataset = load_dataset(name)
    said = " ".join(datasets(name).split())
    for text in (dataset.title, dataset.description, dataset.licence, *dataset.caveats):
        assert " ".join(text.split()) in said
    for text in (dataset.location.status_note, dataset.location.repository, dataset.homepage):
        assert text in said
    for text in (*dataset.location.patterns, *dataset.location.urls):
        assert text in said
    for ours in dataset.columns:
        assert f" {ours} " in said
    assert f"laion-assets build --dataset {name}" in said


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("sample", "Status built in: the program makes it"),
        ("pd12m", "main (not pinned: the commit it stands for is noted when listed)"),
        ("laion-aesthetics-12m-umap", "pinned at 06928317703bcfa6099c7fc0f13e11bb295e7769"),
        ("laion-aesthetics-12m-umap", "Rows about 12,100,000, as its publisher states"),
        ("relaion2b-en-research-safe", "Rows 2,097,693,557, as its publisher states"),
        ("relaion-art", "gated: its host gives it to those who accept its conditions"),
        ("relaion-art", "HF_TOKEN=… laion-assets build --dataset relaion-art (downloads it)"),
        ("cc12m", r"tsv, no header, columns url, caption; with '\t' between fields"),
        ("pd12m", "hash (not read)"),
        ("laion2b-en-aesthetic", "aesthetic predictor v1; scores of another version are another"),
        ("img2dataset", "Where on your disk: name it with --source"),
    ],
)
def test_explanation_of_what_differs(name: str, expected: str) -> None:
    """Each dataset's own circumstances, in plain words."""
    assert expected in " ".join(datasets(name).split())


@pytest.mark.parametrize("name", ["improved-aesthetics-6plus", "laion-400m"])
def test_what_cannot_be_downloaded_is_not_offered(name: str) -> None:
    """Gone and withdrawn datasets are built from a copy, or not at all."""
    said = datasets(name)
    assert "downloads it" not in said
    assert f"--dataset {name} --source FOLDER-OR-FILE" in said


def test_own_description_is_explained_too(tmp_path: Path) -> None:
    """With its own columns and format, under the name it is built by."""
    path = tmp_path / "mine.toml"
    path.write_text(
        'title = "Mine"\n[columns]\nurl = "link"\n'
        '[format]\nkind = "csv"\ndelimiter = ";"\nquote = "\'"\n'
    )
    said = " ".join(datasets(str(path)).split())
    assert said.startswith("Mine (no description) Status local: the files are yours")
    assert "csv, header looked for, ';' between fields, quoted by '" in said
    assert " url link " in said
    assert f"--dataset {path} --source" in said


def test_unknown_dataset_is_bad_usage() -> None:
    """One line with a guess, exit code 2."""
    result = CliRunner().invoke(main, ["datasets", "pd12"])
    assert result.exit_code == 2
    assert "did you mean pd12m?" in result.output


def test_help_documents_descriptions() -> None:
    """Every table and the keys a user needs."""
    said = datasets("--help")
    for text in ("[columns]", "[format]", "[location]", "caveats = ", "header = false", "patterns"):
        assert text in said
