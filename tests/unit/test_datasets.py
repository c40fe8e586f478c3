"""Datasets: presets that load, column mapping, and clear words about a bad description."""

from __future__ import annotations

from pathlib import Path

import pytest

from laion_assets.core.datasets import FAMILY_COLUMNS, Dataset, load_dataset, preset_names
from laion_assets.core.errors import BadSourceFile, BadUsage

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
        (["URL", "url", "text"], {"url": "URL", "caption": "text"}),
    ],
)
def test_first_name_of_the_family_wins(found: list[str], expected: dict[str, str]) -> None:
    """Names are compared without case, in the order of the contract."""
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


def test_own_mapping_replaces_the_family_s(tmp_path: Path) -> None:
    """A description may name its columns, one or several, case making no difference."""
    dataset = described(tmp_path, '[columns]\nurl = "Link"\ncaption = ["title", "alt"]\n')
    assert dataset.map_columns(["link", "ALT"]) == {"url": "link", "caption": "ALT"}
    with pytest.raises(BadSourceFile, match="looked for Link"):
        dataset.map_columns(["url", "alt"])


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
        ("generated = { rows = 1 }", "takes rows, files and seed"),
        ("generated = 3", "takes rows, files and seed"),
        ("title = ", "mine.toml"),
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
