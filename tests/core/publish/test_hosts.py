"""Limits of hosts: told before anything is sent, each in a sentence that says what to change."""

from __future__ import annotations

from pathlib import Path

import pytest

from laion_assets.core.base.errors import UserError
from laion_assets.core.publish.hosts import ANY, HOSTS, Host, check_host, host_named
from laion_assets.core.publish.outgoing import Outgoing

MIB = 2**20


def site(**sizes: int) -> Outgoing:
    """A site of files of these sizes; `_` in a name is a slash."""
    named = {name.replace("_", "/"): size for name, size in sizes.items()}
    return Outgoing(Path("site"), dict.fromkeys(named, ""), named, {})


def refusal(host: Host, outgoing: Outgoing) -> str:
    """Return what is said of a site that a host does not take."""
    with pytest.raises(UserError) as raised:
        check_host(host, outgoing)
    assert "\n" not in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize("name", [*HOSTS, ANY])
def test_every_host_takes_a_small_site(name: str) -> None:
    """And says where its limits are from, if it has any."""
    host = host_named(name)
    check_host(host, site(index=1, a_b=2))
    limits = (host.files, host.in_folder, host.largest, host.total)
    assert host.sources or name == ANY or limits == (None,) * 4
    assert all(source.startswith("https://") for source in host.sources)


def test_too_many_files_are_told_with_how_many_to_build() -> None:
    """Less the files that the host wants besides."""
    said = refusal(Host("H", files=3, besides=(".x",)), site(a=1, b=1, c=1, d=1))
    assert said == (
        "H does not take this site: 4 files, 3 at most (`laion-assets build --max-files 2`)"
    )


def test_a_file_that_is_too_large_is_named() -> None:
    """More files are smaller; where that is no way out, it is not advised."""
    outgoing = site(search_x=50 * MIB, index=1)
    assert "search/x has 50.0 MiB, 25.0 MiB at most (`laion-assets build --max-files 1000`" in (
        refusal(Host("H", largest=25 * MIB), outgoing)
    )
    assert "fewer rows" in refusal(Host("H", largest=25 * MIB, files=500), outgoing)


def test_a_site_that_is_too_large_and_folders_that_are_too_full_are_told() -> None:
    """In one line together."""
    said = refusal(Host("H", total=10, in_folder=2), site(d_a=5, d_b=5, d_c=5))
    assert "3 files in d, 2 in a folder at most" in said
    assert "0.0 MiB in all, 0.0 MiB at most" in said


def test_any_host_is_the_strictest_of_all() -> None:
    """So that a site which passes may go anywhere."""
    strictest = host_named(ANY)
    for host in HOSTS.values():
        for limit in ("files", "in_folder", "largest", "total"):
            if (of_host := getattr(host, limit)) is not None:
                assert getattr(strictest, limit) <= of_host
    assert ".nojekyll" in strictest.besides
