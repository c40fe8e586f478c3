"""What is drawn and how values are worded: tiles, bars, histograms, numbers."""

import math
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laion_assets.core.site.drawing import CHART_HEIGHT, CHART_WIDTH, bar_length, histogram
from laion_assets.core.site.formats import clip, dimensions, filesize, number, percent, score, year
from laion_assets.core.site.measures import fold_empty
from laion_assets.core.site.tiles import LONG_SIDE, MAX_RATIO, draw_tile

SIZES = st.none() | st.integers(min_value=1, max_value=100_000)


@given(st.text(), st.integers(-(2**63), 2**63 - 1), SIZES, SIZES)
def test_a_tile_depends_on_its_row_alone(
    caption: str, image_id: int, width: int | None, height: int | None
):
    """The same row, the same tile; paths are whole numbers and colours nothing but colours."""
    tile = draw_tile(caption, image_id, width, height)
    assert tile == draw_tile(caption, image_id, width, height)
    assert max(tile.width, tile.height) in (LONG_SIDE, 180)
    assert max(tile.width, tile.height) / min(tile.width, tile.height) <= MAX_RATIO + 0.01
    for fill, path in tile.paths:
        assert re.fullmatch(r"#[0-9a-f]{6}", fill)
        assert re.fullmatch(r"M[-0-9 MLHVQTCSAZhvlqatcsz]+z", path)


def test_a_tile_has_the_format_of_its_picture():
    """Width to height is the picture's, up to banners; an unknown size is a square."""
    assert draw_tile("a", 1, 1600, 800).width == 2 * draw_tile("a", 1, 1600, 800).height
    tall = draw_tile("a", 1, 10, 1000)
    assert (tall.width, tall.height) == (LONG_SIDE / MAX_RATIO, LONG_SIDE)
    unknown = draw_tile("a", 1, None, 600)
    assert unknown.width == unknown.height


def test_a_row_of_unknown_size_is_a_frame_left_empty():
    """Whatever else the row says, its frame lies around its own ground, and only then."""
    for image_id in range(50):
        unknown, known = (draw_tile("a", image_id, *size) for size in ((None, 600), (600, 600)))
        assert len({path for _, path in unknown.paths}) == 4
        assert unknown.paths[-1][0] == unknown.paths[0][0]
        assert known.paths[-1][0] != known.paths[0][0]


def test_equal_captions_share_their_colours_and_not_their_forms():
    """The palette comes from the caption, the composition from the id as well."""
    one, other = draw_tile("Sunset", 1, 800, 600), draw_tile("Sunset", 2, 800, 600)
    assert one.paths[0] == other.paths[0]
    assert one.paths != other.paths


def test_a_long_gap_in_a_distribution_is_one_line():
    """Three or more empty buckets in a row become one with their outer bounds; unknown stays."""
    edges = [(0.0, 5), (0.25, 0), (0.5, 0), (0.75, 0), (1.0, 2), (1.25, 0), (1.5, 0), (1.75, 1)]
    rows = [
        {"measure": "aesthetic", "label": str(low), "low": low, "high": low + 0.25, "images": n}
        for low, n in edges
    ]
    unknown = {"measure": "aesthetic", "label": "unknown", "low": None, "high": None, "images": 0}
    folded = fold_empty([*rows, unknown])
    labels = [row["label"] for row in folded]
    assert labels == ["0.0", "0.25 to 1", "1.0", "1.25", "1.5", "1.75", "unknown"]
    assert sum(row["images"] for row in folded) == 8


def test_a_bar_is_relative_to_the_largest_and_never_vanishes():
    """Zero has no bar, one of a million has a hair."""
    assert bar_length(50, 100) == "50.0"
    assert bar_length(0, 100) == bar_length(None, 100) == bar_length(1, None) == "0"
    assert float(bar_length(1, 10**6)) > 0


def test_a_histogram_stays_in_its_box():
    """Columns fill the width, the largest the height, and an empty one has no height."""
    chart = histogram("Title", [0, 5, 10], ["a", "b", "c"], ticks=[(0, "0"), (3, "3")])
    assert [column.height for column in chart.columns] == [0, CHART_HEIGHT / 2, CHART_HEIGHT]
    assert chart.columns[-1].x + chart.columns[-1].width <= CHART_WIDTH
    assert [column.text for column in chart.columns] == ["a: 0", "b: 5", "c: 10"]
    assert [tick.anchor for tick in chart.ticks] == ["start", "end"]


def test_a_logarithmic_histogram_shows_small_counts_beside_large():
    """A hundred is half as tall as ten thousand, about."""
    chart = histogram("Title", [10_000, 100], ["a", "b"], ticks=[], logarithmic=True)
    assert chart.columns[1].height == pytest.approx(CHART_HEIGHT / 2, rel=0.01)


@pytest.mark.parametrize(
    ("largest", "texts"),
    [
        (0, ["0", "1"]),
        (1, ["0", "1"]),
        (3, ["0", "1", "2", "3"]),
        (10, ["0", "5", "10"]),
        (48_815, ["0", "20,000", "40,000", "60,000"]),
        (9_800_000, ["0", "5 million", "10 million"]),
        (2_100_000_000, ["0", "1 billion", "2 billion", "3 billion"]),
    ],
)
def test_lines_across_stand_at_round_counts_and_reach_the_largest(largest: int, texts: list[str]):
    """From the axis up, at equal distances, no column above the highest."""
    chart = histogram("Title", [largest], ["a"], ticks=[])
    assert [line.text for line in chart.lines] == texts
    places = [line.y for line in chart.lines]
    assert (places[0], places[-1]) == (CHART_HEIGHT, 0)
    assert len({round(a - b) for a, b in pairwise(places)}) == 1
    assert chart.columns[0].y >= 0


@pytest.mark.parametrize("largest", [0, 1, 9, 10, 11, 99, 48_815, 10**6])
def test_lines_of_a_logarithmic_scale_stand_at_powers_of_ten(largest: int):
    """One, ten, a hundred: where a column of that count ends."""
    chart = histogram("Title", [largest, 10], ["a", "b"], ticks=[], logarithmic=True)
    powers = [int(line.text.replace(",", "").replace(" million", "000000")) for line in chart.lines]
    assert powers == [10**n for n in range(len(powers))]
    assert max(largest, 10) <= powers[-1] < 100 * max(largest, 10)
    assert chart.columns[1].y == chart.lines[1].y
    assert chart.columns[0].y >= 0


def test_a_column_leads_to_what_it_counts():
    """Where there is something; an empty one leads nowhere."""
    chart = histogram("Title", [3, 0], ["2015", "2016"], ticks=[], links=["a", "b"])
    assert [column.link for column in chart.columns] == ["a", None]
    assert chart.leads
    assert not histogram("Title", [3], ["a"], ticks=[]).leads


def test_an_empty_histogram_has_no_columns():
    """Nothing to count is nothing to divide by."""
    assert histogram("Title", [], [], ticks=[]).columns == ()
    assert histogram("Title", [0], ["a"], ticks=[]).columns[0].height == 0


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (None, "unknown"),
        (math.nan, "unknown"),
        (0.0, "0%"),
        (1.0, "100%"),
        (0.0847, "8.47%"),
        (0.5, "50.0%"),
        (0.0000184, "0.0018%"),
        (0.0008, "0.08%"),
        (1e-9, "0.0000001%"),
        (0.99999, ">99.9%"),
    ],
)
def test_a_share_never_rounds_to_nothing_or_to_all(share: float | None, text: str):
    """Small shares keep two digits, and only all of it is 100%."""
    assert percent(share) == text


def test_values_read_as_a_reader_expects():
    """Thousands, unknowns, scores near the end of their scale, sizes, years, files."""
    assert number(12_096_828) == "12,096,828"
    assert number(None) == score(None) == score(math.nan) == year(None) == "unknown"
    assert score(6.4132) == "6.41"
    assert score(0.9999) == "0.9999"
    assert score(0.0004) == "0.0004"
    assert score(1.0) == "1.00"
    assert score(0.00003) == "<0.0001"
    assert score(0.99999) == ">0.9999"
    assert dimensions(None, 5) == "size unknown"
    assert dimensions(1024, 768) == "1,024 \N{MULTIPLICATION SIGN} 768"
    assert year(-480) == "480 BC"
    assert [filesize(n) for n in (999, 1500, 2_500_000)] == ["999 bytes", "2 kB", "2.5 MB"]


def test_a_long_caption_is_cut_at_a_word_and_says_how_long_it_is():
    """The cut keeps whole words where there are any."""
    assert clip("short") == "short"
    assert clip("word " * 100, 20) == "word word word word… (500 characters)"
    assert clip("x" * 61_192, 10) == "xxxxxxxxxx… (61,192 characters)"
