"""A page that holds only the reading layer of the search, hosts good and bad, and what they hold.

For the tests of that layer: without the query language, the search page or the real index builder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from laion_assets.commands.web_server import piece_of
from laion_assets.core.site.statics import script_order
from tests.browser.search_site import TEMPLATES, served_in_ranges
from tests.browser.tiny_index import DIRECTORY, FOLDER, TinyIndex
from tests.servers import running

_PAGE = """<!doctype html>
<meta charset="utf-8">
<link rel="icon" href="data:,">
{scripts}
<script>
  const parts = window.LaionSearchParts;
  window.LaionIndex = (key, data, bytes) => {{
    if (key === 'directory') {{
      window.index = new parts.index.Index(data, 'search/{folder}/');
    }} else {{
      window.index.receive(key, data, bytes);
    }}
  }};
</script>
<script src="search/{directory}"></script>
"""

#: What every term of some series says, once its list has been read to the end.
TERMS = """async ({series, terms}) => {
  const session = index.session();
  const describe = async (term) => {
    const posting = await session.term(series, term);
    if (posting === null) {
      return null;
    }
    const {rows, common, df} = posting;
    await posting.reach(Infinity);
    const numbers = Array.from(posting.numbers);
    const withPlaces = series === 'b' || series === 'c';
    return {
      term: posting.term, rows, common, df, numbers,
      places: withPlaces ? numbers.map((_, i) => Array.from(posting.placesOf(i))) : null,
      hot: withPlaces ? null : numbers.map((_, i) => posting.hotOf(i)),
      horizon: posting.horizon === Infinity ? null : posting.horizon,
      unread: posting.unread,
    };
  };
  return Promise.all(terms.map(describe));
}"""


def build_reading_site(folder: Path, index: TinyIndex) -> None:
    """Write the page, the scripts of the reading layer, and an index."""
    (folder / "static").mkdir(parents=True)
    names = []
    for name in script_order(TEMPLATES)["search"]:
        if name == "static/search-query.js":
            continue
        if not name.startswith("static/search-"):
            continue
        names.append(name)
        if name == "static/search-index.js":
            break
    for name in ("static/later.js", *names):
        (folder / name).write_bytes((TEMPLATES / name).read_bytes())
    scripts = "".join(f'<script src="{name}"></script>\n' for name in ("static/later.js", *names))
    html = _PAGE.format(scripts=scripts, folder=FOLDER, directory=DIRECTORY)
    (folder / "index.html").write_text(html, encoding="utf-8")
    index.write(folder / "search")


def rows_of(index: TinyIndex, ranks: list[int]) -> list[Any]:
    """Return rows as a reader gives them."""
    return [[*index.documents[r].as_row(), str(index.documents[r].id)] for r in ranks]


def expected(index: TinyIndex, series: str, term: str) -> dict[str, Any] | None:
    """Return what a reader has to say of a term."""
    ranks = index.series[series].get(term)
    if ranks is None:
        return None
    if not ranks:
        return expected(index, series, index.alias_of[term])
    page = index.sizes.page
    numbers = [index.numbers[rank] for rank in ranks]
    shown = numbers[:page] if series == "x" else numbers
    common = index.common.index((series, term)) if (series, term) in index.common else -1
    has_sets = series in "wf" and common < 0 and len(ranks) > page
    is_cut = series == "x" and len(ranks) > page
    hot = [index.hot_terms(rank) if has_sets else None for rank in ranks[: len(shown)]]
    return {
        "term": term,
        "df": len(ranks),
        "common": common,
        "numbers": shown,
        "rows": rows_of(index, ranks[:page]) if series in "wfx" else [],
        "places": [index.places[series][term][r] for r in ranks] if series in "bc" else None,
        "hot": None if series in "bc" else hot,
        "horizon": shown[-1] + 1 if is_cut else None,
        "unread": 0,
    }  # fmt: skip


Answer = Callable[["BadHandler", bytes], None]


class BadHandler(SimpleHTTPRequestHandler):
    """Serves files, but gives ranges of the index's files to `answer`, which may do anything."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *arguments: Any, answer: Answer, asked: list[str], **options: Any) -> None:
        self.answer = answer
        self.asked = asked
        super().__init__(*arguments, **options)

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer; whole files of the index go to `answer` too, which may give them up."""
        path = Path(self.translate_path(self.path))
        if f"/{FOLDER}/" in self.path and path.parent.name in "wbfxcuihdo" and path.is_file():
            self.asked.append(f"{self.headers.get('Range', 'whole')} {self.path}")
            self.answer(self, path.read_bytes())
        else:
            super().do_GET()

    def send(self, status: int, content: bytes, **headers: str) -> None:
        """Send an answer of so many bytes."""
        self.send_response(status)
        self.send_header("Content-Type", "text/javascript")
        if "Content_Length" not in headers:
            self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)

    def piece(self, content: bytes) -> tuple[int, int] | None:
        """Return the bytes that are asked for, first and one past the last; None for all."""
        piece = piece_of(self.headers.get("Range"), len(content))
        return (piece.first, piece.end) if piece and piece.partial else None

    def send_piece(self, content: bytes, first: int, end: int, sent: bytes | None = None) -> None:
        """Send a piece as it should be, or other bytes in its place."""
        span = f"bytes {first}-{end - 1}/{len(content)}"
        piece = content[first:end] if sent is None else sent
        self.send(HTTPStatus.PARTIAL_CONTENT, piece, Content_Range=span)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of readers who hang up."""


@contextmanager
def ranged(folder: Path) -> Iterator[str]:
    """Serve a folder as the product's own server does: it answers ranges."""
    with served_in_ranges(folder) as base:
        yield f"{base}/index.html"


@contextmanager
def bad_host(folder: Path, answer: Answer, asked: list[str]) -> Iterator[str]:
    """Serve a folder, its index as `answer` will have it; `asked` hears of what was asked for."""
    handler = partial(BadHandler, directory=str(folder), answer=answer, asked=asked)
    server = _Server(("127.0.0.1", 0), handler)
    with running(server):
        yield f"http://127.0.0.1:{server.server_port}/index.html"
