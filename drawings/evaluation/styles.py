"""The drawings of `shapes` in the styles that people bring: pen, marker, poster, icon, photo."""

from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from drawings.evaluation.shapes import Points

Drawing = tuple[Points, list[Points]]
_FINE = 3  # drawn larger, then reduced


def _canvas(size: tuple[int, int], colour: object) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    picture = Image.new("RGBA", (size[0] * _FINE, size[1] * _FINE), colour)
    return picture, ImageDraw.Draw(picture)


def _placed(points: Points, scale: float, left: float, top: float) -> Points:
    return [((x * scale + left) * _FINE, (y * scale + top) * _FINE) for x, y in points]


def _stroke(pen: ImageDraw.ImageDraw, points: Points, width: float, colour: object) -> None:
    width *= _FINE
    pen.line(points, fill=colour, width=round(width), joint="curve")
    for x, y in points:
        pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=colour)


def _done(picture: Image.Image) -> Image.Image:
    return picture.resize((picture.width // _FINE, picture.height // _FINE), Image.Resampling.BOX)


def pen(drawing: Drawing) -> Image.Image:
    """A thin dark outline on white, small and off-centre."""
    picture, ink = _canvas((420, 300), "white")
    body, lines = drawing
    for points in ([*body, body[0]], *lines):
        _stroke(ink, _placed(points, 1.9, 190, 30), 2.4, "#1a2440")
    return _done(picture)


def marker(drawing: Drawing) -> Image.Image:
    """A broad outline with a gap, on squared canvas."""
    picture, ink = _canvas((280, 280), "white")
    body, lines = drawing
    points = _placed([*body, body[0]], 2.3, 25, 22)
    start, end = points[-2], points[-1]
    points[-1] = (start[0] + (end[0] - start[0]) * 0.8, start[1] + (end[1] - start[1]) * 0.8)
    _stroke(ink, points, 9, "#16181d")
    for line in lines:
        _stroke(ink, _placed(line, 2.3, 25, 22), 7, "#16181d")
    return _done(picture)


def chalk(drawing: Drawing) -> Image.Image:
    """A light outline on a dark board."""
    picture, ink = _canvas((360, 360), "#17352b")
    body, lines = drawing
    for points in ([*body, body[0]], *lines):
        _stroke(ink, _placed(points, 3.0, 30, 25), 5, "#e9efe6")
    return _done(picture)


def poster(drawing: Drawing) -> Image.Image:
    """A flat colour with darker lines, on a coloured ground."""
    picture, ink = _canvas((300, 340), "#f3d9b1")
    body, lines = drawing
    ink.polygon(_placed(body, 2.2, 40, 60), fill="#b5364f")
    for line in lines:
        _stroke(ink, _placed(line, 2.2, 40, 60), 4, "#5d1526")
    return _done(picture)


def icon(drawing: Drawing) -> Image.Image:
    """A black shape on transparency, its lines cut out, 64 pixels."""
    picture, ink = _canvas((64, 64), (0, 0, 0, 0))
    body, lines = drawing
    ink.polygon(_placed(body, 0.62, 1, 1), fill="black")
    for line in lines:
        inside = all(
            min(x for x, _ in body) <= x <= max(x for x, _ in body) and min(y for _, y in body) <= y for x, y in line
        )
        _stroke(ink, _placed(line, 0.62, 1, 1), 2 if inside else 5, (0, 0, 0, 0) if inside else "black")
    return _done(picture)


def photo(drawing: Drawing) -> Image.Image:
    """Cloth with shading and grain on a table lit from one side, with a soft shadow."""
    size, scale, left, top = (480, 400), 3.0, 80, 40
    random = np.random.default_rng(len(drawing[0]))
    light = np.linspace(222, 188, size[0])[None, :, None] + np.linspace(6, -10, size[1])[:, None, None]
    table = Image.fromarray(np.clip(light * [1.0, 0.97, 0.92], 0, 255).astype(np.uint8)).convert("RGBA")
    mask, pen_ = _canvas(size, (0, 0, 0, 0))
    body, lines = drawing
    pen_.polygon(_placed(body, scale, left, top), fill="white")
    for line in lines:
        outside = min(y for _, y in line) < min(y for _, y in body) - 1 or max(y for _, y in line) < max(
            y for _, y in body
        )
        if outside:
            _stroke(pen_, _placed(line, scale, left, top), 12, "white")
    solid = _done(mask).getchannel("A")
    shadow = Image.new("RGBA", size, (40, 34, 30, 255))
    table.paste(shadow, (9, 13), solid.filter(ImageFilter.GaussianBlur(9)).point(lambda a: a * 0.32))
    folds = 70 + 22 * np.sin(np.linspace(0, 9, size[0]))[None, :] + 12 * np.sin(np.linspace(0, 5, size[1]))[:, None]
    cloth = np.stack([folds * 0.55, folds * 0.75, folds * 1.3], axis=-1)
    garment = Image.fromarray(np.clip(cloth, 0, 255).astype(np.uint8)).convert("RGBA")
    seams = ImageDraw.Draw(garment)
    for line in lines:
        seams.line([(x / _FINE, y / _FINE) for x, y in _placed(line, scale, left, top)], fill=(18, 24, 44), width=3)
    table.paste(garment, (0, 0), solid)
    grainy = np.asarray(table.convert("RGB"), dtype=float) + random.normal(0, 3.5, (size[1], size[0], 3))
    return Image.fromarray(np.clip(grainy, 0, 255).astype(np.uint8)).convert("RGBA")


def screenshot(drawing: Drawing) -> Image.Image:
    """A cartoon, dark outline and flat colour, in a dark frame."""
    picture, ink = _canvas((320, 320), "#22262e")
    ink.rectangle([18 * _FINE, 30 * _FINE, 302 * _FINE, 302 * _FINE], fill="#fafafa")
    body, lines = drawing
    ink.polygon(_placed(body, 2.2, 50, 58), fill="#7fb7e8")
    for points in ([*body, body[0]], *lines):
        _stroke(ink, _placed(points, 2.2, 50, 58), 5, "#14304d")
    return _done(picture)


STYLES: dict[str, Callable[[Drawing], Image.Image]] = {
    style.__name__: style for style in (pen, marker, chalk, poster, icon, photo, screenshot)
}


def pictures(shapes: dict[int, list[Drawing]]) -> Iterator[tuple[int, str, Image.Image]]:
    """Every drawing in every style: class, style, RGBA picture."""
    for class_id, drawings in shapes.items():
        for drawing in drawings:
            for name, style in STYLES.items():
                yield class_id, name, style(drawing)
