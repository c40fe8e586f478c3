"""What went wrong with a request, in one line that says what to do; and whether to try again.

Lives here: judging responses and transport errors. Not here: waiting between attempts
(`retrying`) or what a file on this disk lacks (`partial`).
"""

import os
import re
import socket
import ssl
from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import unquote

import httpx2

from laion_assets.core.base.errors import UserError
from laion_assets.core.sources.download.remote import shown

DEFAULT_HUB = "https://huggingface.co"
#: What the hub says, in a header or a body, of a repository that was taken down.
WITHDRAWN = "Access to this resource is disabled"
_REQUEST_TIMEOUT = 408
_TOO_MANY_REQUESTS = 429
_NEVER_BETTER = (501, 505)  # not implemented, version not supported: asking again changes nothing
_DATASET = re.compile(r"/datasets/(?P<repository>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/")
_COMMIT = re.compile(r"[0-9a-f]{40}")


class TryAgain(Exception):  # noqa: N818 - an order, not an error
    """A passing fault: `problem` is what to say when it does not pass.

    `after` is how many seconds the host asks to wait, None when it does not say.
    """

    def __init__(self, problem: UserError, after: str | None = None) -> None:
        super().__init__(str(problem))
        self.problem = problem
        self.after = after


def hub_endpoint() -> str:
    """Address of the hub: HF_ENDPOINT where it is set, without a slash at the end."""
    return (os.environ.get("HF_ENDPOINT") or DEFAULT_HUB).rstrip("/")


def refused(response: httpx2.Response, url: str, said: str) -> UserError | TryAgain:
    """Return what to raise for an answer that is no success.

    `url` is what the user asked for, `said` the beginning of the answer's body.
    """
    problem = _explained(response, url, said)
    if is_passing(response.status_code):
        return TryAgain(problem, response.headers.get("Retry-After"))
    return problem


def is_passing(status: int) -> bool:
    """Tell whether the same request may well succeed later."""
    return status in (_REQUEST_TIMEOUT, _TOO_MANY_REQUESTS) or (
        status >= HTTPStatus.INTERNAL_SERVER_ERROR and status not in _NEVER_BETTER
    )


def _explained(response: httpx2.Response, url: str, said: str) -> UserError:
    if url.startswith(f"{hub_endpoint()}/") and "/resolve/" in url:
        return hub_refusal(response, url, said)
    where = shown(url)
    if url.startswith("s3://"):
        return _s3_refusal(response, where)
    return UserError(f"{where}: {_MEANINGS.get(response.status_code) or _unexpected(response)}")


_MEANINGS = {
    401: "the host wants a login (401); ask its owner for a URL that works without",
    403: "the host denies access (403); ask its owner, or for a URL that is not expired",
    404: "no such file (404); check the URL",
    408: "the host keeps giving up on the request (408); run again later to continue",
    410: "the file was removed by its host (410); take it off your sources",
    416: "the host refuses to send the file at all (416); check the URL",
    429: "the host says too many requests (429); run again later to continue",
}


def _unexpected(response: httpx2.Response) -> str:
    status = response.status_code
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return f"the host fails ({status}); run again later to continue"
    return f"the host gives an answer that makes no sense here ({status}); check the URL"


def hub_refusal(
    response: httpx2.Response, url: str, said: str, repository: str | None = None
) -> UserError:
    """Explain a refusal by the hub; `repository` where the URL does not name it."""
    match = _DATASET.search(url)
    name = repository or (unquote(match["repository"]) if match else shown(url))
    page = f"{hub_endpoint()}/datasets/{name}"
    code = response.headers.get("X-Error-Code", "")
    token_sent = "Authorization" in response.request.headers
    unknown_token = response.status_code == HTTPStatus.UNAUTHORIZED and token_sent and not code
    missing = code == "RepoNotFound" or response.status_code in (401, 404)
    if WITHDRAWN in response.headers.get("X-Error-Message", "") + said:
        what = "withdrawn by the hub or its owners; use another dataset"
    elif code == "GatedRepo" and token_sent:
        what = f"gated, and the account of your token has no access yet; ask for it at {page}"
    elif code == "GatedRepo":
        what = f"gated; accept its conditions at {page}, then set HF_TOKEN to your account's token"
    elif code == "RevisionNotFound":
        what = f"no such revision; choose another, see {page}/commits/main"
    elif code == "EntryNotFound":
        what = f"no such file {unquote(shown(url).rpartition('/')[2])!r}; see {page}/tree/main"
    elif unknown_token:
        what = "the hub does not know your token; log in anew or unset HF_TOKEN"
    elif missing:
        what = f"no such dataset, or a private one; check its name at {hub_endpoint()}"
        what += "" if token_sent else ", or set HF_TOKEN"
    else:
        what = _MEANINGS.get(response.status_code) or _unexpected(response)
    return UserError(f"{name}: {what}")


def _s3_refusal(response: httpx2.Response, where: str) -> UserError:
    region = response.headers.get("x-amz-bucket-region", "")
    if response.status_code in (301, 307, 400) and re.fullmatch(r"[a-z0-9-]{4,30}", region):
        return UserError(f"{where}: the bucket is elsewhere; set AWS_REGION={region}")
    if response.status_code in (401, 403):
        return UserError(
            f"{where}: the store denies access ({response.status_code}); set AWS_ACCESS_KEY_ID and"
            " AWS_SECRET_ACCESS_KEY of an account that may read it, or none if it is public"
        )
    if response.status_code == HTTPStatus.NOT_FOUND:
        return UserError(f"{where}: no such bucket or file (404); check the URL")
    return UserError(f"{where}: {_MEANINGS.get(response.status_code) or _unexpected(response)}")


def check_same_dataset(response: httpx2.Response) -> None:
    """Raise UserError when the hub answered for another dataset or commit than was asked for.

    A renamed repository redirects silently, and the one that took over its name may hold anything.
    """
    asked = None
    for answer in (*response.history, response):
        found = _DATASET.search(answer.url.path)
        if found is None or not str(answer.url).startswith(f"{hub_endpoint()}/"):
            continue
        asked = asked or found
        commit = answer.headers.get("X-Repo-Commit", "")
        check_renamed(asked["repository"], found["repository"])
        if _COMMIT.fullmatch(asked["revision"]) and _COMMIT.fullmatch(commit):
            check_revision(asked["repository"], asked["revision"], commit)


def check_renamed(asked: str, answered: str) -> None:
    """Raise UserError when the repository that answered is not the one asked for."""
    if asked != answered:
        raise UserError(
            f"{asked}: renamed, {answered!r} answers for it; if that is what you want,"
            " ask for it by that name"
        )


def check_revision(repository: str, asked: str, answered: str) -> None:
    """Raise UserError when a commit was asked for and another one answered."""
    if _COMMIT.fullmatch(asked) and asked != answered:
        raise UserError(
            f"{repository}: revision {asked} was asked for, {answered!r} answered;"
            " the repository is not what it was, check it before you use it"
        )


def unreachable(error: httpx2.RequestError, url: str) -> UserError | TryAgain:
    """Return what to raise for a request that got no whole answer."""
    where = shown(url)
    causes = list(_causes(error))
    if isinstance(error, httpx2.UnsupportedProtocol | httpx2.TooManyRedirects):
        return UserError(f"{where}: redirects in circles or to no URL; check the URL")
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return UserError(
            f"{where}: TLS: the host's certificate is not trusted; check the URL, the clock"
            " and, behind a proxy of your own, SSL_CERT_FILE"
        )
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return TryAgain(UserError(f"{where}: TLS: no secure connection; check the URL"))
    for cause in causes:
        if isinstance(cause, socket.gaierror):
            problem = UserError(f"{where}: no such host; check the URL and your connection")
            return problem if cause.errno == socket.EAI_NONAME else TryAgain(problem)
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        what = "connection refused; check the URL and port, or run again later"
    elif isinstance(error, httpx2.TimeoutException):
        what = "no answer in time; run again to continue"
    elif isinstance(error, httpx2.ProxyError):
        what = "the proxy does not let it through; check your proxy settings"
    elif isinstance(error, httpx2.ConnectError):
        what = "cannot connect; check the URL and your connection"
    else:
        what = "the connection keeps breaking; run again to continue"
    return TryAgain(UserError(f"{where}: {what}"))


def too_near(url: str) -> UserError:
    """Return the error for a request that is sent on to where it must not go."""
    return UserError(
        f"{shown(url)}: leads to a private address, and did not start at one; not followed, name"
        " what you want with --source"
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and everything that led to it, members of groups included."""
    while error is not None:
        yield error
        for member in error.exceptions if isinstance(error, BaseExceptionGroup) else ():
            yield from _causes(member)
        error = error.__cause__ or error.__context__
