"""Pictures of every page, light and dark, wide and phone-narrow: `make screenshots`.

They go to screenshots/, which is not in the repository; the ones that the README shows are
copied to docs/images by hand, after somebody has looked at them.
"""

from __future__ import annotations

from pathlib import Path

from bench.pages.browser import POINTS, App, chromium, served, wait_until_idle
from nin.paths import ROOT

PAGES = {"train": "", "classify": "classify", "layers": "layers"}
WIDTHS = {"wide": 1440, "narrow": 390}
SETTLE_MILLISECONDS = 3000
TRAINED_POINTS = 60


def take_all(app: App, directory: Path) -> None:
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(app.url)
        wait_until_idle(page)
        page.locator(".st-key-start button").click()
        page.wait_for_function(f"{POINTS} > {TRAINED_POINTS}", timeout=300_000)
        page.locator(".st-key-stop button").click()
        page.wait_for_selector(".st-key-run-status >> text=Stopped", timeout=60_000)
        for scheme in ("light", "dark"):
            for width_name, width in WIDTHS.items():
                page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
                for name, address in PAGES.items():
                    page.goto(f"{app.url}/{address}")
                    wait_until_idle(page)
                    page.wait_for_timeout(SETTLE_MILLISECONDS)
                    page.screenshot(path=directory / f"{name}-{width_name}-{scheme}.png")
                page.close()


def main() -> None:
    directory = ROOT / "screenshots"
    directory.mkdir(exist_ok=True)
    with served() as app:
        take_all(app, directory)
    print(f"{len(list(directory.glob('*.png')))} pictures in {directory}")


if __name__ == "__main__":
    main()
