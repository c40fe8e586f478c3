"""The embedded sample: deterministic, shaped as the study says, with every kind of dirt in it."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import mmh3
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import tldextract

from laion_assets.sample import COLUMNS, write_sample, write_sample_file
from laion_assets.sample.dirt import LANES, Kind, planted
from laion_assets.sample.grammar import compile_grammar, quantiles
from laion_assets.sample.lexicon import head_domains, templates, word_sections
from laion_assets.sample.rows import KINDS

ROWS, FILES = 60_000, 6
_EXTRACT = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)

Row = dict[str, Any]


@dataclass(frozen=True)
class Sample:
    """The default sample, read back. Texts are bytes, as found."""

    paths: list[Path]
    urls: list[bytes | None]
    texts: list[bytes | None]
    numbers: dict[str, list[float | None]]
    hashes: list[int]

    @property
    def captions(self) -> list[str]:
        """Captions as text; what is not UTF-8 is replaced."""
        return [(text or b"").decode("utf-8", "replace") for text in self.texts]

    @property
    def addresses(self) -> list[str]:
        """Addresses as text."""
        return [(url or b"").decode() for url in self.urls]

    def rows(self) -> list[Row]:
        """Return all rows as dictionaries: url and text decoded (or None), and the numbers."""
        columns = {
            "url": [None if url is None else url.decode() for url in self.urls],
            "text": [None if t is None else t.decode("utf-8", "replace") for t in self.texts],
            "raw": self.texts,
            **self.numbers,
        }
        return [
            dict(zip(columns, values, strict=True))
            for values in zip(*columns.values(), strict=True)
        ]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """The sample that ships: 60,000 rows in six files."""
    paths = write_sample(tmp_path_factory.mktemp("sample"))
    table = pa.concat_tables(pq.read_table(path) for path in paths)
    return Sample(
        paths=paths,
        urls=table["URL"].cast(pa.binary()).to_pylist(),
        texts=table["TEXT"].cast(pa.binary()).to_pylist(),
        numbers={name: table[name].to_pylist() for name in COLUMNS[2:8]},
        hashes=table["hash"].to_pylist(),
    )


@pytest.fixture(scope="module")
def rows(sample: Sample) -> list[Row]:
    """Every row of the sample."""
    return sample.rows()


@pytest.fixture(scope="module")
def hosts(sample: Sample) -> list[tuple[str, str]]:
    """The host in lower case, and the path, of every address that is whole."""
    found = []
    for address in sample.addresses:
        if not re.match(r"https?://[^/@\s\\]+(/|$)", address, re.IGNORECASE):
            continue
        parts = urlsplit(address)
        host = (parts.hostname or "").rstrip(".")
        if re.fullmatch(r"[\w.-]+", host) and ".." not in host and not host.startswith("-"):
            found.append((host, parts.path))
    return found


@pytest.fixture(scope="module")
def domains(hosts: list[tuple[str, str]]) -> Counter[str]:
    """Rows by registrable domain."""
    return Counter(domain_of(host) for host, _ in hosts)


@cache
def domain_of(host: str) -> str:
    """Return the registrable domain, with `.example` as the one-label suffix it is."""
    if host.endswith(".example"):
        return ".".join(host.split(".")[-2:])
    return _EXTRACT(host).top_domain_under_public_suffix or host


@pytest.fixture(scope="module")
def words(sample: Sample) -> str:
    """All captions as lower-case words between single spaces, a line for each."""
    lines = (" ".join(re.findall(r"[^\W_]+", caption.lower())) for caption in sample.captions)
    return "\n".join(f" {line} " for line in lines)


def mentions(words: str, name: str) -> int:
    """Count how often the words of `name` follow one another within a caption."""
    return words.count(f" {name.lower()} ")


def test_same_arguments_give_same_bytes(tmp_path: Path) -> None:
    """Two calls write equal files; another seed writes others."""
    first = write_sample(tmp_path / "a", rows=3_000, files=3, seed=7)
    again = write_sample(tmp_path / "b", rows=3_000, files=3, seed=7)
    other = write_sample(tmp_path / "c", rows=3_000, files=3, seed=8)
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in again]
    assert all(a.read_bytes() != c.read_bytes() for a, c in zip(first, other, strict=True))


def test_a_file_does_not_depend_on_the_others(tmp_path: Path) -> None:
    """One file made alone, in a folder full of other things, equals the one made with the rest."""
    together = write_sample(tmp_path / "a", rows=3_001, files=3)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "part-00000.parquet").write_bytes(b"something else")
    alone = tmp_path / "b" / "any-name.parquet"
    write_sample_file(alone, number=1, rows=3_001, files=3)
    assert alone.read_bytes() == together[1].read_bytes()
    assert (tmp_path / "b" / "part-00000.parquet").read_bytes() == b"something else"


def test_rows_are_spread_over_the_files_asked_for(tmp_path: Path) -> None:
    """All rows arrive, no file has more than one row above another, none at all is allowed."""
    paths = write_sample(tmp_path, rows=1_000, files=3)
    assert [path.name for path in paths] == [f"part-0000{i}.parquet" for i in range(3)]
    assert [pq.read_metadata(path).num_rows for path in paths] == [333, 333, 334]
    empty = write_sample(tmp_path / "none", rows=0, files=1)
    assert pq.read_table(empty[0]).num_rows == 0


@pytest.mark.parametrize("wrong", [{"rows": -1}, {"files": 0}, {"seed": -1}])
def test_impossible_samples_are_refused(tmp_path: Path, wrong: dict[str, int]) -> None:
    """Negative rows or seeds, or no file at all, raise ValueError before anything is written."""
    with pytest.raises(ValueError, match="no sample has"):
        write_sample(tmp_path, **wrong)
    with pytest.raises(ValueError, match="no file 6"):
        write_sample_file(tmp_path / "x.parquet", number=6)
    assert list(tmp_path.iterdir()) == []


def test_progress_counts_up_to_all_rows(tmp_path: Path) -> None:
    """The callback gets the rows so far and the total, and ends at the total."""
    seen: list[tuple[int, int]] = []
    write_sample(tmp_path, rows=900, files=2, progress=lambda done, of: seen.append((done, of)))
    assert seen == [(450, 900), (900, 900)]


def test_an_interrupted_file_leaves_the_old_one(tmp_path: Path) -> None:
    """When writing stops half way, the former file stays whole and nothing else remains."""

    def stop(_done: int, _of: int) -> None:
        raise KeyboardInterrupt

    path = tmp_path / "part-00000.parquet"
    path.write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt):
        write_sample(tmp_path, rows=100, files=1, progress=stop)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_columns_are_those_of_the_real_subset(sample: Sample) -> None:
    """Names, order and types are those of improved_aesthetics_6plus; row groups stay small."""
    schema = pq.read_schema(sample.paths[0])
    assert schema.names == [
        *("URL", "TEXT", "WIDTH", "HEIGHT", "similarity", "punsafe", "pwatermark"),
        *("AESTHETIC_SCORE", "hash", "__index_level_0__"),
    ]
    types = [pa.string()] * 2 + [pa.float64()] * 6 + [pa.int64()] * 2
    assert schema.types == types
    metadata = pq.read_metadata(sample.paths[0])
    assert metadata.row_group(0).num_rows <= 65_536


def test_hash_is_the_familys_own(sample: Sample) -> None:
    """All but a few planted hashes are murmur3 of URL + TEXT, None read as nothing."""
    expected = [
        mmh3.hash64((url or b"") + (text or b""))[0]
        for url, text in zip(sample.urls, sample.texts, strict=True)
    ]
    differing = sum(a != b for a, b in zip(expected, sample.hashes, strict=True))
    assert differing == ROWS // 6_000


@pytest.mark.parametrize(
    ("names", "share"),
    [
        (["pinimg.com"], 0.085),
        (["fineartamerica.com"], 0.058),
        (["wp.com", "wordpress.com"], 0.068),
        (["123rf.com"], 0.041),
        (["shopify.com"], 0.0202),
        (["smugmug.com"], 0.0192),
        (["wixstatic.com"], 0.0156),
        (["squarespace-cdn.com"], 0.0156),
        (["ftcdn.net"], 0.0141),
        (["blogspot.com"], 0.0121),
        (["staticflickr.com", "flickr.com"], 0.01),
        (["wikimedia.org"], 0.0061),
        (["etsystatic.com"], 0.0039),
        (["artstation.com"], 0.00052),
    ],
)
def test_head_domains_have_the_studys_shares(
    domains: Counter[str], names: list[str], share: float
) -> None:
    """Each platform's share is the study's, within four standard errors."""
    measured = sum(domains[name] for name in names) / ROWS
    assert measured == pytest.approx(share, abs=4 * (share / ROWS) ** 0.5)


def test_a_hundred_domains_hold_about_half(domains: Counter[str]) -> None:
    """The top 100 have about 47 %, pinimg.com leads, and there is a long tail."""
    top = sum(count for _, count in domains.most_common(100)) / ROWS
    assert top == pytest.approx(0.47, abs=0.01)
    assert [domain for domain, _ in domains.most_common(2)] == ["pinimg.com", "fineartamerica.com"]
    assert len(domains) > 10_000
    assert len(head_domains()) == 100


def test_only_head_domains_can_be_registered(hosts: list[tuple[str, str]]) -> None:
    """Every other host is under .example, in a documentation range, or the machine itself."""
    head = {domain.domain for domain in head_domains()}
    reserved = re.compile(r"(192\.0\.2|198\.51\.100|203\.0\.113)\.\d+|localhost")
    others = {host for host, _ in hosts if domain_of(host) not in head}
    strangers = {h for h in others if not h.endswith(".example") and not reserved.fullmatch(h)}
    assert strangers == set()
    assert max(Counter(map(domain_of, others)).values()) > 1  # several hosts of one domain


def test_no_address_on_a_real_host_exists(sample: Sample, hosts: list[tuple[str, str]]) -> None:
    """On hosts that exist every path begins with /sample/; second addresses are .example ones."""
    for host, path in hosts:
        if not host.endswith(".example") and not re.fullmatch(r"[\d.]+|localhost", host):
            assert path.startswith("/sample/"), (host, path)
    for address in sample.addresses:
        for inner in re.findall(r".https?://([^/?#]+)", address):
            assert domain_of(inner).endswith(".example"), address


def test_addresses_have_real_proportions(sample: Sample) -> None:
    """Plain http, entities, years and second addresses occur about as often as in real rows."""
    addresses = sample.addresses

    def share(pattern: str) -> float:
        return sum(re.search(pattern, address) is not None for address in addresses) / ROWS

    assert share(r"^http:") == pytest.approx(0.38, abs=0.01)
    assert share(r"&amp;") == pytest.approx(0.02, abs=0.005)
    assert share(r"/(19|20)\d\d/") == pytest.approx(0.12, abs=0.015)
    assert share(r".https?:/") == pytest.approx(0.005, abs=0.002)


def test_captions_read_like_alt_texts(sample: Sample, words: str) -> None:
    """Lengths are those of alt texts, the vocabulary is rich, the templates are many."""
    lengths = [len(caption) for caption in sample.captions]
    assert 45 <= np.median(lengths) <= 70
    assert 200 <= np.percentile(lengths, 99) <= 500
    assert len({word for word in words.split() if word.isalpha() and len(word) < 40}) >= 4_000
    kinds = templates("captions") | templates("mentions")
    assert sum(len(section) for section in kinds.values()) >= 60
    everything = "\n".join(sample.captions)
    for text in ("café", "Dalí", "O'Keeffe", "O’Keeffe", "Sonnenuntergang", "の風景", "peinture"):
        assert text in everything


@pytest.mark.parametrize(
    "names",
    [
        ["Thomas Kinkade", "Vincent van Gogh", "Claude Monet", "Stan Lee", "James Gurney"],
        ["Stan Lee", "Jack Kirby", "Greg Rutkowski"],
        ["Donald Trump", "Charlize Theron", "Scarlett Johansson"],
        ["Captain Marvel", "Black Panther", "Captain America", "Batman", "Luke Skywalker"],
        ["Superman", "Luke Skywalker", "Darth Vader", "Han Solo", "Mickey Mouse"],
    ],
)
def test_names_keep_the_studys_order(words: str, names: list[str]) -> None:
    """Names come out in the study's order, and even the rarest occurs."""
    counts = [mentions(words, name) for name in names]
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] >= 1


def test_names_are_six_times_as_frequent_as_in_the_study(words: str) -> None:
    """Kinkade has 9,268 of 12.1 million there, six times that share here."""
    expected = 9_268 / 12_096_835 * 6 * ROWS
    assert mentions(words, "Thomas Kinkade") == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize(
    "name",
    ["David Dobrik", "Addison Rae", "Charli D'Amelio", "Dixie D'Amelio", "MrBeast", "Mr Beast"],
)
def test_names_the_study_did_not_find_are_absent(words: str, name: str) -> None:
    """Five celebrated names never occur, in any spelling."""
    assert mentions(words, name.replace("'", " ")) == 0


@pytest.mark.parametrize(
    ("name", "another_sense"),
    [
        ("Pink performs live in concert", "pink sky at"),
        ("Prince in concert", "Prince Edward Island"),
        ("Link from The Legend of Zelda", "chain link fence"),
        ("Commander Data", "big data"),
        ("Super Mario", "Chef Mario"),
        ("Black Panther action figure", "black panther resting"),
    ],
)
def test_ambiguous_names_occur_in_both_senses(
    sample: Sample, name: str, another_sense: str
) -> None:
    """One-word names are people at times and plain words at others."""
    assert any(name in caption for caption in sample.captions)
    assert any(another_sense in caption for caption in sample.captions)


def test_captions_stay_harmless(words: str) -> None:
    """Nothing sexual, and nothing about minors."""
    unwanted = "nude naked sexy bikini lingerie child children kid kids girl boy baby teen teenager"
    for word in unwanted.split():
        assert mentions(words, word) == 0, word


def test_duplicates_of_every_sort_occur(sample: Sample) -> None:
    """Addresses, captions and pairs repeat, within files and across them."""
    pairs = list(zip(sample.urls, sample.texts, strict=True))
    files = [number * FILES // ROWS for number in range(ROWS)]
    captions_of: dict[bytes, set[bytes | None]] = {}
    files_of: dict[tuple[bytes | None, bytes | None], list[int]] = {}
    for (url, text), file in zip(pairs, files, strict=True):
        captions_of.setdefault(url or b"", set()).add(text)
        files_of.setdefault((url, text), []).append(file)
    assert sum(len(captions) > 1 for url, captions in captions_of.items() if url) > 50
    repeated = [found for pair, found in files_of.items() if pair[0] and len(found) > 1]
    assert len(repeated) > 50
    assert any(len(set(found)) > 1 for found in repeated)
    assert any(len(set(found)) < len(found) for found in repeated)
    clusters = Counter(sample.texts).most_common(20)
    assert clusters[0][1] >= 100
    assert clusters[19][1] >= 20


def test_scores_look_like_the_real_ones(sample: Sample) -> None:
    """Aesthetics decay from 6, similarity from 0.28; punsafe has a thin tail, a cluster at 1."""
    columns = {
        name: np.array([np.nan if v is None else v for v in values])
        for name, values in sample.numbers.items()
    }
    aesthetic = columns["AESTHETIC_SCORE"][np.isfinite(columns["AESTHETIC_SCORE"])]
    assert aesthetic.min() >= 6
    assert 7 < aesthetic.max() <= 8.5
    assert (aesthetic > 6.5).mean() == pytest.approx(0.052, abs=0.005)
    assert Counter(aesthetic.tolist()).most_common(1)[0][1] > 10
    similarity = columns["similarity"]
    assert ((similarity > 0.28) & (similarity < 0.42)).mean() > 0.95
    punsafe = columns["punsafe"]
    assert (punsafe < 0.1).mean() == pytest.approx(0.97, abs=0.01)
    assert ((punsafe >= 0.99) & (punsafe <= 1)).mean() == pytest.approx(0.002, abs=0.001)
    assert np.nanmedian(columns["pwatermark"]) < 0.2
    certain = [text for text, value in zip(sample.texts, punsafe, strict=True) if value == 1]
    assert len(certain) >= 20
    assert Counter(certain).most_common(1)[0][1] >= len(certain) // 2


def _url(pattern: str) -> Callable[[Row], bool]:
    return lambda row: row["url"] is not None and re.search(pattern, row["url"]) is not None


def _text(pattern: str) -> Callable[[Row], bool]:
    return lambda row: row["text"] is not None and re.search(pattern, row["text"]) is not None


def _number(name: str, wrong: Callable[[float], bool]) -> Callable[[Row], bool]:
    return lambda row: row[name] is not None and wrong(row[name])


DIRT: dict[str, Callable[[Row], bool]] = {
    "upper-case host": _url(r"^https?://[^/]*[A-Z]"),
    "port 443": _url(r"^https://[^/]+:443/"),
    "underscore in host": _url(r"^https?://[^/]*_[^/]*/"),
    "bare IP of each range": _url(r"^http://(192\.0\.2|198\.51\.100|203\.0\.113)\.\d+[:/]"),
    "IPv6": _url(r"^http://\[2001:db8:"),
    "punycode": _url(r"^https://([\w-]+\.)*xn--[\w-]+\.example/"),
    "Unicode host": _url(r"^https://[^/]*[^\x00-\x7f][^/]*/"),
    "second address": _url(r".https?://"),
    "long address": lambda row: row["url"] is not None and 2_000 < len(row["url"]) <= 3_500,
    "oversize address": lambda row: row["url"] is not None and len(row["url"]) > 8_192,
    "null address": lambda row: row["url"] is None,
    "empty address": lambda row: row["url"] is not None and not row["url"].strip(),
    "ftp": _url(r"^ftp:"),
    "data": _url(r"^data:"),
    "javascript": _url(r"(?i)^javascript:"),
    "userinfo": _url(r"^https?://[^/]+@"),
    "space in path": _url(r"^https?://[^/ ]+/.* .*\."),
    "tab or newline in address": _url(r"[^\s][\t\n\r][^\s]"),
    "control character in address": _url(r"[\x00-\x08\x0e-\x1f\x7f]"),
    "unparsable port": _url(r"^http://[^/]+:(99999|port)/"),
    "markup in address": _url(r"window\.XSS=1>"),
    "null caption": lambda row: row["text"] is None,
    "empty caption": lambda row: row["text"] == "",
    "blank caption": lambda row: row["text"] is not None and row["text"].isspace(),
    "shifted row": lambda row: row["url"] == "UNLIKELY" and row["text"].startswith("0.3289"),
    "enclosed in quotes": _text(r'^".*"$'),
    "three quotes": _text(r'^""".*"""$'),
    "HTML tag": _text(r"<b>.*</b>"),
    "HTML entity": _text(r"&amp;|&quot;|&#39;"),
    "no-break space": _text("\u00a0"),
    "zero width": _text("\u200b"),
    "bidirectional control": _text("[\u202b\u202e\u200f\u2067]"),
    "replacement character": lambda row: row["raw"] is not None and b"\xef\xbf\xbd" in row["raw"],
    "line break": _text(r"\n"),
    "tab": _text(r"\t"),
    "line separator": _text("\u2028"),
    "control character": _text(r"[\x00-\x08\x1b]"),
    "file name": _text(r"^\w+\.(jpe?g|JPG|png)$"),
    "address as caption": _text(r"^https?://\S+$"),
    "formula =": _text(r"^="),
    "formula +": _text(r"^\+"),
    "formula -": _text(r"^-"),
    "formula @": _text(r"^@"),
    "script": _text(r"^<script>window\.XSS=1</script>$"),
    "image handler": _text(r'^"><img src=x onerror=window\.XSS=1>$'),
    "very long caption": lambda row: row["text"] is not None and len(row["text"]) == 60_000,
    "oversize caption": lambda row: row["text"] is not None and len(row["text"]) > 100_000,
    "not UTF-8": lambda row: row["raw"] is not None and _undecodable(row["raw"]),
    "decomposed": _text("e\u0301"),
    "similarity of 6016": _number("similarity", lambda value: value == 6_016),
    "width not a number": _number("WIDTH", lambda value: value != value),  # noqa: PLR0124
    "width zero": _number("WIDTH", lambda value: value == 0),
    "height negative": _number("HEIGHT", lambda value: value < 0),
    "width null": lambda row: row["WIDTH"] is None,
    "punsafe above 1": _number("punsafe", lambda value: value > 1),
    "punsafe below 0": _number("punsafe", lambda value: value < 0),
    "punsafe null": lambda row: row["punsafe"] is None,
    "pwatermark null": lambda row: row["pwatermark"] is None,
    "aesthetic null": lambda row: row["AESTHETIC_SCORE"] is None,
    "ArtStation elsewhere": lambda row: (
        _text("(?i)artstation")(row) and not _url(r"artstation\.com/")(row)
    ),
}


def _undecodable(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return True
    return False


@pytest.mark.parametrize("kind", DIRT)
def test_every_kind_of_dirt_occurs(rows: list[Row], kind: str) -> None:
    """Each oddity of real rows is there, and none is more than a few per cent."""
    found = sum(map(DIRT[kind], rows))
    assert 1 <= found <= 0.03 * ROWS


def test_the_worst_dirt_is_scarce(rows: list[Row]) -> None:
    """Undecodable and giant captions, of which a little goes a long way, stay rare."""
    assert sum(map(DIRT["not UTF-8"], rows)) <= 2
    assert sum(map(DIRT["oversize caption"], rows)) <= 1
    assert sum(map(DIRT["enclosed in quotes"], rows)) / ROWS == pytest.approx(0.02, abs=0.005)


def test_dirt_is_the_same_however_rows_are_cut() -> None:
    """What is planted depends on the row's number alone, and no row gets two kinds."""
    whole = [(p.kind.name, p.number, p.offset) for p in planted(KINDS, 5, 0, 120_000)]
    cut = [
        (p.kind.name, p.number, p.offset + start)
        for start in range(0, 120_000, 7_919)
        for p in planted(KINDS, 5, start, min(7_919, 120_000 - start))
    ]
    assert sorted(cut) == sorted(whole)
    assert len({offset for _, _, offset in whole}) == len(whole)
    counts = Counter(name for name, _, _ in whole)
    assert all(counts[kind.name] >= 120_000 // kind.every for kind in KINDS)


def test_dirt_that_does_not_fit_is_refused() -> None:
    """Too many kinds, or a period that is no multiple of the lanes, raise ValueError."""
    with pytest.raises(ValueError, match="do not fit"):
        list(planted((Kind("x", LANES),) * (LANES + 1), 1, 0, 10))
    with pytest.raises(ValueError, match="multiple"):
        list(planted((Kind("x", LANES + 1),), 1, 0, 10))


def test_quantiles_follow_the_weights() -> None:
    """Each index takes its share of the table, and the least weight is not lost."""
    table = quantiles([3, 1, 0, 4], 8)
    assert table.tolist() == [0, 0, 0, 1, 3, 3, 3, 3]


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{a:word} and {A:word}", "an old fox and An old fox"),
        ("{^word} {Word} {WORD}", "Old fox Old Fox OLD FOX"),
        ("{word-} {word_} {word+}", "old-fox old_fox old+fox"),
        ("{s:word}!", "old foxes!"),
        ("{a:many} {s:many}", "ruins ruins"),
        ("{accent-}", "o-keeffe-cafe"),
    ],
)
def test_templates_inflect_words(template: str, text: str) -> None:
    """Slots give articles, capitals, plurals and slugs; parts of a row follow one another."""
    words = {
        "word": (("old fox", 1.0),),
        "many": (("ruins", 1.0),),
        "accent": (("O Keeffe Café", 1.0),),
    }
    grammar = compile_grammar({"t": ((template, 1.0), ("", 1.0))}, words)
    random = np.random.Generator(np.random.PCG64(1))
    found = grammar.expand(random, np.array([[0, 1], [1, 1], [0, 0]]))
    assert found.to_pylist() == [text.encode(), b"", text.encode() * 2]


def test_an_unknown_word_section_is_named() -> None:
    """A template that asks for words nobody wrote raises ValueError and says which."""
    with pytest.raises(ValueError, match=r"\{unicorns\}"):
        compile_grammar({"t": (("two {unicorns}", 1.0),)}, {})


def test_names_are_drawn_as_evenly_as_possible() -> None:
    """Sections in `spread` come out at their weights to within a few, not to within the noise."""
    words = {"who": (("a", 5.0), ("b", 4.0), ("c", 1.0))}
    grammar = compile_grammar({"t": (("{who}", 1.0),)}, words, spread=("who",))
    random = np.random.Generator(np.random.PCG64(3))
    counts = Counter(grammar.expand(random, np.zeros((10_000, 1), np.int64)).to_pylist())
    assert counts[b"a"] == pytest.approx(5_000, abs=10)
    assert counts[b"c"] == pytest.approx(1_000, abs=10)


def test_lists_of_names_are_long_and_clean() -> None:
    """More than a hundred artists, celebrities and characters each, none twice."""
    for section in ("artist", "celebrity", "character"):
        names = [name for name, _ in word_sections()[section]]
        assert len(names) > 100
        assert len(set(names)) == len(names)
