"""The gates of the pages, at every width and in both themes, on a site of any size.

`python -m bench.site_gates SITE --pictures FOLDER`: opens a page of each kind from the disk and
prints what is wrong with it; `tests/browser/gates.py` says what that is. Not here: the same on the
small sites of the tests (`tests/browser/test_gates.py`); bytes and milliseconds (`search_cost`).
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.gates import SHIFTS, faults, kinds_of, settle
from tests.browser.search_site import chromium

WIDTHS = (360, 768, 1440)
THEMES = ("light", "dark")
_HEIGHTS = {360: 740, 768: 1024, 1440: 900}


def main() -> int:
    """Print every fault; return 1 when there is any."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("site", type=Path)
    parser.add_argument("--pictures", type=Path, help="of every page, to be looked at")
    options = parser.parse_args()
    site: Path = options.site.resolve()
    told = 0
    with chromium() as browser:
        page = browser.new_page()
        page.add_init_script(SHIFTS)
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        for path in kinds_of(site):
            for width in WIDTHS:
                for theme in THEMES:
                    page.set_viewport_size({"width": width, "height": _HEIGHTS[width]})
                    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
                    settle(page, site, path)
                    _picture(page, options.pictures, f"{path} {width} {theme}")
                    wrong = [*faults(page, width), *said]
                    said.clear()
                    told += len(wrong)
                    for fault in wrong:
                        print(f"{path} at {width}, {theme}: {fault}", flush=True)
    print(f"{told} faults on {len(kinds_of(site))} kinds of page")
    return 1 if told else 0


def _picture(page: Page, folder: Path | None, name: str) -> None:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=folder / f"{re.sub('[^a-z0-9]+', '-', name)}.png")


if __name__ == "__main__":
    sys.exit(main())
