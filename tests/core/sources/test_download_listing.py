"""Listings: what hosts say of their files, by dataset or address, and what to do if they don't."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx2
import obstore
import pytest
from huggingface_hub import constants as hub_constants
from obstore.store import S3Store

from laion_assets.core.base.errors import BadUsage, UserError
from laion_assets.core.sources.download import RemoteFile, download, list_hub, list_urls
from laion_assets.core.sources.download.client import TIMEOUT, HubToken
from laion_assets.core.sources.download.partial import Partial
from tests.servers import (
    Behaviour,
    Hub,
    Server,
    fails,
    redirects,
    says,
    sends,
    sends_json,
    serving,
    serving_s3,
)

CONTENT = random.Random(7).randbytes(100_000)  # noqa: S311 - bytes that differ everywhere
DIGEST = hashlib.sha256(CONTENT).hexdigest()
REPOSITORY = "laion/relaion-art"
COMMIT = "a" * 40


@pytest.fixture
def hub(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub with one dataset, whose files lie on another host and port."""
    monkeypatch.setenv("HF_ENDPOINT", server.origin)
    with serving("localhost") as storage:
        hub = Hub(server, storage, REPOSITORY, COMMIT)
        hub.publish({"data/b.parquet": CONTENT, "data/a.parquet": CONTENT[:10], "README.md": b"x"})
        yield hub


def fetched(files: list[RemoteFile], folder: Path) -> dict[RemoteFile, UserError]:
    """Download files into a folder, under their relative paths."""
    pairs = [(file, folder / file.relative) for file in files]
    return download(pairs, progress=lambda *_: None)


def one_line(problem: pytest.ExceptionInfo[UserError] | UserError) -> str:
    """Return a problem's text, which is one line."""
    text = str(problem.value if isinstance(problem, pytest.ExceptionInfo) else problem)
    assert "\n" not in text
    assert text
    return text


# -- the hub ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("revision", ["main", COMMIT])
def test_a_dataset_is_listed_at_its_commit(hub: Hub, revision: str) -> None:
    """Paths, sizes and digests, sorted; the addresses name the commit, whatever was asked for."""
    files = list_hub(REPOSITORY, revision, ["data/*.parquet"])
    assert [file.relative for file in files] == ["data/a.parquet", "data/b.parquet"]
    assert files[1] == RemoteFile(
        url=f"{hub.server.origin}/datasets/{REPOSITORY}/resolve/{COMMIT}/data/b.parquet",
        relative="data/b.parquet",
        size=len(CONTENT),
        sha256=DIGEST,
        etag=DIGEST,
    )


def test_a_listed_dataset_can_be_fetched(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the storage the hub redirects to, which sees no token."""
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    assert fetched(list_hub(REPOSITORY, "main", ["*.parquet"]), tmp_path) == {}
    assert (tmp_path / "data" / "b.parquet").read_bytes() == CONTENT
    assert {r.headers.get("authorization") for r in hub.server.requests} == {"Bearer hf_secret"}
    assert not any("authorization" in request.headers for request in hub.storage.requests)
    assert len(hub.storage.requests) == 2


def test_small_files_have_no_sha256(hub: Hub) -> None:
    """The hub publishes one for large files alone."""
    hub.publish({"x.csv": b"url,caption"}, large=False)
    (file,) = list_hub(REPOSITORY, "main", [])
    assert file.sha256 is None
    assert file.size == 11


def test_hidden_files_and_checksums_are_not_listed(hub: Hub) -> None:
    """Spark leaves .crc files beside its parts."""
    hub.publish({"a.parquet": b"1", ".a.parquet.crc": b"2", ".git/b.parquet": b"3", "c.crc": b"4"})
    assert [file.relative for file in list_hub(REPOSITORY, "main", [])] == ["a.parquet"]


def test_a_pattern_without_files_names_what_is_there(hub: Hub) -> None:
    """The layout may have changed."""
    with pytest.raises(UserError) as problem:
        list_hub(REPOSITORY, "main", ["part-*.parquet"])
    assert "part-*.parquet" in one_line(problem)
    assert "data/a.parquet" in one_line(problem)
    hub.publish({})
    with pytest.raises(UserError, match="no files"):
        list_hub(REPOSITORY, "main", ["*"])


@pytest.mark.parametrize("path", ["/a.parquet", "a//b", "a\\b", "a\nb", "x" * 300])
def test_a_path_that_would_leave_our_folder_is_refused(hub: Hub, path: str) -> None:
    """Names from a listing become names on this disk."""
    hub.publish({path: b"1"})
    with pytest.raises(UserError, match="not a safe file name") as problem:
        list_hub(REPOSITORY, "main", [])
    one_line(problem)


def refusal(hub: Hub, status: int, code: str = "", message: str = "") -> str:
    """Return what listing says when the hub refuses."""
    headers = {"X-Error-Code": code, "X-Error-Message": message}
    hub.server.on(
        f"/api/datasets/{REPOSITORY}/revision/main",
        fails(status, **{name.replace("-", "_"): text for name, text in headers.items() if text}),
    )
    with pytest.raises(UserError) as problem:
        list_hub(REPOSITORY, "main", [])
    return one_line(problem)


def test_each_refusal_of_the_hub_says_what_to_do(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Gated, withdrawn, missing repository or revision, an unknown token."""
    page = f"{hub.server.origin}/datasets/{REPOSITORY}"
    gated = refusal(hub, 401, "GatedRepo")
    assert gated.startswith(f"{REPOSITORY}: gated; accept its conditions at {page}, then set HF_")
    assert "withdrawn" in refusal(hub, 403, message="Access to this resource is disabled.")
    assert "no such dataset, or a private one" in refusal(hub, 401, "RepoNotFound")
    assert "set HF_TOKEN" in refusal(hub, 404, "RepoNotFound")
    assert "set HF_TOKEN" in refusal(hub, 401)
    assert "no such revision" in refusal(hub, 404, "RevisionNotFound")
    assert "(403)" in refusal(hub, 403)
    assert "(418)" in refusal(hub, 418)
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    assert "no access yet; ask for it at" in refusal(hub, 403, "GatedRepo")
    assert "does not know your token" in refusal(hub, 401)
    assert "set HF_TOKEN" not in refusal(hub, 404, "RepoNotFound")


def test_withdrawn_may_be_said_in_the_body(hub: Hub) -> None:
    """The hub has said it in both places."""
    body = b'{"error": "Access to this resource is disabled."}'
    headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}
    path = f"/api/datasets/{REPOSITORY}/revision/main"
    hub.server.on(path, says(403, headers, body))
    with pytest.raises(UserError, match="withdrawn"):
        list_hub(REPOSITORY, "main", [])


def test_a_gated_dataset_is_noticed_before_its_files_are_fetched(hub: Hub) -> None:
    """Its list is public, its files are not: the hub is asked for access first."""
    hub.publish({"a.parquet": b"1"}, gated="auto")
    check = f"/api/datasets/{REPOSITORY}/auth-check"
    hub.server.on(check, fails(403, X_Error_Code="GatedRepo"), sends_json({}))
    with pytest.raises(UserError, match="gated; accept"):
        list_hub(REPOSITORY, "main", [])
    assert len(list_hub(REPOSITORY, "main", [])) == 1


def test_a_renamed_dataset_is_not_taken_for_the_one_asked_for(hub: Hub) -> None:
    """The hub redirects silently to whatever has the name now."""
    path = f"/api/datasets/{REPOSITORY}/revision/main"
    hub.server.on(path, redirects("/api/datasets/someone/else/revision/main"))
    info = {"id": "someone/else", "sha": COMMIT}
    hub.server.on("/api/datasets/someone/else/revision/main", sends_json(info))
    with pytest.raises(UserError) as problem:
        list_hub(REPOSITORY, "main", [])
    assert f"{REPOSITORY}: renamed, 'someone/else' answers for it" in one_line(problem)


def test_another_commit_than_the_pinned_one_is_refused(hub: Hub) -> None:
    """A pinned commit is a promise."""
    hub.answers(f"/revision/{COMMIT}", {"id": REPOSITORY, "sha": "b" * 40})
    with pytest.raises(UserError, match=r"revision a{40} was asked for, 'b{40}' answered"):
        list_hub(REPOSITORY, COMMIT, [])


def test_a_rename_between_listing_and_fetching_is_noticed(hub: Hub, tmp_path: Path) -> None:
    """The addresses are watched as well, and the commit that answers."""
    moved, other = list_hub(REPOSITORY, "main", ["data/*"])
    there = f"/datasets/someone/else/resolve/{COMMIT}/a"
    hub.server.on(moved.url.removeprefix(hub.server.origin), redirects(there))
    hub.server.on(there, sends(CONTENT[:10]))
    hub.server.on(
        other.url.removeprefix(hub.server.origin),
        sends(CONTENT, headers={"X-Repo-Commit": "b" * 40}),
    )
    errors = fetched([moved, other], tmp_path)
    assert "renamed" in one_line(errors[moved])
    assert f"'{'b' * 40}' answered" in one_line(errors[other])
    assert not list(tmp_path.rglob("*.parquet"))


def test_a_refusal_while_fetching_says_the_same_as_while_listing(hub: Hub, tmp_path: Path) -> None:
    """Gated or withdrawn since, or a file that is gone; the others go on."""
    names = ["gated", "withdrawn", "gone", "fine"]
    hub.publish(dict.fromkeys(names, CONTENT))
    root = f"/datasets/{REPOSITORY}/resolve/{COMMIT}"
    hub.server.on(f"{root}/gated", fails(403, X_Error_Code="GatedRepo"))
    hub.server.on(f"{root}/withdrawn", says(403, {}, b"Access to this resource is disabled."))
    hub.server.on(f"{root}/gone", fails(404, X_Error_Code="EntryNotFound"))
    files = {file.relative: file for file in list_hub(REPOSITORY, "main", [])}
    errors = fetched(list(files.values()), tmp_path)
    said = {name: one_line(errors[files[name]]) for name in names[:3]}
    assert "accept its conditions" in said["gated"]
    assert "withdrawn" in said["withdrawn"]
    assert "no such file 'gone'" in said["gone"]
    assert {path.name for path in tmp_path.iterdir()} == {"fine", "fine.origin.json"}


def test_a_busy_hub_is_asked_again(hub: Hub) -> None:
    """Listing is retried as fetching is, and gives up with one line."""
    path = f"/api/datasets/{REPOSITORY}/revision/main"
    good = hub.server.scripts[path][0]
    hub.server.on(path, fails(429, Retry_After="0"), fails(503), good)
    assert len(list_hub(REPOSITORY, "main", [])) == 3
    assert "too many requests (429)" in refusal(hub, 429)


def test_the_token_does_not_follow_a_page_to_another_host(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next page's address is the server's word."""
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    entry = {"type": "file", "path": "z", "size": 1, "oid": "0"}
    further = hub.storage.on("/more", sends_json([entry]))
    hub.answers(f"/tree/{COMMIT}", [], {"Link": f'<{further}>; rel="next"'})
    assert [file.relative for file in list_hub(REPOSITORY, "main", [])] == ["z"]
    assert "authorization" not in hub.storage.requests[0].headers


def test_the_hub_cannot_keep_us_waiting() -> None:
    """The hub library asks for some pages without any timeout; each request gets one."""
    request = httpx2.Request("GET", "https://host/", extensions={"timeout": {"read": None}})
    HubToken(None)(request)
    assert request.extensions["timeout"]["read"] == TIMEOUT.read
    assert TIMEOUT.read


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b'{"id": 1}'])
def test_a_host_that_is_no_hub_is_one_line(hub: Hub, body: bytes) -> None:
    """HF_ENDPOINT may point anywhere."""
    hub.server.on(f"/api/datasets/{REPOSITORY}/revision/main", sends(body))
    with pytest.raises(UserError) as problem:
        list_hub(REPOSITORY, "main", [])
    one_line(problem)


def test_a_hub_that_is_away_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the hub library's offline mode is respected."""
    with serving() as gone:
        monkeypatch.setenv("HF_ENDPOINT", gone.origin)
    with pytest.raises(UserError, match="connection refused"):
        list_hub(REPOSITORY, "main", [])
    monkeypatch.setattr(hub_constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(UserError, match="HF_HUB_OFFLINE forbids"):
        list_hub(REPOSITORY, "main", [])


def test_an_impossible_name_is_bad_usage() -> None:
    """The hub library says what a name may be."""
    with pytest.raises(BadUsage, match="owner/name"):
        list_hub("a/b/c", "main", [])


# -- addresses -------------------------------------------------------------------------------------


def test_addresses_are_described_by_their_hosts(server: Server) -> None:
    """Size and ETag by HEAD, sorted by host and path; one given twice is one file."""
    second = server.on("/d/b%20b.parquet", sends(CONTENT, headers={"ETag": '"strong"'}))
    first = server.on("/d/a.parquet", sends(b"1", headers={"ETag": 'W/"weak"'}))
    host = server.origin.removeprefix("http://")
    assert list_urls([second, first, second]) == [
        RemoteFile(first, f"{host}/d/a.parquet", 1, None, 'W/"weak"'),
        RemoteFile(second, f"{host}/d/b b.parquet", len(CONTENT), None, "strong"),
    ]
    assert server.got("GET") == []


def test_no_addresses_are_no_files() -> None:
    """Nothing to ask."""
    assert list_urls([]) == []


@pytest.mark.parametrize("head", [fails(405), fails(403), fails(501), says(200, {})])
def test_a_host_that_refuses_head_is_asked_for_one_byte(head: Behaviour, server: Server) -> None:
    """Its range answer tells the size; so does a server without ranges."""
    for ranges in (True, False):
        server.requests.clear()
        url = server.on("/a", head, sends(CONTENT, ranges=ranges, headers={"ETag": '"1"'}))
        (file,) = list_urls([url])
        assert (file.size, file.etag) == (len(CONTENT), "1")
        assert server.got()[0].headers["range"] == "bytes=0-0"


def test_a_size_nobody_tells_is_unknown(server: Server) -> None:
    """Such a file is fetched all the same."""
    (file,) = list_urls([server.on("/a", says(200, {}, CONTENT))])
    assert file.size is None


def test_an_empty_file_has_size_zero(server: Server) -> None:
    """Even where a range of it cannot be had."""
    (file,) = list_urls([server.on("/a", sends(b""))])
    assert file.size == 0


@pytest.mark.parametrize(
    ("status", "said"),
    [(401, "wants a login"), (403, "denies access"), (404, "no such file"), (503, "fails")],
)
def test_a_refused_address_is_one_line(server: Server, status: int, said: str) -> None:
    """Without the query, where keys travel; the first in the order given is named."""
    bad = server.on("/bad", fails(status)) + "?key=secret"
    worse = server.on("/a", fails(410))
    with pytest.raises(UserError) as problem:
        list_urls([bad, worse])
    assert said in one_line(problem)
    assert "secret" not in one_line(problem)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://host/a.parquet",
        "file:///etc/passwd",
        "https:///a.parquet",
        "https://user:secret@host/a.parquet",
        "https://host/folder/",
        "https://host",
        "s3://bucket",
        "https://host/\n",
        "https://[broken/a",
        "a.parquet",
    ],
)
def test_what_is_no_address_of_a_file_is_bad_usage(url: str) -> None:
    """Before any request; a password is not repeated."""
    with pytest.raises(BadUsage) as problem:
        list_urls([url])
    assert "secret" not in one_line(problem)


@pytest.mark.parametrize("url", ["https://host/a/%2e%2e/b", "https://host/a%5Cb", "https://h/a//b"])
def test_an_address_that_makes_no_safe_path_is_refused(url: str) -> None:
    """Its path becomes a name on this disk."""
    with pytest.raises(UserError, match="not a safe file name"):
        list_urls([url])


def test_addresses_that_differ_in_their_query_alone_are_bad_usage() -> None:
    """They would be one file here."""
    with pytest.raises(BadUsage, match="different queries"):
        list_urls(["https://host/a?x=1", "https://host/a?x=2"])


@pytest.mark.usefixtures("hub")
def test_an_address_on_the_hub_has_the_hubs_digest() -> None:
    """Stated before the redirect to its storage."""
    (listed,) = list_hub(REPOSITORY, "main", ["data/b.parquet"])
    (file,) = list_urls([listed.url])
    assert (file.size, file.sha256, file.etag) == (len(CONTENT), DIGEST, DIGEST)


# -- S3 --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    """The address of an S3-compatible server with a public file and a private one."""
    with serving_s3() as endpoint:
        public = {"x-amz-acl": "public-read"}
        httpx2.put(f"{endpoint}/bucket", headers=public)
        httpx2.put(f"{endpoint}/closed")
        for bucket, key, headers in (("bucket", "data/a b.parquet", public), ("closed", "a", {})):
            store = S3Store(
                bucket,
                endpoint=endpoint,
                region="us-east-1",
                access_key_id="key",
                secret_access_key="secret",  # noqa: S106 - moto takes any
                client_options={"allow_http": True},
            )
            address = obstore.sign(store, "PUT", key, timedelta(minutes=1))
            httpx2.put(address, content=CONTENT, headers=headers).raise_for_status()
        yield endpoint


@pytest.fixture(params=["signed", "public"])
def s3(moto: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The environment of an S3 user, with credentials and without."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto)
    if request.param == "signed":
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        monkeypatch.setenv("AWS_SESSION_TOKEN", "session-token")
    return moto


@pytest.mark.usefixtures("s3")
def test_a_file_in_a_bucket_is_listed_and_fetched(tmp_path: Path) -> None:
    """Its ETag is an md5, and the bytes agree with it."""
    (file,) = list_urls(["s3://bucket/data/a b.parquet"])
    assert file == RemoteFile(
        url="s3://bucket/data/a b.parquet",
        relative="bucket/data/a b.parquet",
        size=len(CONTENT),
        sha256=None,
        etag=hashlib.md5(CONTENT).hexdigest(),  # noqa: S324 - what S3 publishes
    )
    assert fetched([file], tmp_path) == {}
    assert (tmp_path / file.relative).read_bytes() == CONTENT


@pytest.mark.usefixtures("s3")
def test_a_file_in_a_bucket_is_continued_and_checked(tmp_path: Path) -> None:
    """A range is asked for; a damaged beginning is found by the md5 and fetched again."""
    (file,) = list_urls(["s3://bucket/data/a b.parquet"])
    for beginning in (CONTENT[:60_000], b"\0" * 60_000):
        target = tmp_path / str(beginning[0])
        partial = Partial(file, target)
        partial.begin(f'"{file.etag}"', file.etag)
        partial.path.write_bytes(beginning)
        told: list[int] = []
        download([(file, target)], progress=lambda _, done, __, told=told: told.append(done))
        assert told[0] == 60_000
        assert target.read_bytes() == CONTENT


@pytest.mark.usefixtures("s3")
def test_a_missing_file_or_bucket_is_one_line() -> None:
    """Nothing of the signature is shown."""
    for url in ("s3://bucket/none", "s3://none/a"):
        with pytest.raises(UserError, match=r"no such bucket or file \(404\)") as problem:
            list_urls([url])
        assert one_line(problem).startswith(url)


def test_a_private_file_needs_credentials(moto: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without them the store is asked as anybody would; no other place is searched for some."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto)
    with pytest.raises(UserError, match="denies access"):
        list_urls(["s3://closed/a"])
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    assert len(list_urls(["s3://closed/a"])) == 1


def test_a_bucket_that_refuses_says_which_variables_count(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Credentials that are missing, wrong or those of another region."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", server.origin)
    server.on("/bucket/denied", fails(403))
    server.on("/bucket/moved", fails(301, x_amz_bucket_region="eu-west-1"))
    with pytest.raises(UserError, match="set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"):
        list_urls(["s3://bucket/denied"])
    with pytest.raises(UserError, match="set AWS_REGION=eu-west-1"):
        list_urls(["s3://bucket/moved"])
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "half a pair")
    with pytest.raises(UserError, match="no URL can be signed"):
        list_urls(["s3://bucket/denied"])


def test_signatures_and_keys_stay_with_the_store(
    server: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A redirect to another host carries none of them, nor does a log, a message or a note."""
    caplog.set_level("DEBUG")
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.origin)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very-secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "session-token")
    with serving("localhost") as elsewhere:
        server.on("/bucket/a", redirects(elsewhere.on("/a", sends(CONTENT))))
        files = list_urls(["s3://bucket/a"])
        assert fetched(files, tmp_path) == {}
        asked = str(elsewhere.requests)
    assert "session-token" in server.got()[0].query
    notes = "".join(path.read_text() for path in tmp_path.rglob("*.json"))
    for secret in ("AKIDEXAMPLE", "very-secret", "session-token", "Signature"):
        assert secret not in asked + caplog.text + notes
