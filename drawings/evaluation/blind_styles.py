"""The drawings of `blind` in seven more styles: crayon, emoji, dark icon, line icon, product render, cloth, snapshot."""

import math
from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from drawings.evaluation.blind import BLIND, Garment
from drawings.evaluation.shapes import Points

_FINE = 3  # drawn larger, then reduced
Colour = str | tuple[int, int, int, int]
_CLEAR = (0, 0, 0, 0)

# One of each row for a drawing, by its number.
PALETTES = {
    "crayon": ["#d2392f #7a1c18", "#2f6fc4 #173a78", "#3d9a4a #1c5a2a", "#e08a1e #8a4a10", "#8a4fb0 #4a2468"],
    "emoji": ["#ffcc4d #f4900c", "#5dadec #2a6797", "#ea596e #a0041e", "#77b255 #3e721d", "#c1694f #662113"],
    "dark": ["#2b1b4a", "#0f2f4a", "#3a1626", "#123a36", "#20242c"],
    "render": ["#4a6b8a", "#8c3b3b", "#b7a58a", "#3a3f47", "#6b7f5a"],
    "cloth": [
        "#e4ecf2 #fbfbf7 #27486e",
        "#f2e6e0 #f7d9c4 #a23b2e",
        "#e6efe2 #f4f2dc #2f6a4f",
        "#ece8f3 #e9dff2 #58407e",
    ],
}


class _Sheet:
    """A picture being drawn, in units of the drawings: `scale` pixels a unit from (left, top)."""

    def __init__(self, size: tuple[int, int], ground: Colour, scale: float, left: float, top: float) -> None:
        self.picture = Image.new("RGBA", (size[0] * _FINE, size[1] * _FINE), ground)
        self.ink = ImageDraw.Draw(self.picture)
        self.place = scale, left, top

    def _at(self, points: Points) -> Points:
        scale, left, top = self.place
        return [((x * scale + left) * _FINE, (y * scale + top) * _FINE) for x, y in points]

    def fill(self, points: Points, colour: Colour) -> None:
        self.ink.polygon(self._at(points), fill=colour)

    def stroke(self, points: Points, width: float, colour: Colour) -> None:
        """A line with round ends, `width` pixels; a single point becomes a dot a little wider."""
        run, width = self._at(points), width * _FINE
        self.ink.line(run, fill=colour, width=round(width), joint="curve")
        for x, y in run:
            r = (width - 1) / 2 if len(run) > 1 else width * 0.8
            self.ink.ellipse((x - r, y - r, x + r, y + r), fill=colour)

    def rim(self, points: Points, width: float, colour: Colour) -> None:
        self.stroke([*points, points[0]], width, colour)

    def drawn(
        self, garment: Garment, fills: tuple[Colour, Colour], widths: tuple[float, float, float], colour: Colour
    ) -> None:
        """Body, trims and lines, each with its width, so that what lies in front covers what lies behind."""
        for surfaces, cloth, width in (([garment.body], fills[0], widths[0]), (garment.trims, fills[1], widths[1])):
            for points in surfaces:
                self.fill(points, cloth)
                self.rim(points, width, colour)
        for points in garment.lines:
            self.stroke(points, widths[2], colour)

    def done(self) -> Image.Image:
        return self.picture.resize((self.picture.width // _FINE, self.picture.height // _FINE), Image.Resampling.BOX)


def _number(garment: Garment) -> int:
    """A number that differs between drawings, for their colours and grain."""
    return int(sum(x * 3 + y * 7 for x, y in garment.body)) + len(garment.lines)


def _colours(garment: Garment, style: str) -> list[str]:
    choices = PALETTES[style]
    return choices[_number(garment) % len(choices)].split()


def _noise(garment: Garment, size: tuple[int, int]) -> np.ndarray:
    return np.random.default_rng(_number(garment)).normal(0, 1, (size[1], size[0]))


def _image(values: np.ndarray) -> Image.Image:
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))


def _rgb(colour: str) -> np.ndarray:
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], dtype=float)


def _mask(garment: Garment, size: tuple[int, int], place: tuple[float, float, float], width: float) -> Image.Image:
    """Where there is cloth: the surfaces, and lines that leave them (straps) as cords."""
    sheet = _Sheet(size, _CLEAR, *place)
    for points in (garment.body, *garment.trims):
        sheet.fill(points, "white")
    for points in _cords(garment):
        sheet.stroke(points, width, "white")
    return sheet.done().getchannel("A")


def _cords(garment: Garment) -> list[Points]:
    """The lines that rise above the body of a drawing without trims: a bag's handle, a gown's straps."""
    top = min(y for _, y in garment.body)
    return [points for points in garment.lines if min(y for _, y in points) < top - 3 and not garment.trims]


def crayon(garment: Garment) -> Image.Image:
    """Waxy strokes on cream paper, the surfaces filled by hatching that does not quite meet them."""
    size, place = (360, 380), (2.9, 34, 40)
    random = np.random.default_rng(_number(garment))
    tooth = np.asarray(_image(128 + 60 * _noise(garment, size)).filter(ImageFilter.GaussianBlur(0.7)), dtype=float)
    page = np.full((size[1], size[0], 3), [250, 243, 224]) + (tooth[..., None] - 128) * 0.05
    colours = _colours(garment, "crayon")

    hatching = _Sheet(size, _CLEAR, *place)
    for step in np.arange(-105, 105, 3.1):
        start = step + random.normal(0, 0.5)
        hatching.stroke([(-5, start + 5), (105, start + 45 + random.normal(0, 1.5))], 5.2, "white")
        hatching.stroke([(-5, start + 60), (105, start + 100 + random.normal(0, 1.5))], 5.2, "white")
    inside = _mask(garment, size, place, 4).filter(ImageFilter.MinFilter(3))
    outline = _Sheet(size, _CLEAR, *place)
    outline.drawn(garment, (_CLEAR, _CLEAR), (6, 6, 5.5), "white")
    layers = (
        (ImageChops.multiply(hatching.done().getchannel("A"), inside), 0.72),
        (outline.done().getchannel("A"), 0.95),
    )
    for (layer, most), colour in zip(layers, colours, strict=True):
        # Wax catches on the paper's grain only.
        cover = np.asarray(layer, dtype=float) / 255 * np.clip((tooth - 96) / 34, 0.08, 1) * most
        page = page * (1 - cover[..., None]) + _rgb(colour) * cover[..., None]
    return _image(page).convert("RGBA")


def emoji(garment: Garment) -> Image.Image:
    """Two flat tones inside a thick dark rim, on transparency."""
    sheet = _Sheet((136, 136), _CLEAR, 1.24, 6, 5)
    light, deep = _colours(garment, "emoji")
    for points in _cords(garment):
        sheet.stroke(points, 6, "#292f33")
    sheet.drawn(garment, (light, deep), (5, 4, 3), "#292f33")
    return sheet.done()


def dark(garment: Garment) -> Image.Image:
    """An app's icon in dark mode: a light garment with thin lines on a rounded dark tile."""
    sheet = _Sheet((256, 256), _CLEAR, 1.7, 43, 43)
    (ground,) = _colours(garment, "dark")
    sheet.ink.rounded_rectangle((0, 0, 256 * _FINE - 1, 256 * _FINE - 1), 56 * _FINE, fill=ground)
    for points in _cords(garment):
        sheet.stroke(points, 5, "#f2f0ea")
    for surfaces, tone in (([garment.body], "#f2f0ea"), (garment.trims, "#cfcbe0")):
        for points in surfaces:
            sheet.rim(points, 2.2, ground)
            sheet.fill(points, tone)
    for points in garment.lines:
        if points not in _cords(garment):
            sheet.stroke(points, 1.8, ground)
    return sheet.done()


def line_icon(garment: Garment) -> Image.Image:
    """Round strokes of 1.5 on a grid of 24, shown at 48 pixels, thinner inside."""
    sheet = _Sheet((48, 48), _CLEAR, 0.42, 3, 3)
    sheet.drawn(garment, (_CLEAR, _CLEAR), (3, 1.8, 1.5), "#1f2328")
    return sheet.done()


def render(garment: Garment) -> Image.Image:
    """A product picture: rounded by soft light, on white, with a shadow below."""
    size, place = (500, 500), (3.9, 55, 48)
    solid = _mask(garment, size, place, 13)
    # Height from the outline inwards; light falls from the upper left.
    height = sum(np.asarray(solid.filter(ImageFilter.GaussianBlur(r)), dtype=float) for r in (5, 14, 30)) / 255
    down, across = np.gradient(height)
    light = 1 + 5.0 * across + 7.0 * down
    colour = _rgb(*_colours(garment, "render"))
    cloth = _image(colour * np.clip(light, 0.45, 1.5)[..., None])

    tone = _Sheet(size, _CLEAR, *place)
    for points in garment.trims:
        tone.fill(points, (0, 0, 0, 60))
        tone.rim(points, 2, (0, 0, 0, 130))
    for points in garment.lines:
        if points not in _cords(garment):
            tone.stroke(points, 2.6, (0, 0, 0, 130))
    details = tone.done().filter(ImageFilter.GaussianBlur(0.9))
    cloth.paste("black", (0, 0), details.getchannel("A"))

    page = Image.new("RGB", size, "white")
    below = ImageChops.offset(solid, 5, 14).filter(ImageFilter.GaussianBlur(11))
    page.paste("#20242c", (0, 0), below.point(lambda a: a * 0.3))
    page.paste(cloth, (0, 0), solid.filter(ImageFilter.GaussianBlur(0.6)))
    return page.convert("RGBA")


def cloth(garment: Garment) -> Image.Image:
    """Cut from striped or checked cloth, with a fine outline, on a tinted card."""
    size, place = (320, 300), (2.5, 36, 24)
    ground, light, deep = _colours(garment, "cloth")
    across, down = np.meshgrid(np.arange(size[0]), np.arange(size[1]))
    bars = [(band // 9) % 2 for band in (down, across)]
    pattern = bars[0] if _number(garment) % 2 else (bars[0] + bars[1]) / 2
    weave = _image(_rgb(light) + (_rgb(deep) - _rgb(light)) * pattern[..., None])
    page = Image.new("RGB", size, ground)
    page.paste(weave, (0, 0), _mask(garment, size, place, 4))

    seams = _Sheet(size, _CLEAR, *place)
    seams.drawn(garment, (_CLEAR, deep), (2.6, 2.6, 2.2), "#1b1d24")
    return Image.alpha_composite(page.convert("RGBA"), seams.done())


def snapshot(garment: Garment) -> Image.Image:
    """A phone's picture of a pencil drawing on lined paper: tilted, soft, dark at the corners."""
    size, tilt = (480, 560), math.radians(8)
    page = _Sheet(size, "#f1efe6", 3.1, 92, 118)
    for y in range(6, 112, 9):
        page.stroke([(-60, y * 1.5 - 36), (160, y * 1.5 - 36)], 1.2, "#b4c8de")
    page.stroke([(-16, -60), (-16, 180)], 1.4, "#e0a2a2")
    paper = page.done()
    for shift in (0.0, 0.6):  # a pencil goes over its line twice
        stroke = _Sheet(size, _CLEAR, 3.1, 92, 118)
        surfaces = [
            [(x + shift * math.sin(y / 9), y + shift * math.cos(x / 11)) for x, y in points]
            for points in (garment.body, *garment.trims)
        ]
        again = Garment(surfaces[0], garment.lines, surfaces[1:])
        stroke.drawn(again, (_CLEAR, _CLEAR), (2, 2, 1.8), (85, 86, 92, 190))
        paper = Image.alpha_composite(paper, stroke.done())
    across, down = np.meshgrid(np.linspace(-1, 1, size[0]), np.linspace(-1, 1, size[1]))
    # The page turned about its middle: enlarged a little, so that no corner of it shows.
    grow, middle = 0.84, (size[0] / 2, size[1] / 2)
    cos, sin = grow * math.cos(tilt), grow * math.sin(tilt)
    matrix = cos, sin, middle[0] * (1 - cos) - middle[1] * sin, -sin, cos, middle[1] * (1 - cos) + middle[0] * sin
    turned = paper.convert("RGB").transform(size, Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC)
    values = np.asarray(turned.filter(ImageFilter.GaussianBlur(0.8)), dtype=float)
    shade = 0.93 - 0.05 * across - 0.24 * ((across**2 + down**2) / 2) ** 1.5
    values = values * shade[..., None] * [1.0, 0.975, 0.92] + 3.0 * _noise(garment, size)[..., None]
    return _image(values).convert("RGBA")


STYLES: dict[str, Callable[[Garment], Image.Image]] = {
    style.__name__: style for style in (crayon, emoji, dark, line_icon, render, cloth, snapshot)
}


def blind_pictures() -> Iterator[tuple[int, str, Image.Image]]:
    """Every drawing of the blind set in every style: class, style, RGBA picture."""
    for class_id, drawings in BLIND.items():
        for drawing in drawings:
            for name, style in STYLES.items():
                yield class_id, name, style(drawing)
