"""Patterns of the ten kinds of clothes, as a tailor would sketch them: shapes and seams with random cuts.

A pattern is a list of parts in a square of side 2 around the origin, y pointing down. Nothing
here decides how a part is drawn; `drawings.render` does. Shoes point left, as in the data set.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]  # (N, 2): x to the right, y down
Random = np.random.Generator


@dataclass(frozen=True)
class Part:
    points: Points
    surface: bool = True  # a piece of cloth; otherwise a line: a seam, a lace, a strap
    shade: int = 0  # parts of one shade are of one cloth
    width: float = 0.0  # of a strap, which is a line with a width of its own


def line(*points: tuple[float, float], width: float = 0.0, shade: int = 1) -> Part:
    return Part(np.array(points, dtype=float), surface=False, shade=shade, width=width)


def surface(*points: tuple[float, float], shade: int = 0) -> Part:
    return Part(np.array(points, dtype=float), shade=shade)


def mirrored(*right_half: tuple[float, float], shade: int = 0) -> Part:
    """A surface that is the same on both sides of the y axis, from its right half, top to bottom."""
    half = np.array(right_half, dtype=float)
    return Part(np.concatenate([half, half[::-1] * [-1, 1]]), shade=shade)


def arc(
    centre: tuple[float, float], radii: tuple[float, float], degrees: tuple[float, float]
) -> list[tuple[float, float]]:
    """Points of an ellipse between two angles: 0 to the right, 90 down."""
    angles = np.radians(np.linspace(*degrees, 17))
    return [(centre[0] + radii[0] * math.cos(a), centre[1] + radii[1] * math.sin(a)) for a in angles]


def disc(x: float, y: float, radius: float, shade: int = 2) -> Part:
    return Part(np.array(arc((x, y), (radius, radius), (0, 360))), shade=shade)


def both_sides(part: Part) -> list[Part]:
    flipped = Part(part.points * [-1, 1], part.surface, part.shade, part.width)
    return [part, flipped]


def chance(random: Random, share: float) -> bool:
    return bool(random.random() < share)
