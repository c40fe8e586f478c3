"""How far requests reach: what starts in public stays there, whoever wrote where it leads."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from laion_assets.core.base.errors import UserError
from laion_assets.core.sources.datasets import Dataset, load_dataset
from laion_assets.core.sources.download import list_hub, list_urls, reach
from laion_assets.core.sources.download.reach import Reach, reach_of
from laion_assets.core.sources.remote import list_remote
from tests.fetching import CONTENT, fetch, remote
from tests.servers import Hub, Server, redirects, sends, sends_json, serving

REFUSED = "leads to a private address"
_REAL = reach_of
_NEAR = {"127.0.0.1": Reach.PUBLIC, "127.0.0.2": Reach.PRIVATE, "127.0.0.3": Reach.LINK_LOCAL}


@pytest.fixture(autouse=True)
def _loopback_is_the_world(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first loopback address counts as public, the next ones as nearer."""
    monkeypatch.setattr(reach, "reach_of", lambda a: _NEAR[a] if a in _NEAR else _REAL(a))


@pytest.fixture
def private() -> Iterator[Server]:
    """A server in a private network."""
    with serving("127.0.0.2") as running:
        yield running


@pytest.fixture
def link_local() -> Iterator[Server]:
    """A server where a cloud's metadata would be."""
    with serving("127.0.0.3") as running:
        yield running


def named(monkeypatch: pytest.MonkeyPatch, *answers: str) -> None:
    """Let the name inside.example have these addresses, one after the other, the last for good."""
    real, left = socket.getaddrinfo, list(answers)

    def lookup(host: object, *args: object, **kwargs: object) -> object:
        if host not in ("inside.example", b"inside.example"):
            return real(host, *args, **kwargs)  # type: ignore[arg-type]
        return real(left.pop(0) if len(left) > 1 else left[0], *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("8.8.8.8", Reach.PUBLIC),
        ("2606:4700::1111", Reach.PUBLIC),
        ("::ffff:8.8.8.8", Reach.PUBLIC),
        ("64:ff9b::808:808", Reach.PUBLIC),
        ("10.0.0.1", Reach.PRIVATE),
        ("172.16.0.1", Reach.PRIVATE),
        ("192.168.1.1", Reach.PRIVATE),
        ("100.64.0.1", Reach.PRIVATE),
        ("127.0.0.1", Reach.PRIVATE),
        ("0.0.0.0", Reach.PRIVATE),  # noqa: S104 - nothing is bound
        ("224.0.0.1", Reach.PRIVATE),
        ("255.255.255.255", Reach.PRIVATE),
        ("::1", Reach.PRIVATE),
        ("::", Reach.PRIVATE),
        ("fd00::1", Reach.PRIVATE),
        ("::ffff:10.0.0.1", Reach.PRIVATE),
        ("::ffff:127.0.0.1", Reach.PRIVATE),
        ("::10.0.0.1", Reach.PRIVATE),
        ("64:ff9b::a00:1", Reach.PRIVATE),
        ("2002:7f00:1::1", Reach.PRIVATE),
        ("169.254.169.254", Reach.LINK_LOCAL),
        ("fe80::1", Reach.LINK_LOCAL),
        ("fe80::1%eth0", Reach.LINK_LOCAL),
        ("::ffff:169.254.169.254", Reach.LINK_LOCAL),
        ("64:ff9b::a9fe:a9fe", Reach.LINK_LOCAL),
    ],
)
def test_an_address_is_as_near_as_what_it_stands_for(address: str, expected: Reach) -> None:
    """Every private range, and IPv4 addresses in the clothes of IPv6."""
    assert _REAL(address) is expected


@pytest.mark.parametrize("form", ["127.0.0.2", "2130706434", "0x7f.2", "127.2", "inside.example"])
def test_a_redirect_from_public_to_private_is_not_followed(
    server: Server, private: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    """However the address is written; at once, or after a redirect in public."""
    named(monkeypatch, "127.0.0.2")
    port = private.on("/a", sends(CONTENT)).rpartition(":")[2]
    last = server.on("/last", redirects(f"http://{form}:{port}"))
    for url in (last, server.on("/first", redirects(last))):
        assert REFUSED in fetch(remote(url), tmp_path / "a")
        with pytest.raises(UserError, match=REFUSED):
            list_urls([url])
    assert private.requests == []


def test_a_request_that_starts_in_private_may_stay_there(
    private: Server, link_local: Server, tmp_path: Path
) -> None:
    """The user named it. Where clouds keep secrets it is led all the same by nobody."""
    there = private.on("/a", sends(CONTENT))
    assert fetch(remote(private.on("/here", redirects(there))), tmp_path / "a") == ""
    secret = link_local.on("/latest", sends(CONTENT))
    assert REFUSED in fetch(remote(private.on("/to", redirects(secret))), tmp_path / "b")
    assert link_local.requests == []
    assert fetch(remote(secret), tmp_path / "c") == ""


def test_a_name_that_changes_its_mind_reaches_nothing(
    server: Server, private: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Public when it is looked at, private when it is connected to: no byte is sent."""
    port = private.on("/a", sends(CONTENT)).rpartition(":")[2]
    direct = f"http://inside.example:{port}"
    for url in (direct, server.on("/redirected", redirects(direct))):
        with monkeypatch.context() as patched:
            named(patched, "127.0.0.1", "127.0.0.2")
            assert REFUSED in fetch(remote(url), tmp_path / "a")
    assert private.requests == []


def _listed(*urls: str, tmp_path: Path) -> Dataset:
    described = tmp_path / "theirs.toml"
    described.write_text(f"[location]\nkind = 'http'\nurls = {list(urls)}\n")
    return load_dataset(str(described))


def test_a_dataset_file_that_mixes_public_and_private_is_refused(
    server: Server, private: Server, link_local: Server, tmp_path: Path
) -> None:
    """Somebody else may have written it; what is all private is the user's own."""
    public, inside = (s.on("/a.parquet", sends(CONTENT)) for s in (server, private))
    dataset = _listed(public, inside, tmp_path=tmp_path)
    with pytest.raises(UserError, match=REFUSED):
        list_remote(dataset, [], tmp_path / "listing.json", again=False)
    assert private.requests == []
    dataset = _listed(inside, tmp_path=tmp_path)
    assert list_remote(dataset, [], tmp_path / "listing.json", again=False)
    dataset = _listed(link_local.on("/a.parquet", sends(CONTENT)), tmp_path=tmp_path)
    with pytest.raises(UserError, match=REFUSED):
        list_remote(dataset, [], tmp_path / "listing.json", again=False)
    assert link_local.requests == []
    assert len(list_urls([public, inside])) == 2  # named with --source


def test_a_listed_name_that_turns_private_later_is_not_fetched(
    server: Server, private: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How near a listing may lead is remembered with it."""
    port = server.on("/a.parquet", sends(CONTENT)).rpartition(":")[2]
    named(monkeypatch, "127.0.0.1")
    dataset = _listed(f"http://inside.example:{port}", tmp_path=tmp_path)
    saved = tmp_path / "listing.json"
    list_remote(dataset, [], saved, again=False)
    (file,) = list_remote(dataset, [], saved, again=False)
    named(monkeypatch, "127.0.0.2")
    assert REFUSED in fetch(file, tmp_path / "a")
    assert private.requests == []


def test_the_hub_leads_nobody_inside(
    server: Server, private: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither by the next page of a listing, nor by redirecting it, nor by where files lie."""
    monkeypatch.setenv("HF_ENDPOINT", server.origin)
    hub = Hub(server, private, "laion/relaion-art", "a" * 40)
    hub.publish({"a.parquet": CONTENT})
    (file,) = list_hub(hub.repository, "main", [])
    assert REFUSED in fetch(file, tmp_path / "a")
    page = private.on("/next", sends_json([]))
    hub.answers("/tree/" + hub.commit, [], {"Link": f'<{page}>; rel="next"'})
    with pytest.raises(UserError, match=REFUSED):
        list_hub(hub.repository, "main", [])
    server.on(f"/api/datasets/{hub.repository}/tree/{hub.commit}", redirects(page))
    with pytest.raises(UserError, match=REFUSED):
        list_hub(hub.repository, "main", [])
    assert private.requests == []


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:99999/a",
        "http://[::1/a",
        "http:///a",
        "//",
        "ftp://127.0.0.1/a",
        "http://a@127.0.0.1:1/a",
        "http://" + "x" * 70 + ".invalid/a",
        "http://" + "é" * 70 + ".invalid/a",
        "http://xn--zzzzzzzzzz/a",
        "http://127.0.0.1:1/%ED%A0%80",
        "javascript:alert(1)",
        "file:///etc/passwd",
    ],
)
def test_a_redirect_to_no_place_is_one_line(server: Server, tmp_path: Path, location: str) -> None:
    """Whatever a host writes there."""
    quoted = location.encode().decode("latin-1")
    assert fetch(remote(server.on("/a", redirects(quoted))), tmp_path / "a")


@pytest.mark.parametrize("port", ["99999", "65536", "-1"])
def test_a_port_that_cannot_be_is_one_line(port: str) -> None:
    """Beyond the last, before the first."""
    with pytest.raises(UserError, match=r"127\.0\.0\.1"):
        list_urls([f"http://127.0.0.1:{port}/a"])
