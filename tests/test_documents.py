"""Every command in README and docs is one; those that need nothing else are run as they stand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from laion_assets.cli import main
from laion_assets.core.build import code_version
from tests.building import rows, use_small_lists
from tests.documents import Block, blocks_of
from tests.repository import ROOT
from tests.servers import isolate

#: Those with tests of their own run their blocks there.
DOCUMENTS = {
    path.relative_to(ROOT).as_posix(): blocks_of(path)
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
    if path.name != "hosting.md"
}
COMMANDS = [
    (name, block)
    for name, blocks in DOCUMENTS.items()
    for block in blocks
    if block.language == "sh"
]


@pytest.mark.parametrize(("name", "block"), COMMANDS)
def test_every_block_is_run_or_says_what_it_needs(name: str, block: Block) -> None:
    """What is run is ours alone, one command a line; the words of each are understood."""
    assert block.mark == "run" or block.mark.startswith("needs: "), (name, block)
    if block.mark == "run":
        assert len(block.ours) == len(block.lines), (name, block)
        return
    for words in block.ours:
        main.commands[words[0]].make_context(words[0], list(words[1:]))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with the files that the documents name."""
    isolate(monkeypatch, tmp_path)
    use_small_lists(tmp_path / "lists", monkeypatch)
    folder = tmp_path / "here"
    for name in ("my-files", "my-lists", "folder"):
        (folder / name).mkdir(parents=True)
    monkeypatch.chdir(folder)
    named = ("https://example.com/me.jpg", "https://example.org/a.jpg", "https://example.org/b.jpg")
    given = rows(0, 120)
    given += [row | {"URL": url} for row, url in zip(rows(200, 3), named, strict=True)]
    pq.write_table(pa.Table.from_pylist(given), folder / "my-files" / "rows.parquet")
    (folder / "my-lists" / "more-artists.csv").write_text("name\nJane Doe\n")
    (folder / "my-names.csv").write_text("name\nVincent van Gogh\nJane Doe\n")
    (folder / "list.txt").write_text("https://shop.example.com/2019/02/1.jpg\n")
    (described,) = (
        block.text for block in DOCUMENTS["docs/sources.md"] if block.text.startswith("# mine.toml")
    )
    (folder / "mine.toml").write_text(described, encoding="utf-8")
    lines = (f"https://example.com/{n}.jpg\t夕日 {n}\n" for n in range(30))
    (folder / "folder" / "rows.tsv").write_text("".join(lines), encoding="shift_jis")
    yield folder
    code_version.forget()


def _run(words: list[str]) -> None:
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, (words, result.output, result.exception)


@pytest.mark.parametrize(
    "name", [name for name, blocks in DOCUMENTS.items() if any(b.mark == "run" for b in blocks)]
)
def test_the_commands_of_a_document_work_in_their_order(place: Path, name: str) -> None:
    """From an empty folder for the README; elsewhere there is a build already."""
    if name != "README.md":
        _run(["build", "--source", "my-files"])
        ids = pq.read_table(
            next((place / "build/tables/images").glob("*.parquet")), columns=["image_id"]
        )
        (place / "screened-ids.txt").write_text(
            "".join(f"{number}\n" for number in ids["image_id"].to_pylist()[:50])
        )
    for block in DOCUMENTS[name]:
        if block.mark == "run":
            for words in block.ours:
                _run(words)
    assert (place / "build" / "site" / "index.html").is_file()
