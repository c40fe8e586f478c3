"""Downloads that are refused, delayed or unanswered, and tokens that stay at home meanwhile."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from laion_assets.core.base.errors import UserError
from laion_assets.core.sources.download import client as download_client
from laion_assets.core.sources.download import download, retrying
from laion_assets.core.sources.download.problems import TryAgain, unreachable
from laion_assets.core.sources.download.retrying import Backoff, asked_wait
from tests.fetching import CONTENT, ETAG, fetch, held, remote
from tests.servers import (
    Server,
    fails,
    hardly_ends,
    redirects,
    self_signed,
    sends,
    serving,
    waits,
)


@pytest.fixture
def elsewhere() -> Iterator[Server]:
    """A server under another name and port."""
    with serving("localhost") as running:
        yield running


# -- passing faults --------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_passing_fault_is_tried_again(server: Server, tmp_path: Path, status: int) -> None:
    """Twice no, then yes."""
    busy = fails(status, Retry_After="0")
    assert fetch(remote(server.on("/a", busy, busy, sends(CONTENT))), tmp_path / "a") == ""
    assert len(server.got()) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 501])
def test_a_lasting_fault_is_not_tried_again(server: Server, tmp_path: Path, status: int) -> None:
    """One request, one line with the number, and the other files go on."""
    bad = remote(server.on("/a", fails(status)) + "?token=secret")
    good = remote(server.on("/b", sends(CONTENT)))
    files = [(bad, tmp_path / "a"), (good, tmp_path / "b")]
    errors = download(files, progress=lambda *_: None)
    assert set(errors) == {bad}
    assert f"({status})" in str(errors[bad])
    assert "secret" not in str(errors[bad])
    assert len(server.got(path="/a")) == 1
    assert (tmp_path / "b").read_bytes() == CONTENT


def test_a_long_excuse_is_not_read_to_its_end(server: Server, tmp_path: Path) -> None:
    """Some of an error's text is enough."""
    sent: list[int] = []
    file = remote(server.on("/a", hardly_ends(403, sent)))
    assert "(403)" in fetch(file, tmp_path / "a")
    assert len(sent) < 100


def test_a_success_without_a_file_is_refused(server: Server, tmp_path: Path) -> None:
    """204 is no content."""
    assert "answers 204 instead" in fetch(remote(server.on("/a", fails(204))), tmp_path / "a")


def test_a_partial_file_longer_than_the_file_is_dropped(server: Server, tmp_path: Path) -> None:
    """It cannot be the beginning of it."""
    file = remote(server.on("/a", sends(CONTENT)))
    held(tmp_path / "a", CONTENT + b"x", file)
    assert fetch(file, tmp_path / "a") == ""
    assert "range" not in server.got()[0].headers


def test_a_range_that_is_refused_for_good_is_one_line(server: Server, tmp_path: Path) -> None:
    """416 with something held restarts the file, 416 without is an error."""
    file = remote(server.on("/a", fails(416)))
    held(tmp_path / "a", CONTENT[:1000], file)
    assert "(416)" in fetch(file, tmp_path / "a")
    assert [request.headers.get("range") for request in server.got()] == ["bytes=1000-", None]


def test_progress_renews_patience(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line that breaks more often than there are attempts gets through, as long as bytes come."""
    monkeypatch.setattr("laion_assets.core.sources.download.transfer.PROGRESS", 10_000)
    cut = sends(CONTENT, cut_after=12_000)
    url = server.on("/a", *[cut] * 20, sends(CONTENT))
    assert fetch(remote(url), tmp_path / "a") == ""
    assert len(server.got()) == 21


def test_waits_double_and_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between half of the step and the step, up to the longest; then the problem is raised."""
    monkeypatch.setattr(retrying, "FIRST_WAIT", 1.0)
    backoff = Backoff(attempts=9)
    problem = UserError("no")
    waits_taken = [backoff.wait_after(TryAgain(problem)) for _ in range(8)]
    steps = [1, 2, 4, 8, 16, 32, 60, 60]
    assert all(step / 2 <= wait <= step for step, wait in zip(steps, waits_taken, strict=True))
    with pytest.raises(UserError, match="no"):
        backoff.wait_after(TryAgain(problem))


def test_the_host_may_ask_for_a_longer_wait_within_bounds() -> None:
    """Retry-After in seconds or as a date is obeyed; a day is not; nonsense is ignored."""
    backoff = Backoff(attempts=9)
    assert backoff.wait_after(TryAgain(UserError(""), "7")) == 7
    assert backoff.wait_after(TryAgain(UserError(""), "86400")) == retrying.LONGEST_ASKED
    assert asked_wait("Tue, 30 Aug 2022 09:00:00 GMT") == 0
    assert asked_wait("Tue, 30 Aug 2999 09:00:00 GMT") > 10**9
    assert asked_wait("Tue, 30 Aug 2022 09:00:00 -0000") == 0
    assert asked_wait("soon") == asked_wait(None) == asked_wait("-1") == 0


def test_a_server_that_falls_silent_does_not_hold_us(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading times out, and the file is continued."""
    short = httpx2.Timeout(0.2, pool=None).as_dict()
    monkeypatch.setattr(download_client, "_TIMEOUTS", short)
    released = threading.Event()
    stalls = sends(CONTENT, pause=waits(released), headers=ETAG)
    file = remote(server.on("/a", stalls, sends(CONTENT, headers=ETAG)))
    assert fetch(file, tmp_path / "a") == ""
    released.set()
    assert server.got()[-1].headers["range"] == "bytes=65536-"


def test_a_server_that_stays_silent_is_one_line(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the last attempt."""
    monkeypatch.setattr(download_client, "_TIMEOUTS", httpx2.Timeout(0.05, pool=None).as_dict())
    monkeypatch.setattr("laion_assets.core.sources.download.transfer.DOWNLOAD_ATTEMPTS", 2)
    released = threading.Event()
    file = remote(server.on("/a", lambda *_: released.wait(60)))
    assert "no answer in time" in fetch(file, tmp_path / "a")
    released.set()


# -- no answer at all ------------------------------------------------------------------------------


def test_a_refused_connection_is_one_line(tmp_path: Path) -> None:
    """Nobody listens there any more."""
    with serving() as gone:
        url = gone.origin + "/a"
    assert "connection refused" in fetch(remote(url), tmp_path / "a")


def test_a_host_with_several_addresses_that_all_refuse_is_one_line() -> None:
    """Their refusals come in a group."""
    error = httpx2.ConnectError("all attempts failed")
    error.__cause__ = OSError("all attempts failed")
    error.__cause__.__cause__ = ExceptionGroup("all", [ConnectionRefusedError(), OSError()])
    assert "connection refused" in str(unreachable(error, "http://host/a"))


def test_an_unknown_host_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not tried again: the name will not appear in a minute."""
    import socket

    asked = []

    def lookup(*_: object, **__: object) -> None:
        asked.append(1)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    assert "no such host" in fetch(remote("http://nowhere.invalid/a"), tmp_path / "a")
    assert len(asked) == 1


def test_an_untrusted_certificate_is_one_line(tmp_path: Path) -> None:
    """Not tried again, and no byte is exchanged."""
    with serving(certificate=self_signed(tmp_path)) as untrusted:
        url = untrusted.on("/a", sends(CONTENT))
        assert "certificate is not trusted" in fetch(remote(url), tmp_path / "a")
        assert untrusted.requests == []


def test_a_host_without_tls_is_one_line(server: Server, tmp_path: Path) -> None:
    """Spoken to in https, it answers in http."""
    url = server.on("/a", sends(CONTENT)).replace("http://", "https://")
    assert "TLS: no secure connection" in fetch(remote(url), tmp_path / "a")


def test_a_proxy_that_refuses_is_one_line(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proxy of the environment is used; this one does not know CONNECT."""
    monkeypatch.setenv("HTTPS_PROXY", server.origin)
    assert "the proxy does not let it" in fetch(remote("https://nowhere.invalid/a"), tmp_path / "a")


def test_https_is_not_left_for_http(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A redirect from an encrypted address to an open one is not followed."""
    certificate = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with serving(certificate=certificate) as secure:
        url = secure.on("/a", redirects(server.on("/a", sends(CONTENT))))
        assert "redirects from https to plain http" in fetch(remote(url), tmp_path / "a")
        assert fetch(remote(secure.on("/b", sends(CONTENT))), tmp_path / "b") == ""
    assert server.requests == []


def test_redirects_in_circles_are_one_line(server: Server, tmp_path: Path) -> None:
    """Followed ten times at most."""
    assert "redirects in circles" in fetch(remote(server.on("/a", redirects("/a"))), tmp_path / "a")
    assert len(server.got()) == download_client.MAX_REDIRECTS + 1
    assert "redirects in circles" in fetch(
        remote(server.on("/b", redirects("ftp://127.0.0.1/b"))), tmp_path / "b"
    )


# -- tokens ----------------------------------------------------------------------------------------


def test_the_token_goes_to_the_hub_alone(
    server: Server,
    elsewhere: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Not past a redirect to another host or port, not to other files, not into logs or errors."""
    monkeypatch.setenv("HF_ENDPOINT", server.origin)
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    caplog.set_level(logging.DEBUG)
    with serving() as same_host_other_port:
        third = same_host_other_port.on("/c?signature=abc", fails(403))
        same_host_other_port.on("/c", fails(403, X_Error_Message="hf_secret?"))
        names = {
            "a": redirects(elsewhere.on("/a", sends(CONTENT)) + "?signature=abc"),
            "b": redirects("/moved"),
            "c": redirects(third),
        }
        server.on("/moved", sends(CONTENT))
        files = [(remote(server.on(f"/{n}", b)), tmp_path / n) for n, b in names.items()]
        files.append((remote(elsewhere.on("/d", sends(CONTENT))), tmp_path / "d"))
        errors = download(files, progress=lambda *_: None)
        strangers = elsewhere.requests + same_host_other_port.requests
    assert len(errors) == 1
    assert len(strangers) == 3
    assert {r.headers.get("authorization") for r in server.requests} == {"Bearer hf_secret"}
    assert not any("hf_secret" in str(request) for request in strangers)
    said = caplog.text + "".join(map(str, errors.values()))
    assert "hf_secret" not in said
    assert "signature" not in said


def test_the_token_does_not_cross_from_http_to_https(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another scheme is another host."""
    certificate = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    with serving() as plain, serving(certificate=certificate) as secure:
        monkeypatch.setenv("HF_ENDPOINT", plain.origin)
        url = plain.on("/a", redirects(secure.on("/a", sends(CONTENT))))
        assert fetch(remote(url), tmp_path / "a") == ""
        assert "authorization" in plain.got()[0].headers
        assert "authorization" not in secure.got()[0].headers


def test_no_token_is_looked_up_for_other_hosts(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other downloads do not depend on the hub's token store."""

    def never() -> None:
        raise AssertionError("looked up")

    monkeypatch.setattr(download_client, "get_token", never)
    assert fetch(remote(server.on("/a", sends(CONTENT))), tmp_path / "a") == ""
