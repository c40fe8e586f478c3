"""A site of nothing but the search, around an index that the pipeline's own steps made.

Lives here: segments, merge, and the pages: `search.html` as published, and `client.html` with the
client alone, which reads nothing until it is asked. The one place that knows how the index is
made. Not here: rows (`search_corpus`), measuring (`search_build`, `search_cost`).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import duckdb

from bench.search_corpus import Corpus
from laion_assets.core.base.budget import share_files
from laion_assets.core.index.merge import SegmentFiles, merge_index
from laion_assets.core.index.segment import SegmentCounts, write_segment
from laion_assets.core.names.lists import load_entities, load_platforms
from laion_assets.core.names.registry import LISTS
from laion_assets.core.site.render import build_environment
from laion_assets.core.site.safety import STRICT_CSP
from laion_assets.core.site.statics import published_scripts, static_files, tokens_script

MOST_FILES = share_files(20_000).index_files  # of a site by default
_TEMPLATES = Path(__file__).parents[1] / "site_templates"
#: The script that `client.html` leaves out: it searches as soon as it runs.
_PAGE_SCRIPT = '<script defer src="static/search-page.js"></script>'


def _connect(folder: Path) -> duckdb.DuckDBPyConnection:
    spill = str(folder / "spill")
    return duckdb.connect(config={"threads": 2, "memory_limit": "2GB", "temp_directory": spill})


def _segment(folder: Path, stem: str) -> tuple[Path, Path, Path]:
    """Return where the parts of a segment are."""
    target = folder / "segments" / stem
    documents, words = target.with_suffix(".documents"), target.with_suffix(".words")
    return documents, words, target.with_suffix(".json")


def write_segments(corpus: Corpus, folder: Path) -> None:
    """Write the segment of every file, one after another."""
    (folder / "segments").mkdir(parents=True, exist_ok=True)
    for images, keys in zip(corpus.files(), corpus.files("row_keys"), strict=True):
        documents, words, description = _segment(folder, images.stem)
        with _connect(folder) as connection:
            write_segment(
                connection,
                images,
                keys,
                documents=documents,
                words=words,
                description=description,
            )


def merge(corpus: Corpus, folder: Path, most_files: int = MOST_FILES) -> None:
    """Merge the segments into `search`, and keep what the index says of itself."""
    segments = []
    for mentions in corpus.files("mentions"):
        documents, words, description = _segment(folder, mentions.stem)
        counts = SegmentCounts(**json.loads(description.read_bytes()))
        segments.append(SegmentFiles(documents, words, mentions, counts))
    output = folder / "search"
    shutil.rmtree(output, ignore_errors=True)
    spill = folder / "merge.tmp"
    made = merge_index(segments, load_platforms(), _other_names(), output, spill, most_files)
    told = {"directory": made.directory, "documents": made.documents}
    (folder / "index.json").write_text(json.dumps(told), encoding="utf-8")


def _other_names() -> dict[tuple[str, str], Sequence[str]]:
    """Return the aliases of every name, as publishing gives them to the merge."""
    return {
        (list_name, entity.name): entity.aliases
        for list_name in LISTS
        for entity in load_entities(list_name)
    }


def write_site(folder: Path, index: Path) -> Path:
    """Write the pages around an index, which is linked to; return their folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for page in (*static_files(_TEMPLATES), tokens_script()):
        target = folder / page.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(page.content)
    (folder / "search").symlink_to((index / "search").resolve(), target_is_directory=True)
    told = json.loads((index / "index.json").read_bytes())
    html = _search_html(f"search/{told['directory']}", told["documents"])
    (folder / "search.html").write_text(html, encoding="utf-8")
    (folder / "client.html").write_text(html.replace(_PAGE_SCRIPT, ""), encoding="utf-8")
    return folder


def _search_html(directory: str, documents: int) -> str:
    """Return the search page, by the site's own template."""
    order = published_scripts(_TEMPLATES)
    kinds = ("every page", "pages with pictures", "search", "search page")
    scripts = [script for kind in kinds for script in order[kind]]
    scripts = [directory if script.startswith("search/") else script for script in scripts]
    template = build_environment(_TEMPLATES).get_template("search.html")
    return template.render(
        dataset={"title": "Benchmark", "links": True, "pictures": "none", "invented": True},
        headline={"published": documents},
        navigation=(),
        lists=tuple(LISTS.values()),
        root="",
        path="search.html",
        title="Search",
        csp=STRICT_CSP,
        pictures="none",
        noindex=False,
        search_directory=directory,
        scripts=scripts,
    )
