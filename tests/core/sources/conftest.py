"""For the tests of sources: a server of one's own, and nothing of the machine's settings."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers import Server, isolate, serving


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nothing of the machine's own settings, and no waiting between attempts."""
    isolate(monkeypatch, tmp_path_factory.getbasetemp())


@pytest.fixture
def server() -> Iterator[Server]:
    """A server on a loopback address."""
    with serving() as running:
        yield running
