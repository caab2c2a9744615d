"""Figures and screenshots of the data set's images, laid out as matplotlib, notebooks and browsers do it.

Drawn with Pillow alone, so that they can be made anywhere. The three splits share no parameter that
matters: sizes, colours, compression, arrangement. Nothing is fitted to them; *design* was looked at.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from nin.classify.figure.colour_map import painted
from nin.data.dataset import Split

Bytes = NDArray[np.uint8]

KINDS = ("axes", "colorbar", "title", "off", "row", "grid", "notebook", "dark notebook", "page")


@dataclass(frozen=True)
class Look:
    """What distinguishes a split."""

    maps: tuple[str, ...]
    scales: tuple[float, ...]  # the picture's side in pixels, in hundreds
    formats: tuple[str, ...]  # "png", or "jpeg" or "webp" with its quality
    smooth: tuple[Image.Resampling, ...]  # how an image is enlarged
    paper: tuple[str, ...]
    rows: tuple[int, ...]  # images in a row
    seed: int


_NEAREST, _LINEAR, _CUBIC = Image.Resampling.NEAREST, Image.Resampling.BILINEAR, Image.Resampling.BICUBIC
LOOKS = {
    "design": Look(
        ("viridis", "viridis", "gray", "gray", "binary", "plasma", "hot", "Blues"),
        (1.85, 3.7, 5.55), ("png", "png", "jpeg 85"), (_NEAREST, _NEAREST, _LINEAR), ("white", ""), (2, 3, 5), 1,
    ),
    "held-out": Look(
        ("viridis", "viridis", "gray", "gray", "binary", "inferno", "cividis", "Greens"),
        (1.3, 2.96, 4.44), ("png", "png", "jpeg 70"), (_NEAREST, _NEAREST, _CUBIC), ("white", "#fbfbfb"), (3, 4, 6), 2,
    ),
    "blind": Look(
        ("viridis", "viridis", "gray", "gray", "binary", "magma", "jet", "copper", "YlGnBu"),
        (1.1, 2.2, 3.33, 7.4), ("png", "png", "webp 80", "jpeg 92"), (_NEAREST, _NEAREST, _LINEAR, _CUBIC),
        ("white", "", "#eaeaf2"), (2, 4, 8), 3,
    ),
}  # fmt: skip


def figures(split: str, images: Split, count: int = 10) -> Iterator[tuple[int, int, str, Image.Image]]:
    """`count` figures of each kind: number and class of the first image, kind, RGBA picture."""
    look = LOOKS[split]
    random = np.random.default_rng(look.seed)
    for kind in KINDS:
        for _ in range(count):
            several = {"row": int(random.choice(look.rows)), "grid": 9}.get(kind, 1)
            numbers = random.integers(0, len(images.labels), several)
            picture = draw_figure([images.images[int(number)].numpy() for number in numbers], kind, look, random)
            yield int(numbers[0]), int(images.labels[int(numbers[0])]), kind, picture


def draw_figure(images: list[Bytes], kind: str, look: Look, random: np.random.Generator) -> Image.Image:
    """A figure of uint8 (28, 28) images, of one of the KINDS."""
    side = round(100 * float(random.choice(look.scales)))
    name = str(random.choice(look.maps))
    smooth = look.smooth[int(random.integers(len(look.smooth)))]
    across = {"row": len(images), "grid": 3}.get(kind, 1)
    side = max(60, side // {"row": 2, "grid": 2}.get(kind, 1))
    panels = [Image.fromarray(painted(image / 255, name)).resize((side, side), smooth) for image in images]
    margin = round(0.3 * side) if kind != "page" else 20
    down = -(-len(panels) // across)
    width = margin + across * (side + margin) + (side // 4 if kind == "colorbar" else 0)
    paper = str(random.choice(look.paper)) if kind not in ("notebook", "dark notebook", "page") else "white"
    sheet = Image.new("RGBA", (width, margin + down * (side + margin)), paper or (255, 255, 255, 0))
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(max(9, side // 24))
    has_axes = kind in ("axes", "colorbar", "notebook", "dark notebook", "grid")
    for number, panel in enumerate(panels):
        left, top = margin + number % across * (side + margin), margin + number // across * (side + margin)
        sheet.paste(panel, (left, top))
        if has_axes:
            _axes(pen, left, top, side, font)
        if kind in ("title", "row"):
            pen.text((left + side // 2, top - margin // 6), f"image {number}", "black", font, anchor="md")
    if kind == "colorbar":
        _bar(sheet, name, (margin + side + margin // 4, margin, side), font)
    if kind in ("notebook", "dark notebook", "page"):
        sheet = _on_a_screen(sheet, kind, font)
    return _stored(sheet, str(random.choice(look.formats)))


def _axes(pen: ImageDraw.ImageDraw, left: int, top: int, side: int, font: ImageFont.ImageFont) -> None:
    line = max(1, side // 300)
    tick = 4 * line
    pen.rectangle((left - line, top - line, left + side, top + side), outline="black", width=line)
    for value in range(0, 28, 5):
        at = round((value + 0.5) * side / 28)
        pen.line((left + at, top + side, left + at, top + side + tick), "black", line)
        pen.line((left - tick, top + at, left, top + at), "black", line)
        pen.text((left + at, top + side + 2 * tick), str(value), "black", font, anchor="mt")
        pen.text((left - 2 * tick, top + at), str(value), "black", font, anchor="rm")


def _bar(sheet: Image.Image, name: str, place: tuple[int, int, int], font: ImageFont.ImageFont) -> None:
    """The map's colours from 0 to 255; `place` is left, top, height."""
    left, top, side = place
    pen = ImageDraw.Draw(sheet)
    values = np.repeat(np.linspace(1, 0, side)[:, None], max(6, side // 20), axis=1)
    sheet.paste(Image.fromarray(painted(values, name)), (left, top))
    right = left + values.shape[1]
    pen.rectangle((left - 1, top - 1, right, top + side), outline="black")
    for value in range(0, 256, 50):
        pen.text((right + 5, top + side - round(value / 255 * side)), str(value), "black", font, anchor="lm")


def _on_a_screen(sheet: Image.Image, kind: str, font: ImageFont.ImageFont) -> Image.Image:
    """The figure below a cell of code, or in a page of text."""
    dark = kind == "dark notebook"
    page = Image.new("RGBA", (sheet.width + 260, sheet.height + 210), "#111418" if dark else "white")
    pen = ImageDraw.Draw(page)
    words = "#d4d4d4" if dark else "#222222"
    if kind == "page":
        for line in range(4):
            pen.text((40, 20 + 26 * line), "The images of the data set have 28 by 28 pixels each, " * 2, words, font)
    else:
        pen.rectangle(
            (90, 24, page.width - 20, 110), "#1f242b" if dark else "#f7f7f7", "#3c434d" if dark else "#cfcfcf"
        )
        pen.text((24, 34), "In [3]:", "#6a9fd8", font)
        for line, code in enumerate(("image, label = data[42]", "plt.imshow(image)", "plt.show()")):
            pen.text((104, 34 + 24 * line), code, words, font)
    page.paste(sheet, (100, 150), sheet)
    return page


def _stored(picture: Image.Image, form: str) -> Image.Image:
    name, _, quality = form.partition(" ")
    buffer = io.BytesIO()
    if quality:
        flat = Image.new("RGBA", picture.size, "white")
        flat.alpha_composite(picture)
        flat.convert("RGB").save(buffer, name, quality=int(quality))
    else:
        picture.save(buffer, name)
    return Image.open(buffer).convert("RGBA")
