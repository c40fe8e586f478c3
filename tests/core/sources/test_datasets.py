"""Datasets: presets that load, column mapping, and clear words about a bad description."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from laion_assets.commands.datasets_text import DESCRIBING
from laion_assets.core.base.errors import BadSourceFile, BadUsage
from laion_assets.core.sources.columns import FAMILY_COLUMNS
from laion_assets.core.sources.datasets import Dataset, Location, load_dataset, preset_names

FILES = load_dataset("files")


def described(tmp_path: Path, text: str) -> Dataset:
    """Load a description of one's own."""
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return load_dataset(str(path))


@pytest.mark.parametrize("name", preset_names())
def test_preset_loads_and_says_what_a_reader_must_know(name: str) -> None:
    """Every preset has a title, a description, a licence and a caveat."""
    dataset = load_dataset(name)
    assert dataset.name == name
    assert dataset.title
    assert dataset.description
    assert dataset.licence
    assert dataset.caveats
    assert dataset.scorer in ("", "v1", "v2")
    assert set(dataset.columns) == set(FAMILY_COLUMNS)


#: What is known of each: status, scorer.
FAMILY = {
    "improved-aesthetics-6plus": ("gone", "v2"),
    "laion-aesthetics-12m-umap": ("available", "v2"),
    "laion2b-en-aesthetic": ("withdrawn", "v1"),
    "relaion2b-en-research-safe": ("gated", ""),
    "relaion-art": ("gated", "v1"),
    "coyo-700m": ("available", "v2"),
    "datacomp-1b": ("available", ""),
    "cc12m": ("available", ""),
    "pd12m": ("available", ""),
    "laion-400m": ("withdrawn", ""),
    "img2dataset": ("local", ""),
}


def test_presets_are_those_of_the_family() -> None:
    """Every dataset of the family, the sample and any files."""
    assert set(preset_names()) == {*FAMILY, "sample", "files"}
    for name, (status, scorer) in FAMILY.items():
        dataset = load_dataset(name)
        assert (dataset.location.status, dataset.scorer) == (status, scorer)
        assert dataset.location.status_note


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("improved-aesthetics-6plus", "Gone"),
        ("laion-aesthetics-12m-umap", "unscreened"),
        ("laion2b-en-aesthetic", "another scale"),
        ("relaion2b-en-research-safe", "Gated"),
        ("relaion-art", "Gated"),
        ("coyo-700m", "Unscreened"),
        ("datacomp-1b", "neither an unsafe nor an aesthetic score"),
        ("cc12m", "<PERSON>"),
        ("pd12m", "by a model"),
        ("laion-400m", "word, not a score"),
        ("img2dataset", "could not be fetched"),
    ],
)
def test_caveat_is_plainly_stated(name: str, word: str) -> None:
    """What a reader would otherwise get wrong stands among the caveats."""
    assert word in " ".join(load_dataset(name).caveats)


@pytest.mark.parametrize(
    ("name", "paths", "others"),
    [
        ("improved-aesthetics-6plus", ["data/train-00006-of-00007-b8f.parquet"], ["README.md"]),
        ("laion-aesthetics-12m-umap", ["train.parquet"], ["test.parquet"]),
        (
            "laion2b-en-aesthetic",
            ["part-00127-9230b837-b1e0-4254-8b88-ed2976e9cee9-c000.snappy.parquet"],
            [".part-00127-9230b837-b1e0-4254-8b88-ed2976e9cee9-c000.snappy.parquet.crc"],
        ),
        (
            "relaion2b-en-research-safe",
            ["part-00000-339dc23d-0869-4dc0-9390-b4036fcc80c2-c000.snappy.parquet"],
            [".part-00000-339dc23d-0869-4dc0-9390-b4036fcc80c2-c000.snappy.parquet.crc"],
        ),
        (
            "coyo-700m",
            ["data/part-00003-17da4908-939c-46e5-91d0-15f256041956-c000.snappy.parquet"],
            ["data/part-00003.npz"],
        ),
        ("datacomp-1b", [f"{7:032x}.parquet"], [f"{7:032x}.npz"]),
        ("pd12m", ["pd12m.007.parquet", "metadata/pd12m.99.parquet"], ["README.md", "x.parquet"]),
        ("relaion-art", ["part-0.parquet"], ["README.md"]),
    ],
)
def test_patterns_name_the_published_files(name: str, paths: list[str], others: list[str]) -> None:
    """Those, and nothing beside them."""
    patterns = load_dataset(name).location.patterns
    assert all(any(fnmatchcase(path, pattern) for pattern in patterns) for path in paths)
    assert not any(fnmatchcase(path, pattern) for path in others for pattern in patterns)


def test_pinned_revision_is_pinned() -> None:
    """Where the commit is known it is the one that is fetched."""
    location = load_dataset("laion-aesthetics-12m-umap").location
    assert location.revision == "06928317703bcfa6099c7fc0f13e11bb295e7769"


def test_sample_and_files_are_always_there() -> None:
    """The two presets that need nothing from the network."""
    assert {"sample", "files"} <= set(preset_names())
    assert not load_dataset("sample").links
    assert load_dataset("sample").pictures == "none"


# -- mapping ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (["URL", "TEXT"], {"url": "URL", "caption": "TEXT"}),
        (["Url", "Caption"], {"url": "Url", "caption": "Caption"}),
        (["url", "alt_txt"], {"url": "url", "caption": "alt_txt"}),
        (["top_caption", "url"], {"url": "url", "caption": "top_caption"}),
        (["url", "top_caption", "caption", "TEXT"], {"url": "url", "caption": "TEXT"}),
        ([" url", "Text\t"], {"url": " url", "caption": "Text\t"}),
    ],
)
def test_first_name_of_the_family_wins(found: list[str], expected: dict[str, str]) -> None:
    """Names are compared without case or spaces around them, in the order of the contract."""
    assert FILES.map_columns(found) == expected


@pytest.mark.parametrize(
    ("ours", "names"),
    [
        ("width", ["WIDTH", "original_width"]),
        (
            "similarity",
            ["similarity", "clip_similarity_vitl14", "clip_l14_similarity_score",
             "clip_similarity_vitb32"],
        ),
        ("punsafe", ["punsafe", "nsfw_score_opennsfw2", "nsfw_score_gantman"]),
        ("pwatermark", ["pwatermark", "watermark_score"]),
        ("aesthetic", ["AESTHETIC_SCORE", "aesthetic", "aesthetic_score_laion_v2", "prediction"]),
    ],
)  # fmt: skip
def test_scores_are_known_by_the_family_s_names(ours: str, names: list[str]) -> None:
    """Each name maps on its own, and of several the earlier one is taken."""
    for number, name in enumerate(names):
        assert FILES.map_columns(["url", "text", name])[ours] == name
        assert FILES.map_columns(["url", "text", *reversed(names[number:])])[ours] == name


def test_missing_column_is_an_error_of_the_file() -> None:
    """Without a caption the file is set aside, with the closest guess."""
    with pytest.raises(BadSourceFile, match=r"no caption column.*closest: captions"):
        FILES.map_columns(["url", "captions"])


@pytest.mark.parametrize(
    ("found", "guess"),
    [
        (["link", "text"], "link"),
        (["image_url", "text"], "image_url"),
        (["Image-URL", "text"], "Image-URL"),
        (["page_url", "image_url", "text"], "image_url"),
        (["page_url", "thumb-url", "image.src", "text"], "image.src"),
        (["page_url", "original_image_url", "text"], "original_image_url"),
        (["page_url", "img_url", "text"], "img_url"),
        (["page_url", "text"], "page_url"),
        (["urls", "TEXT"], "urls"),
        (["img_src", "caption", "source"], "img_src"),
        (["ulr", "text"], "ulr"),
        (["number", "text"], None),
        (["x", "text"], None),
    ],
)
def test_guess_is_what_a_person_would_guess(found: list[str], guess: str | None) -> None:
    """Slips, parts of names, other people's words; never a column that is something else."""
    with pytest.raises(BadSourceFile) as raised:
        FILES.map_columns(found)
    line = str(raised.value)
    assert ("closest" in line) == (guess is not None)
    if guess:
        assert f"(closest: {guess}); if that is it, say [columns] url = '{guess}'" in line
    else:
        assert line.endswith("name it in a dataset file (laion-assets datasets --help)")


def test_complaint_about_columns_fits_a_line() -> None:
    """However many and long the names are, and whatever they hold."""
    names = [f"\x1b[31mcolumn {n}\n{'x' * 1_000}" for n in range(3_000)]
    with pytest.raises(BadSourceFile) as raised:
        FILES.map_columns(names)
    line = str(raised.value)
    assert line.isprintable()
    assert len(line) < 700
    assert "and 2,988 more" in line


@pytest.mark.parametrize("found", [["url", "URL"], ["Url ", "url"], ["url", "url"]])
def test_of_two_names_alike_none_is_guessed(found: list[str]) -> None:
    """Of two different names of the family the first wins; of one name twice nobody can tell."""
    with pytest.raises(BadSourceFile, match=r"either may be url|more than one column named url"):
        FILES.map_columns([*found, "text"])
    assert FILES.map_columns(["url", "TEXT", "caption", "Caption"])["caption"] == "TEXT"


def test_name_that_is_said_exactly_is_the_one_that_is_meant(tmp_path: Path) -> None:
    """Said in another spelling, it is as unclear as ever."""
    found = ["url", "URL", " url", "text"]
    for name in found[:3]:
        dataset = described(tmp_path, f"[columns]\nurl = '{name}'\n")
        assert dataset.map_columns(found)["url"] == name
    with pytest.raises(BadSourceFile, match="either may be url"):
        described(tmp_path, "[columns]\nurl = 'Url'\n").map_columns(found)


def test_own_mapping_replaces_the_family_s(tmp_path: Path) -> None:
    """A description may name its columns, one or several, case making no difference."""
    dataset = described(tmp_path, '[columns]\nurl = "Link"\ncaption = ["title", "alt"]\n')
    assert dataset.map_columns(["link", "ALT"]) == {"url": "link", "caption": "ALT"}
    with pytest.raises(BadSourceFile, match="looked for Link"):
        dataset.map_columns(["url", "alt"])


def test_column_may_be_declared_to_be_none(tmp_path: Path) -> None:
    """What is called hash and is something else is left out."""
    dataset = described(tmp_path, "[columns]\nhash = []\n")
    assert "hash" not in dataset.map_columns(["url", "text", "hash"])
    assert "hash" in FILES.map_columns(["url", "text", "hash"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Location()),
        (
            "kind = 'hub'\nrepository = 'a/b.c-d'\npatterns = ['*.parquet']",
            Location("hub", "available", "", "a/b.c-d", "main", ("*.parquet",)),
        ),
        (
            "kind='hub'\nrepository='a/b'\nrevision='v1'\npatterns=['x']\nstatus='gone'\nstatus_note='No.'",
            Location("hub", "gone", "No.", "a/b", "v1", ("x",)),
        ),
        (
            "kind = 'http'\nurls = ['https://a.org/x.tsv', 's3://bucket/x.parquet']",
            Location("http", "available", urls=("https://a.org/x.tsv", "s3://bucket/x.parquet")),
        ),
        (
            "kind = 'local'\nstatus = 'withdrawn'\nstatus_note = 'Use a copy.'",
            Location("local", "withdrawn", "Use a copy."),
        ),
    ],
)
def test_location_is_read(tmp_path: Path, text: str, expected: Location) -> None:
    """Hub, http or local, with a status that follows from the kind unless it is said."""
    assert described(tmp_path, f"[location]\n{text}").location == expected


def test_example_in_the_help_is_a_description(tmp_path: Path) -> None:
    """What the help shows can be copied, whole or in parts."""
    example = DESCRIBING.partition("\n\n")[2].replace("\b\n", "")
    dataset = described(tmp_path, example)
    assert dataset.rows == 1_000_000
    assert dataset.location.repository == "owner/name"
    assert dataset.format is not None
    assert dataset.format.columns == ("url", "caption")
    assert dataset.columns["hash"] == ()


def test_own_description_is_named_by_its_file(tmp_path: Path) -> None:
    """What is not said has a default."""
    dataset = described(tmp_path, 'title = "Mine"\ngenerated = { rows = 10, files = 2, seed = 1 }')
    assert (dataset.name, dataset.title, dataset.links, dataset.pictures) == (
        "mine", "Mine", True, "ask",
    )  # fmt: skip
    assert dataset.generated is not None
    assert dataset.generated.files == 2


# -- complaints ------------------------------------------------------------------------------------


def test_unknown_preset_comes_with_a_guess() -> None:
    """A typing mistake is answered with what may have been meant, or with all there is."""
    with pytest.raises(BadUsage, match="unknown dataset 'smaple'; did you mean sample"):
        load_dataset("smaple")
    with pytest.raises(BadUsage, match=r"known: .*files.*sample"):
        load_dataset("zzz")
    with pytest.raises(BadUsage, match="unknown dataset"):
        load_dataset("../datasets/sample")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("titel = 1", "unknown key 'titel'"),
        ("title = 1", "title is 1, not a text"),
        ('caveats = "one"', "caveats is 'one', not a list of texts"),
        ("caveats = [1]", "caveats is .*, not a list of texts"),
        ('links = "no"', "links is 'no', not true or false"),
        ('pictures = "always"', "pictures is 'ask' or 'none', not 'always'"),
        ("columns = 3", "columns is 3, not a table"),
        ("[columns]\nurl = 5", "url is 5, not a list of texts"),
        ("[columns]\nlink = 'url'", "cannot map 'link'"),
        ("generated = { rows = 1 }", r"\[generated\] needs files"),
        ("generated = 3", "generated is 3, not a table"),
        ("title = ", "mine.toml"),
        ("homepag = ''", "unknown key 'homepag'; did you mean homepage"),
        ('scorer = "v3"', "scorer is '', 'v1' or 'v2', not 'v3'"),
        ("rows = 0", "rows is 0, not a whole number of 1 or more"),
        ("date = '2024'", "date is '2024', not a day such as 2024-08-30"),
        ("date = '2024-02-30'", "there is no such day"),
        ("date = 2024-08-30T00:00:00", "date is"),
        ("rows = true", "rows is True, not a whole number"),
        ("[columns]\nurl = []", "url is empty, but every row needs one"),
        ("location = 'here'", "location is 'here', not a table"),
        ("[location]\nkind = 'ftp'", r"\[location\] kind is 'http', 'hub' or 'local', not 'ftp'"),
        ("[location]\nurls = ['https://a.org/']", "unknown key 'urls'"),
        ("[location]\nkind = 'hub'\npatterns = ['x']", "repository is '', not owner/name"),
        ("[location]\nkind = 'hub'\nrepository = 'a/b'", "needs a revision and patterns"),
        ("[location]\nkind = 'hub'\nrepository = '../b'\npatterns = ['x']", "is '../b', not owner"),
        ("[location]\nkind = 'http'", "needs urls"),
        ("[location]\nkind = 'http'\nurls = ['a.org/x']", "is no http, https or s3 URL"),
        ("[location]\nkind = 'http'\nurls = ['https://[x/']", "is no URL"),
        ("[location]\nkind = 'http'\nurls = ['https://a.org:99999/x']", "is no URL: Port out of"),
        ("[location]\nkind = 'http'\nurls = ['https://me:pw@a.org/']", "leave that out"),
        ("[location]\nstatus = 'gone'", "a status_note must say what a user can do"),
        ("[location]\nstatus = 'lost'", "status is 'available', 'gated', "),
        ("[location]\nstatus = 'available'", "does not go with kind 'local'"),
        ("[format]", r"\[format\] needs kind: 'csv', 'json', 'jsonl', 'parquet' or 'tsv'"),
        ("[format]\nkind = 'jsonl'\nheader = true", "unknown key 'header'"),
        ("[format]\nkind = 'csv'\nheader = false", "needs columns"),
        ("[format]\nkind = 'csv'\ncolumns = ['url']", "only with header = false"),
        ("[format]\nkind = 'csv'\nheader = false\ncolumns = ['a', 'a']", "has a name twice"),
        ("[format]\nkind = 'csv'\ndelimiter = ''", "delimiter is '', not one ASCII character"),
        ("[format]\nkind = 'csv'\ndelimiter = 'é'", "not one ASCII character"),
        ("[format]\nkind = 'csv'\ndelimiter = '\"'", "delimiter and quote are the same"),
        ("[format]\nkind = 'csv'\nquote = '<<'", "quote is '<<', not one ASCII character"),
        ("[format]\nkind = 'csv'\nescape = \"\\n\"", "escape is .*, not one ASCII character"),
        ("[format]\nkind = 'csv'\nescape = ','\ndelimiter = ','", "delimiter and escape are the"),
        ("[format]\nkind = 'tsv'\nescape = '\\'\nquote = ''", "escape needs a quote"),
        (
            "[format]\nkind = 'csv'\nencoding = 'klingon'",
            "encoding 'klingon' is none that is known",
        ),
        ("[format]\nkind = 'csv'\nencoding = 'hex'", "'hex' is none that is known"),
        ("[format]\nkind = 'csv'\nencoding = 'utf-7'", "'utf-7' is none that is known"),
        ("[format]\nkind = 'parquet'\nencoding = 'utf-8'", "unknown key 'encoding'"),
    ],
)
def test_bad_description_is_bad_usage(tmp_path: Path, text: str, complaint: str) -> None:
    """Whatever is wrong with a description is said in one line that names the file."""
    with pytest.raises(BadUsage, match=complaint) as raised:
        described(tmp_path, text)
    assert "mine.toml" in str(raised.value)


def test_missing_description_is_bad_usage(tmp_path: Path) -> None:
    """A path that does not exist, and a file that is no text."""
    with pytest.raises(BadUsage, match="No such file"):
        load_dataset(str(tmp_path / "nowhere.toml"))
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(BadUsage, match=r"bytes\.toml"):
        load_dataset(str(tmp_path / "bytes.toml"))
