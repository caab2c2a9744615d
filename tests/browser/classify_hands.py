"""What the tests of the Classify page do and look at."""

from __future__ import annotations

import io

from PIL import Image
from playwright.sync_api import Page


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
    """Real touch events, by the browser's own protocol."""
    session = page.context.new_cdp_session(page)

    def touch(kind: str, *places) -> None:
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in places]})

    first, *rest = sheet_points(page, points)
    touch("touchStart", first)
    for point in rest:
        touch("touchMove", point)
    touch("touchEnd")
