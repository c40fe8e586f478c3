"""What the client's checks are installed from: names, versions and hashes, no address."""

import json

from tests.repository import ROOT

CLIENT = ROOT / "client"


def test_the_lock_file_has_hashes_and_no_address():
    """Every package has a SHA-512; whoever installs takes it from the registry they use."""
    text = (CLIENT / "package-lock.json").read_text(encoding="utf-8")
    packages = json.loads(text)["packages"]
    del packages[""]
    assert packages
    assert all(package["integrity"].startswith("sha512-") for package in packages.values())
    assert "://" not in text


def test_the_client_itself_needs_no_package():
    """What is installed only checks: the pages' scripts run as they are."""
    package = json.loads((CLIENT / "package.json").read_text(encoding="utf-8"))
    assert "dependencies" not in package
    assert all(version[0].isdigit() for version in package["devDependencies"].values())
