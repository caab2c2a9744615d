"""Drawings of clothes with their labels, to train beside the photos: `data/drawings`.

Photos say what a coat looks like, not how people draw one: lapels, two rows of buttons, sleeves
spread wide. Patterns with random cuts are drawn here in the styles that people use, and each
goes through the very finder that a visitor's picture goes through (`nin.classify.preprocess`).

    python -m drawings.render        draws them anew (minutes); the sheets are bundled
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFilter

from drawings.clothes import dresses_and_trousers, shoes_and_bags, tops
from drawings.shapes import Part, Points, Random
from nin.classify.preprocess import see
from nin.data.contact_sheet import to_sheet
from nin.data.drawings import DRAWINGS_DIR, sheet_path
from nin.data.fashion_mnist import CLASS_NAMES

PER_CLASS = 1600

Pattern = Callable[[Random], list[Part]]
PATTERNS: tuple[Pattern, ...] = (
    tops.t_shirt,
    dresses_and_trousers.trouser,
    tops.pullover,
    dresses_and_trousers.dress,
    tops.coat,
    shoes_and_bags.sandal,
    tops.shirt,
    shoes_and_bags.sneaker,
    shoes_and_bags.bag,
    shoes_and_bags.ankle_boot,
)
WHITE = (255, 255, 255)
SHOES = (5, 7, 9)
TOLD_BY_SEAMS = (4, 6)  # coats and shirts, whose silhouettes could be a dress's or a T-shirt's
_PAPER = 160  # pixels a side of a finished drawing
_FINE = 2  # drawn this many times larger, then reduced: smooth lines


def draw(class_id: int, random: Random) -> Image.Image:
    """One drawing of the class, RGBA on white, in a style of its own."""
    lean = random.normal(0, 4)
    if class_id in SHOES and random.random() < 0.4:  # in mid-step, the toe down
        lean -= random.uniform(0, 40)
    return draw_pattern(PATTERNS[class_id], random, lean=lean, with_seams=class_id in TOLD_BY_SEAMS)


def draw_pattern(pattern: Pattern, random: Random, *, lean: float, with_seams: bool = False) -> Image.Image:
    """A pattern on white, RGBA, drawn by an unsteady hand; `lean` turns it, in degrees.

    Now and then only its silhouette is drawn, unless it would say nothing (`with_seams`).
    """
    warp = _warp(math.radians(lean), random)
    parts = [_bend(part, warp) for part in pattern(random)]
    side = _PAPER * _FINE
    picture = Image.new("RGB", (side, side), WHITE)
    pen = ImageDraw.Draw(picture)
    scale = side * 0.42 / max(1.0, *(np.abs(part.points).max() for part in parts))
    style = random.choice(["outline", "silhouette", "stencil", "flat", "cartoon"], p=[0.34, 0.06, 0.14, 0.20, 0.26])
    if with_seams and style == "silhouette":
        style = "stencil"
    ink = tuple(int(level) for level in random.integers(0, 70, 3))
    stroke = side * random.choice([random.uniform(0.006, 0.016), random.uniform(0.016, 0.05)])
    shades = _shades(style, ink, random)
    seams = style != "silhouette" and (with_seams or random.random() < 0.9)
    # Lines round every piece of cloth: in ink, or left blank as a stencil leaves them.
    rim = {"outline": ink, "cartoon": ink, "stencil": WHITE}.get(style)
    for part in parts:
        points = [(float(x), float(y)) for x, y in part.points * scale + side / 2]
        cloth, width = shades[part.shade], part.width * scale
        if part.surface:
            if style == "silhouette" or seams or part.shade == 0:
                pen.polygon(points, fill=cloth)
                if rim is not None:
                    _stroke(pen, [*points, points[0]], stroke, rim)
        elif part.width:
            if rim is not None:
                _stroke(pen, points, width + stroke, rim)
            if rim is not ink or width > stroke * 1.5:
                _stroke(pen, points, max(width - stroke, stroke * 0.5) if rim is ink else max(width, stroke), cloth)
        elif seams:
            colour = rim if rim is not None else shades[1 if part.shade == 0 else part.shade]
            _stroke(pen, points, stroke * random.uniform(0.5, 1), colour)
    picture = picture.resize((_PAPER, _PAPER), Image.Resampling.BOX)
    if random.random() < 0.25:
        picture = picture.filter(ImageFilter.GaussianBlur(random.uniform(0.4, 1.2)))
    return picture.convert("RGBA")


def _shades(style: str, ink: tuple[int, ...], random: Random) -> list[tuple[int, ...]]:
    """Colours of the three cloths."""
    if style == "outline":
        return [WHITE] * 3
    if style in ("silhouette", "stencil"):
        return [ink] * 3
    return [tuple(int(level) for level in random.integers(*bounds, 3)) for bounds in ((30, 235), (10, 245), (10, 245))]


def _stroke(pen: ImageDraw.ImageDraw, points: list[tuple[float, float]], width: float, colour: tuple[int, ...]) -> None:
    pen.line(points, fill=colour, width=max(1, round(width)), joint="curve")
    for x, y in (points[0], points[-1]):
        pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=colour)


def _warp(lean: float, random: Random) -> Callable[[Points], Points]:
    """Leaning, stretching and an unsteady hand: the same for all parts of a drawing."""
    stretch = random.uniform(0.85, 1.18, 2)
    waves = random.normal(0, 1, (2, 3, 4)) * random.choice([0.0, 0.012, 0.03])

    def warp(points: Points) -> Points:
        moved = points * stretch
        turned = moved @ np.array([[math.cos(lean), math.sin(lean)], [-math.sin(lean), math.cos(lean)]])
        for axis in (0, 1):
            for turns in (1, 2, 3):
                a, b, c, d = waves[axis, turns - 1] / turns
                turned[:, axis] += a * np.sin(turns * 2 * points[:, 0]) + b * np.cos(turns * 2 * points[:, 0])
                turned[:, axis] += c * np.sin(turns * 2 * points[:, 1]) + d * np.cos(turns * 2 * points[:, 1])
        return turned

    return warp


def _bend(part: Part, warp: Callable[[Points], Points]) -> Part:
    """The part on the warped paper, its corners rounded a little."""
    points = _rounded(part.points, closed=part.surface) if len(part.points) > 2 else part.points
    return Part(warp(points), part.surface, part.shade, part.width)


def _rounded(points: Points, *, closed: bool) -> Points:
    """Corners cut at a fifth from either side (Chaikin 1974)."""
    after = np.roll(points, -1, axis=0)
    if not closed:
        inner = np.stack([0.8 * points + 0.2 * after, 0.2 * points + 0.8 * after], axis=1)[:-1].reshape(-1, 2)
        return np.concatenate([points[:1], inner[1:-1], points[-1:]])
    return np.stack([0.8 * points + 0.2 * after, 0.2 * points + 0.8 * after], axis=1).reshape(-1, 2)


def write_sheets(directory: Path = DRAWINGS_DIR, per_class: int = PER_CLASS) -> None:
    """One contact sheet of 28x28 images a class, the same ones each time."""
    directory.mkdir(parents=True, exist_ok=True)
    for class_id in range(len(CLASS_NAMES)):
        random = np.random.default_rng([2013, class_id])
        images = torch.stack([see(draw(class_id, random)) for _ in range(per_class)])
        to_sheet(images).save(sheet_path(directory, class_id), optimize=True)


if __name__ == "__main__":
    write_sheets()
