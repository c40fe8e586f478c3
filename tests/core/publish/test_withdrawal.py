"""A withdrawn site: what its page says, and that it stays known from the page alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from laion_assets.core.publish.withdrawal import published_identity, withdraw_site


def summary(site: Path, dataset: dict[str, object]) -> None:
    """Write the summary of a site."""
    (site / "data").mkdir(parents=True)
    (site / "data" / "summary.json").write_text(json.dumps({"dataset": dataset}))


@pytest.mark.parametrize("dated", ["2022", "August 2022 & later", "<script>2021</script>", ""])
def test_a_withdrawn_site_says_when_its_data_was_of(tmp_path: Path, dated: str) -> None:
    """As text, and as long as it is withdrawn; nothing where nobody said."""
    site = tmp_path / "site"
    summary(site, {"title": "A & B", "dated": dated, "licence": "x"})
    title, found = published_identity(site)
    assert (title, found) == ("A & B", dated)
    for _ in range(2):
        withdraw_site(site, title, "Under review.", dict, dated=found)
        page = (site / "index.html").read_text(encoding="utf-8")
        assert ("Date of the data" in page) == bool(dated)
        assert "<script" not in page
        title, found = published_identity(site)
        assert (title, found) == ("A & B", dated)


def test_a_site_of_an_older_version_has_a_title_and_no_date(tmp_path: Path) -> None:
    """Its summary does not know of one; a folder without pages has neither."""
    summary(tmp_path / "site", {"title": "Old"})
    assert published_identity(tmp_path / "site") == ("Old", "")
    assert published_identity(tmp_path / "none") == ("This site", "")
