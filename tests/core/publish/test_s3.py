"""Publishing to an S3-compatible server: types, cache headers, only what changed, continuing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import obstore
import pytest
from obstore.store import S3Store

from laion_assets.core.base.errors import UserError
from laion_assets.core.publish import s3
from laion_assets.core.publish.changes import BEGUN
from laion_assets.core.site.serving import ASK_AGAIN, FOR_EVER
from tests.servers import isolate, serving_s3
from tests.small_sites import FIRST, SECOND, send, withdraw, write_site

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "us", "AWS_SECRET_ACCESS_KEY": "secret"}


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    """The address of an S3-compatible server."""
    with serving_s3() as endpoint:
        yield endpoint


@pytest.fixture
def bucket(moto: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[S3Store]:
    """A bucket of the test's own, and the environment of somebody who may write there."""
    import boto3

    with pytest.MonkeyPatch.context() as patch:
        isolate(patch, tmp_path)
        for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL": moto}.items():
            patch.setenv(name, value)
        name = f"b{abs(hash(request.node.name))}"
        client = boto3.client("s3", region_name="us-east-1", endpoint_url=moto)
        client.create_bucket(Bucket=name)
        options: dict[str, Any] = {"client_options": {"allow_http": True}}
        store = S3Store(name, endpoint=moto, region="us-east-1", **options)
        patch.setenv("TEST_BUCKET", name)
        yield store


def url(store: S3Store, prefix: str = "") -> str:
    """Return the URL of a bucket."""
    return f"s3://{store.config['bucket']}/{prefix}"


def objects(store: S3Store) -> dict[str, bytes]:
    """Return every object but manifests."""
    keys = [entry["path"] for page in obstore.list(store) for entry in page]
    return {
        key: bytes(obstore.get(store, key).bytes())
        for key in keys
        if not key.endswith("manifest.json")
    }


@pytest.mark.parametrize("prefix", ["", "laion", "a/b/"])
def test_a_bucket_becomes_the_site(tmp_path: Path, bucket: S3Store, prefix: str) -> None:
    """Below its prefix; another's objects stay, whatever changes."""
    obstore.put(bucket, "another/index.html", b"another")
    write_site(tmp_path)
    start = f"{prefix.strip('/')}/" if prefix else ""
    for files in (FIRST, SECOND):
        write_site(tmp_path, files)
        send(tmp_path, url(bucket, prefix))
        site = {f"{start}{path}": content for path, content in files.items()}
        assert objects(bucket) == {**site, "another/index.html": b"another"}
        assert not send(tmp_path, url(bucket, prefix))


def test_every_object_has_its_type_and_how_long_it_keeps(tmp_path: Path, bucket: S3Store) -> None:
    """What has a digest in its path keeps for ever, all else is asked for again."""
    write_site(
        tmp_path, {**FIRST, "data/a.parquet": b"PAR1", "data/a.csv": b"a", "robots.txt": b""}
    )
    send(tmp_path, url(bucket))
    said = {
        entry["path"]: obstore.get(bucket, entry["path"]).attributes
        for page in obstore.list(bucket)
        for entry in page
    }
    types = {path: attributes["Content-Type"] for path, attributes in said.items()}
    assert types["index.html"] == "text/html; charset=utf-8"
    assert types["search/one/w/0.js"] == "text/javascript; charset=utf-8"
    assert types["static/style.css"] == "text/css; charset=utf-8"
    assert types["data/summary.json"] == types["manifest.json"] == "application/json"
    assert types["data/a.parquet"] == "application/vnd.apache.parquet"
    assert types["data/a.csv"] == "text/csv; charset=utf-8"
    assert types["robots.txt"] == "text/plain; charset=utf-8"
    kept = {path for path, attributes in said.items() if attributes["Cache-Control"] == FOR_EVER}
    assert kept == {path for path in FIRST if path.startswith("search/")}
    assert {attributes["Cache-Control"] for attributes in said.values()} == {FOR_EVER, ASK_AGAIN}


def test_a_stopped_publish_goes_on_where_it_was(
    tmp_path: Path, bucket: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By sizes and digests that the store lists; then nothing tells of it any more."""
    write_site(tmp_path)
    put, sent = s3.Bucket._put, []

    def cut(self: s3.Bucket, path: str, content: object, size: int) -> None:
        if path == "index.html":
            raise KeyboardInterrupt
        sent.append(path)
        put(self, path, content, size)

    monkeypatch.setattr(s3.Bucket, "_put", cut)
    with pytest.raises(KeyboardInterrupt):
        send(tmp_path, url(bucket))
    assert BEGUN in objects(bucket)
    before = set(sent)
    monkeypatch.setattr(
        s3.Bucket, "_put", lambda *all_of_it: (sent.append(all_of_it[1]), put(*all_of_it))
    )
    sent.clear()
    send(tmp_path, url(bucket))
    assert objects(bucket) == FIRST
    assert before & set(sent) == {BEGUN}
    assert "index.html" in sent


def test_a_withdrawal_reaches_the_bucket(tmp_path: Path, bucket: S3Store) -> None:
    """Nothing of the site is left there."""
    write_site(tmp_path)
    send(tmp_path, url(bucket, "p"))
    withdraw(tmp_path)
    send(tmp_path, url(bucket, "p"))
    assert set(objects(bucket)) == {"p/404.html", "p/index.html", "p/static/style.css"}


def test_objects_of_others_are_not_overwritten(tmp_path: Path, bucket: S3Store) -> None:
    """A page that somebody put there is named."""
    obstore.put(bucket, "p/index.html", b"mine")
    write_site(tmp_path)
    with pytest.raises(UserError, match=r"index\.html is there"):
        send(tmp_path, url(bucket, "p"))
    send(tmp_path, url(bucket, "p"), replace=True)
    assert objects(bucket) == {f"p/{path}": content for path, content in FIRST.items()}


def test_what_a_store_refuses_is_one_line(
    tmp_path: Path, bucket: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No bucket, no credentials, no server."""
    write_site(tmp_path)
    with pytest.raises(UserError, match="no such bucket; make it first"):
        send(tmp_path, "s3://none-such/x")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    with pytest.raises(UserError, match="set AWS_ACCESS_KEY_ID"):
        send(tmp_path, url(bucket))
