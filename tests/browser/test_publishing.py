"""A site published elsewhere is searched there: through nginx, from an S3 store, from a zip."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.search_browsers import BROWSERS, Tab, Tabs
from bench.search_hosts import NGINX, nginx
from tests.browser.published_site import Published
from tests.building import Builder
from tests.servers import isolate, serving_s3

QUERIES = {
    "garden": ("garden", "1"),
    '"in the"': ('"in the"', "1"),
    "domain:pinimg.com garden": ("garden", "domain = 'pinimg.com'"),
}
SEARCH = """async (query) => {
  const { total, hits } = await LaionSearch.search(query, { limit: 20, exact: true });
  return { total, ids: hits.map(({ id }) => id) };
}"""
SHOWN = """async () => {
  while (!document.querySelector('#results li')) await new Promise((go) => setTimeout(go, 20));
  return document.querySelectorAll('#results li').length;
}"""


@pytest.fixture(scope="module", params=sorted(BROWSERS))
def tabs(request: pytest.FixtureRequest, published: Published) -> Iterator[Tabs]:
    """A browser, started after the build."""
    assert published is not None
    program, start = BROWSERS[request.param]
    if not program.exists():
        pytest.skip(f"{program} is not installed")
    with start() as opened:
        yield opened


@pytest.fixture(scope="module")
def folder(published: Published, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, published to a folder."""
    folder = tmp_path_factory.mktemp("www") / "laion"
    publish(published.builder, str(folder))
    return folder


def publish(builder: Builder, target: str) -> None:
    """Publish as a user does."""
    result = builder.run("publish", target)
    assert result.exit_code == 0, result.output


def search(tab: Tab, address: str, published: Published) -> None:
    """Search on a site: totals and order are the referee's, and the page shows them."""
    tab.open(f"{address}/search.html?q=garden")
    assert tab.run(SHOWN) > 0
    for query, (match, where) in QUERIES.items():
        total, rows = published.expected(match, where)
        found = tab.run(SEARCH, query)
        assert found == {"total": total, "ids": [image_id for image_id, _, _ in rows]}
        assert total > 0


@pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
@pytest.mark.parametrize("path", ["/", "/some/place/"])
@pytest.mark.parametrize("ranges", [True, False])
def test_a_published_folder_is_searched_through_nginx(
    tabs: Tabs, folder: Path, published: Published, path: str, *, ranges: bool
) -> None:
    """With gzip, with ranges or without, under any path; ranges are used where there are any."""
    with nginx(folder, ranges=ranges, path=path) as host, tabs() as tab:
        search(tab, host.address, published)
        statuses = host.statuses()
    assert (206 in statuses) == ranges
    assert statuses <= {200, 206, 304}


def test_a_published_bucket_is_searched(
    tabs: Tabs, published: Published, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Below a prefix, with types that a browser takes."""
    import boto3

    isolate(monkeypatch, tmp_path)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "ours")
    with serving_s3() as endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        client = boto3.client("s3", region_name="us-east-1", endpoint_url=endpoint)
        client.create_bucket(Bucket="public", ACL="public-read")
        publish(published.builder, "s3://public/laion")
        with tabs() as tab:
            search(tab, f"{endpoint}/public/laion", published)


def test_an_unpacked_zip_is_searched_from_the_disk(
    tabs: Tabs, published: Published, tmp_path: Path
) -> None:
    """With no server at all."""
    publish(published.builder, str(tmp_path / "laion.zip"))
    with zipfile.ZipFile(tmp_path / "laion.zip") as archive:
        archive.extractall(tmp_path / "a folder")
    with tabs() as tab:
        search(tab, (tmp_path / "a folder").as_uri(), published)
