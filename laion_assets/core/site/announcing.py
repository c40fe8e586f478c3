"""What a site says of itself to programs where its address is known: sitemap, search, feed.

Dates are the dataset's own (`date` of its description), never the clock's: the same rows are the
same files. Without a date there is none in the sitemap, and no feed, which needs one. Not here:
canonical links and previews (`model`), robots.txt (`statics`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from laion_assets.core.site.formats import number
from laion_assets.core.site.inputs import Page
from laion_assets.core.site.model import Site
from laion_assets.core.site.safety import one_line

SITEMAP, SEARCH, FEED = "sitemap.xml", "opensearch.xml", "feed.atom"
#: URLs in one sitemap at most (sitemaps.org/protocol.html).
MOST_URLS = 50_000
_SHORT, _LONG, _DESCRIPTION = 16, 48, 1_024  # characters (OpenSearch 1.1, draft 6)

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NEITHER = {0xFFFE: None, 0xFFFF: None}  # of what one_line leaves (XML 1.0, Char)
_SITEMAPS = "http://www.sitemaps.org/schemas/sitemap/0.9"


def announcements(site: Site, listed: Sequence[str]) -> Iterator[Page]:
    """Yield the files for programs; none where nobody said where the site will be.

    `listed` are the paths of the pages that may be found by a search engine.
    """
    if not site.inputs.base_url:
        return
    yield from _sitemaps(site, listed)
    if site.inputs.search_directory is not None:
        yield _search(site)
    if site.inputs.dataset.date:
        yield _feed(site)


def _sitemaps(site: Site, listed: Sequence[str]) -> Iterator[Page]:
    """Yield one sitemap, or an index of several where that would be too long or too large."""
    entries = [_entry(site, "url", path) for path in listed]
    widest = max(map(len, entries), default=1)
    most = max(1, min(MOST_URLS, site.inputs.max_bytes // widest - 1))
    if len(entries) <= most:
        yield Page(SITEMAP, _document("urlset", entries))
        return
    names = []
    for place, start in enumerate(range(0, len(entries), most), start=1):
        names.append(f"sitemap-{place}.xml")
        yield Page(names[-1], _document("urlset", entries[start : start + most]))
    yield Page(SITEMAP, _document("sitemapindex", [_entry(site, "sitemap", n) for n in names]))


def _entry(site: Site, kind: str, path: str) -> str:
    date = site.inputs.dataset.date
    changed = f"<lastmod>{escape(date)}</lastmod>" if date else ""
    return f"<{kind}><loc>{escape(site.address(path) or '')}</loc>{changed}</{kind}>\n"


def _document(kind: str, entries: Sequence[str]) -> bytes:
    text = f'{_HEAD}<{kind} xmlns="{_SITEMAPS}">\n{"".join(entries)}</{kind}>\n'
    return text.encode("utf-8", "replace")


def _search(site: Site) -> Page:
    """How a browser may search the site from its own box."""
    title = plain(site.inputs.dataset.title)
    template = f"{site.address('search.html')}?q={{searchTerms}}"
    icon = site.address("static/icon.svg") or ""
    text = f"""{_HEAD}<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">
<ShortName>{escape(_cut(title, _SHORT))}</ShortName>
<LongName>{escape(_cut(title, _LONG))}</LongName>
<Description>{escape(_cut(f"Captions, URLs and names in {title}", _DESCRIPTION))}</Description>
<InputEncoding>UTF-8</InputEncoding>
<OutputEncoding>UTF-8</OutputEncoding>
<Image height="16" width="16" type="image/svg+xml">{escape(icon)}</Image>
<Url type="text/html" template={quoteattr(template)}/>
</OpenSearchDescription>
"""
    return Page(SEARCH, text.encode("utf-8", "replace"))


def _feed(site: Site) -> Page:
    """A feed of one entry, the build: another build is another entry to whoever reads it."""
    inputs, home = site.inputs, site.address("index.html") or ""
    title = escape(plain(inputs.dataset.title))
    author = escape(plain(inputs.publisher.name)) or title
    updated = f"{inputs.dataset.date}T00:00:00Z"
    counts = f"{number(site.headline.published)} published images"
    build = escape(inputs.build_id)
    text = f"""{_HEAD}<feed xmlns="http://www.w3.org/2005/Atom">
<id>{escape(home)}</id>
<title>{title}</title>
<subtitle>{escape(plain(inputs.dataset.description))}</subtitle>
<updated>{updated}</updated>
<author><name>{author}</name></author>
<link rel="self" type="application/atom+xml" href={quoteattr(site.address(FEED) or "")}/>
<link rel="alternate" type="text/html" href={quoteattr(home)}/>
<entry>
<id>{escape(home)}#build-{build}</id>
<title>{title}: {counts}</title>
<updated>{updated}</updated>
<link rel="alternate" type="text/html" href={quoteattr(home)}/>
<summary>{counts}, build {build}.</summary>
</entry>
</feed>
"""
    return Page(FEED, text.encode("utf-8", "replace"))


def plain(text: str) -> str:
    """Return a text as one line of characters that XML may hold."""
    return one_line(text).translate(_NEITHER)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
