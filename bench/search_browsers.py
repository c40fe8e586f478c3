"""Chromium and Firefox, each new tab with nothing cached, and what a page asked for when.

Chromium is driven by Playwright. Playwright drives only a Firefox of its own, so Firefox is driven
here by WebDriver BiDi, which it speaks itself.

Lives here: starting, opening, running functions in a page, the log that a page keeps. Not here: who
serves (`search_hosts`), what is measured (`search_cost`).
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from playwright.sync_api import Browser, Page, sync_playwright
from websockets.sync.client import ClientConnection, connect

CHROMIUM, FIREFOX = Path("/usr/bin/chromium"), Path("/usr/bin/firefox-esr")
_PATIENCE = 120.0  # seconds for one answer of a browser

#: Runs before a page's own scripts: keeps what is asked for, from when to when, and when the first
#: result stands in the page. Failures are kept too.
PRELOAD = """() => {
  const log = [];
  const begin = (url, kind) => {
    const entry = { url: String(url), kind, start: performance.now(), end: 0, status: 0 };
    log.push(entry);
    return entry;
  };
  const { fetch } = window;
  window.fetch = async (what, options) => {
    const entry = begin(what.url ?? what, 'fetch');
    try {
      const reply = await fetch(what, options);
      entry.status = reply.status;
      entry.end = performance.now();
      for (const name of ['arrayBuffer', 'text', 'json', 'blob', 'bytes']) {
        const read = reply[name];
        reply[name] = async () => {
          const whole = await read.call(reply);
          entry.end = performance.now();
          return whole;
        };
      }
      return reply;
    } catch (error) {
      entry.end = performance.now();
      throw error;
    }
  };
  // A script's data may be used, and the next file asked for, before its load event.
  let take = null;
  Object.defineProperty(window, 'LaionIndex', {
    configurable: true,
    set: (receive) => (take = receive),
    get: () =>
      take &&
      ((...data) => {
        const { src } = document.currentScript ?? {};
        const entry = log.find(({ kind, url, end }) => kind === 'script' && url === src && !end);
        Object.assign(entry ?? {}, { end: performance.now(), status: 200 });
        return take(...data);
      }),
  });
  const bench = (window.searchBench = { log, first: 0 });
  new MutationObserver((changes) => {
    for (const node of changes.flatMap((change) => [...change.addedNodes])) {
      if (node.nodeName === 'SCRIPT' && node.src && document.readyState !== 'loading') {
        const entry = begin(node.src, 'script');
        for (const event of ['load', 'error']) {
          node.addEventListener(event, () => {
            entry.end ||= performance.now();
            entry.status ||= event === 'load' ? 200 : 0;
          });
        }
      } else if (node.nodeName === 'LI' && !bench.first && node.closest('#results')) {
        bench.first = performance.now();
      }
    }
  }).observe(document, { childList: true, subtree: true });
}"""


class Tab(Protocol):
    """A page of a browser that has nothing cached."""

    def open(self, address: str) -> None:
        """Load a page; return when its scripts have run."""

    def run(self, function: str, argument: object = None) -> Any:
        """Call a function in the page with one argument; return what its promise gives."""


Tabs = Callable[[], AbstractContextManager[Tab]]


class _ChromiumTab:
    def __init__(self, page: Page) -> None:
        self._page = page

    def open(self, address: str) -> None:
        self._page.goto(address)

    def run(self, function: str, argument: object = None) -> Any:
        return self._page.evaluate(function, argument)


@contextmanager
def _chromium_tab(browser: Browser) -> Iterator[Tab]:
    context = browser.new_context()
    try:
        context.add_init_script(f"({PRELOAD})()")
        yield _ChromiumTab(context.new_page())
    finally:
        context.close()


@contextmanager
def chromium() -> Iterator[Tabs]:
    """Start Chromium; yield what opens tabs."""
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=flags)
        try:
            yield lambda: _chromium_tab(browser)
        finally:
            browser.close()


class _Session:
    """A session of WebDriver BiDi."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._number = 0

    def ask(self, method: str, **parameters: object) -> Any:
        """Send a command; return its result, raise RuntimeError for an error."""
        self._number += 1
        command = {"id": self._number, "method": method, "params": parameters}
        self._socket.send(json.dumps(command))
        while True:
            reply = json.loads(self._socket.recv(_PATIENCE))
            if reply.get("id") == self._number:
                break
        if reply["type"] != "success":
            raise RuntimeError(f"{method}: {reply.get('message') or reply.get('error')}")
        return reply["result"]


class _FirefoxTab:
    def __init__(self, session: _Session, context: str) -> None:
        self._session = session
        self._context = context

    def open(self, address: str) -> None:
        self._session.ask(
            "browsingContext.navigate", context=self._context, url=address, wait="complete"
        )

    def run(self, function: str, argument: object = None) -> Any:
        reply = self._session.ask(
            "script.callFunction",
            functionDeclaration=(
                f"async (text) => JSON.stringify((await ({function})(JSON.parse(text))) ?? null)"
            ),
            arguments=[{"type": "string", "value": json.dumps(argument)}],
            target={"context": self._context},
            awaitPromise=True,
        )
        if reply["type"] != "success":
            raise RuntimeError(reply["exceptionDetails"]["text"])
        return json.loads(reply["result"]["value"])


@contextmanager
def _firefox_tab(session: _Session) -> Iterator[Tab]:
    user = session.ask("browser.createUserContext")["userContext"]
    try:
        made = session.ask("browsingContext.create", type="tab", userContext=user)
        yield _FirefoxTab(session, made["context"])
    finally:
        session.ask("browser.removeUserContext", userContext=user)


@contextmanager
def firefox() -> Iterator[Tabs]:
    """Start Firefox; yield what opens tabs."""
    with tempfile.TemporaryDirectory(prefix="firefox-", ignore_cleanup_errors=True) as profile:
        command = [str(FIREFOX), "--headless", "--no-remote", "--profile", profile]
        command += ["--remote-debugging-port=0", "about:blank"]
        process = subprocess.Popen(
            command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        )
        try:
            assert process.stderr is not None  # noqa: S101 - it is a pipe
            address = _address(process.stderr)
            with connect(f"{address}/session", max_size=None) as socket:
                session = _Session(socket)
                session.ask("session.new", capabilities={})
                session.ask("script.addPreloadScript", functionDeclaration=PRELOAD)
                yield lambda: _firefox_tab(session)
                with suppress(Exception):
                    session.ask("browser.close")
        finally:
            process.terminate()
            process.communicate()  # which closes its end of the pipe as well


def _address(lines: Iterator[str] | Any) -> str:
    """Return where Firefox listens, as it says once it does."""
    ends = time.monotonic() + _PATIENCE
    for line in lines:
        if found := re.search(r"ws://\S+", line):
            return found[0]
        if time.monotonic() > ends:
            break
    raise RuntimeError("Firefox did not start")


BROWSERS = {"chromium": (CHROMIUM, chromium), "firefox": (FIREFOX, firefox)}
