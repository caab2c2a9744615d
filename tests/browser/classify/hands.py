"""What the tests of the Classify page do and look at."""

from __future__ import annotations

import io

from PIL import Image
from playwright.sync_api import Locator, Page

from drawings.evaluation.shapes import TUNING

T_SHIRT = TUNING[0][0][0]
INK = (
    "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.filter((v, i) => i % 4 === 0 && v < 128).length"
)


def answer(page: Page):
    return page.locator(".st-key-prediction .answer[data-item]")  # drawn, not merely mounted


def png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def upload(page: Page, *files: tuple[str, bytes]) -> None:
    payload = [{"name": name, "mimeType": "image/png", "buffer": content} for name, content in files]
    page.locator(".st-key-upload input[type=file]").set_input_files(payload)


def sheet_points(page: Page, points):
    page.locator(".st-key-canvas canvas").scroll_into_view_if_needed()
    box = page.locator(".st-key-canvas canvas").bounding_box()
    return [(box["x"] + x / 100 * box["width"], box["y"] + y / 100 * box["height"]) for x, y in points]


def draw_with_mouse(page: Page, points) -> None:
    first, *rest = sheet_points(page, points)
    page.mouse.move(*first)
    page.mouse.down()
    for point in rest:
        page.mouse.move(*point, steps=3)
    page.mouse.up()


def draw_with_finger(page: Page, points) -> None:
    _touch(page, sheet_points(page, points))


def swipe(page: Page, over: Locator, begin: tuple[float, float], end: tuple[float, float]) -> None:
    """A finger that moves over something, from one place to another in shares of its width and height."""
    box = over.bounding_box()
    (x, y), (to_x, to_y) = ((box["x"] + a * box["width"], box["y"] + b * box["height"]) for a, b in (begin, end))
    _touch(page, [(x + (to_x - x) * part / 10, y + (to_y - y) * part / 10) for part in range(11)])


def _touch(page: Page, places) -> None:
    """Real touch events, by the browser's own protocol."""
    session = page.context.new_cdp_session(page)

    def touch(kind: str, *places) -> None:
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in places]})

    first, *rest = places
    touch("touchStart", first)
    for place in rest:
        touch("touchMove", place)
    touch("touchEnd")
