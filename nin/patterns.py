"""Patterns of the ten kinds of clothes, as a tailor would sketch them: shapes and seams with random cuts.

A pattern is a list of parts in a square of side 2 around the origin, y pointing down. Nothing
here decides how a part is drawn; `nin.wardrobe` does. Shoes point left, as in the data set.
"""

from __future__ import annotations

import math
from collections.abc import Callable
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


def _chance(random: Random, share: float) -> bool:
    return bool(random.random() < share)


@dataclass(frozen=True)
class _Cut:
    """The measures of an upper garment."""

    shoulder: float
    neck: float
    depth: float  # of the neckline
    sleeve: float  # its length; 0 for none
    angle: float  # of the sleeve, in radians from straight down
    arm: float  # the sleeve's width
    hem: float  # half the width at the bottom
    length: float
    waist: float


def _cut(random: Random, sleeve: tuple[float, float], length: tuple[float, float], flare: tuple[float, float]) -> _Cut:
    u = random.uniform
    shoulder = u(0.36, 0.6)
    return _Cut(
        shoulder,
        u(0.12, 0.24),
        u(0.04, 0.24),
        u(*sleeve),
        math.radians(u(6, 66)),
        u(0.19, 0.30),
        shoulder * u(*flare),
        u(*length),
        shoulder * u(0.78, 1.02),
    )


def _top(cut: _Cut, top: float = -0.8) -> tuple[list[Part], Callable[[float], tuple[float, float]]]:
    """The body with its sleeves, in one piece or three, and where on the sleeve's outside a seam ends."""
    drop = 0.09
    tip = (cut.shoulder, top + drop)
    along = (math.sin(cut.angle), math.cos(cut.angle))
    across = (-along[1], along[0])
    armpit = (cut.shoulder * 0.96, top + drop + cut.arm * 1.15)
    outer = (tip[0] + along[0] * cut.sleeve, tip[1] + along[1] * cut.sleeve)
    wrist = cut.arm * (0.95 if cut.sleeve < 0.5 else 0.68)
    inner = (outer[0] + across[0] * wrist, outer[1] + across[1] * wrist)
    if inner[0] < armpit[0] + 0.03:  # a sleeve that hangs close to the body
        inner = (armpit[0] + 0.03, inner[1])
    bottom = top + cut.length
    middle = top + cut.length * 0.5
    outline = [(0.0, top + cut.depth), (cut.neck * 0.7, top + cut.depth * 0.6), (cut.neck, top), tip]
    if cut.sleeve:
        outline += [outer, inner]
    outline += [armpit, (cut.waist, middle), (cut.hem, bottom), (0.0, bottom)]

    parts = [mirrored(*outline)]
    if cut.sleeve > 0.5 and cut.angle < math.radians(28):  # the sleeve lies on the body: only a line tells them apart
        parts += both_sides(line(armpit, (min(inner[0], cut.hem) - 0.02, inner[1])))

    def across_sleeve(share: float) -> list[tuple[float, float]]:
        return [
            (tip[0] + (outer[0] - tip[0]) * share, tip[1] + (outer[1] - tip[1]) * share),
            (armpit[0] + (inner[0] - armpit[0]) * share, armpit[1] + (inner[1] - armpit[1]) * share),
        ]

    return parts, across_sleeve


def _neckband(cut: _Cut, top: float = -0.8, gap: float = 0.07) -> Part:
    return line((-cut.neck - gap, top + 0.02), (-cut.neck * 0.7, top + cut.depth * 0.6 + gap), (0, top + cut.depth + gap),
                (cut.neck * 0.7, top + cut.depth * 0.6 + gap), (cut.neck + gap, top + 0.02))  # fmt: skip


def _sleeve_seams(
    random: Random, across: Callable[[float], list[tuple[float, float]]], cuff: float, share: float
) -> list[Part]:
    parts = []
    if _chance(random, share):
        parts += both_sides(line(*across(cuff)))
    if _chance(random, 0.5):
        parts += both_sides(line(*across(0.0)))
    return parts


def t_shirt(random: Random) -> list[Part]:
    cut = _cut(random, (0.22, 0.46), (1.25, 1.6), (0.9, 1.08))
    parts, across = _top(cut)
    parts += _sleeve_seams(random, across, 0.85, 0.5)
    if _chance(random, 0.5):
        parts.append(_neckband(cut))
    motif = random.integers(0, 5)
    if motif == 0:
        parts.append(disc(0, -0.2, 0.17, shade=1))
    elif motif == 1:
        parts.append(surface((-0.2, -0.3), (0.2, -0.3), (0.2, 0.0), (-0.2, 0.0), shade=1))
    elif motif == 2:
        parts.append(surface((0.08, -0.4), (0.28, -0.4), (0.28, -0.16), (0.18, -0.1), (0.08, -0.16), shade=1))
    return parts


def pullover(random: Random) -> list[Part]:
    cut = _cut(random, (0.85, 1.25), (1.1, 1.6), (0.88, 1.05))
    parts, across = _top(cut)
    parts += _sleeve_seams(random, across, random.uniform(0.84, 0.92), 0.75)
    bottom = -0.8 + cut.length
    if _chance(random, 0.75):
        rib = bottom - random.uniform(0.1, 0.18)
        parts.append(line((-cut.hem * 0.98, rib), (cut.hem * 0.98, rib)))
    collar = random.integers(0, 4)
    if collar == 0:  # a roll neck
        parts.append(mirrored((0.0, -0.98), (cut.neck, -0.98), (cut.neck * 1.1, -0.72), (0.0, -0.7), shade=1))
    elif collar == 1:  # a hood with its cords, and most often a pocket
        hood = arc((0, -0.8), (cut.neck * 1.7, 0.34), (-180, 0))
        parts.insert(0, surface(*hood, (cut.neck, -0.66), (0, -0.5), (-cut.neck, -0.66)))
        parts += [line(*arc((0, -0.78), (cut.neck, 0.22), (0, 360))), *both_sides(line((0.07, -0.52), (0.08, -0.24)))]
    else:
        parts.append(_neckband(cut))
    if collar == 1 or _chance(random, 0.15):
        y = bottom - 0.2
        parts.append(
            line((-0.28, y), (-0.28, y - 0.2), (-0.18, y - 0.34), (0.18, y - 0.34), (0.28, y - 0.2), (0.28, y))
        )
    if _chance(random, 0.25):
        for y in np.linspace(-0.35, bottom - 0.35, random.integers(2, 5)):
            parts.append(line((-cut.waist * 0.95, y), (cut.waist * 0.95, y), width=random.uniform(0, 0.1)))
    return parts


def shirt(random: Random) -> list[Part]:
    cut = _cut(random, (0.9, 1.25) if _chance(random, 0.75) else (0.3, 0.5), (1.35, 1.7), (0.9, 1.08))
    parts, across = _top(cut)
    parts += _sleeve_seams(random, across, random.uniform(0.86, 0.92), 0.8)
    bottom, tip = -0.8 + cut.length, -0.8 + cut.depth + random.uniform(0.1, 0.2)
    parts += both_sides(
        surface((0.0, -0.78 + cut.depth), (cut.neck, -0.86), (cut.neck + 0.1, -0.72), (0.13, tip), shade=1)
    )
    half = random.uniform(0.0, 0.07)
    for x in {-half, half}:
        parts.append(line((x, -0.78 + cut.depth), (x, bottom)))
    for y in np.linspace(tip + 0.1, bottom - 0.14, random.integers(4, 7)):
        parts.append(disc(0, y, 0.022))
    if _chance(random, 0.45):
        y = random.uniform(-0.4, -0.25)
        parts.append(line((0.16, y), (0.36, y), (0.36, y + 0.24), (0.26, y + 0.3), (0.16, y + 0.24), (0.16, y)))
    return parts


def coat(random: Random) -> list[Part]:
    cut = _cut(random, (0.95, 1.3), (1.5, 1.85), (1.0, 1.4))
    parts, across = _top(cut, -0.88)
    parts += _sleeve_seams(random, across, random.uniform(0.84, 0.92), 0.6)
    top, bottom = -0.88, -0.88 + cut.length
    notch = random.uniform(0.35, 0.75)
    lean = random.choice([0.0, 0.0, 0.1])
    kind = random.integers(0, 4)
    if kind < 3:  # lapels
        wide = random.uniform(0.16, 0.28)
        lapel = surface((cut.neck * 0.9, top - 0.02), (cut.neck + 0.08, top + 0.1), (wide, top + notch * 0.42),
                        (wide + 0.06, top + notch * 0.5), (lean, top + notch), shade=1)  # fmt: skip
        parts += both_sides(lapel)
        parts.append(line((lean, top + notch), (lean, bottom)))
    else:  # zipped or buttoned up to a standing collar
        parts.append(
            mirrored((0.0, top - 0.08), (cut.neck, top - 0.08), (cut.neck * 1.1, top + 0.1), (0, top + 0.12), shade=1)
        )
        parts.append(line((0, top), (0, bottom), width=random.choice([0.0, 0.05])))
    rows = [0.1 + lean] if _chance(random, 0.5) else [-0.14, 0.14]
    if _chance(random, 0.75):
        for y in np.linspace(top + notch + 0.08, bottom - 0.35, random.integers(2, 5)):
            parts += [disc(x, y, 0.033) for x in rows]
    if _chance(random, 0.3):
        y = top + cut.length * 0.52
        parts.append(
            surface(
                (-cut.waist, y - 0.05), (cut.waist, y - 0.05), (cut.waist, y + 0.05), (-cut.waist, y + 0.05), shade=1
            )
        )
    if _chance(random, 0.65):
        y, tilt = top + cut.length * random.uniform(0.58, 0.68), random.uniform(-0.12, 0.12)
        parts += both_sides(line((0.2, y), (0.38, y + tilt), width=random.choice([0, 0.06])))
    return parts


def dress(random: Random) -> list[Part]:
    u = random.uniform
    top, waist_y, bottom = -0.9, u(-0.3, -0.05), u(0.7, 0.95)
    bust, waist, hem = u(0.22, 0.34), u(0.16, 0.27), u(0.28, 0.75)
    neck, strap = u(0.1, 0.2), u(0.03, 0.16)
    outline = [(0.0, top + u(0.1, 0.35)), (neck, top), (neck + strap, top)]
    sleeves = random.random()
    if sleeves < 0.35:
        reach, drop = u(0.15, 0.55), u(0.15, 0.7)
        outline += [(neck + strap + reach * 0.5, top + drop), (bust, top + min(drop, 0.4) + 0.05)]
    else:
        outline += [(bust * 0.92, top + 0.25), (bust, top + 0.36)]
    outline += [(waist, waist_y), (waist + (hem - waist) * u(0.4, 0.8), (waist_y + bottom) / 2), (hem, bottom)]
    outline += [(hem * 0.5, bottom + u(0, 0.07)), (0.0, bottom + u(0, 0.07))]
    parts = [mirrored(*outline)]
    if _chance(random, 0.6):
        parts.append(line((-waist, waist_y), (waist, waist_y), width=random.choice([0.0, 0.06, 0.1])))
    if _chance(random, 0.5):
        shares = np.linspace(-0.6, 0.6, random.integers(2, 6))
        parts += [line((waist * s, waist_y + 0.1), (hem * s, bottom - u(0.02, 0.25))) for s in shares]
    if _chance(random, 0.3):
        for x, y in random.uniform(-0.8, 0.8, (8, 2)):
            parts.append(disc(x * waist, y * 0.7, 0.035, shade=1))
    return parts


def trouser(random: Random) -> list[Part]:
    u = random.uniform
    top, bottom, crotch = -0.95, u(0.35, 0.97), u(-0.45, -0.15)
    waist, hip = u(0.24, 0.5), u(0.3, 0.62)
    outer, wide = hip * u(0.7, 1.4), u(0.14, 0.36)
    outline = [(0.0, top), (waist, top), (hip, crotch), (outer, bottom), (max(0.03, outer - wide), bottom)]
    outline += [(u(0.02, 0.08), crotch + u(0.05, 0.3)), (0.0, crotch)]
    parts = [mirrored(*outline)]
    if _chance(random, 0.7):
        parts.append(line((-waist, top + 0.12), (waist, top + 0.12)))
    if _chance(random, 0.6):
        parts.append(line((0, top + 0.1), (0, crotch)))
    if _chance(random, 0.5):
        parts += both_sides(line((waist * 0.5, top + 0.13), (waist * 0.65, top + 0.26), (hip * 0.95, top + 0.32)))
    if _chance(random, 0.3):
        parts += both_sides(line((outer - wide, bottom - 0.1), (outer, bottom - 0.1)))
    if _chance(random, 0.25):
        parts += both_sides(line((hip * 0.55, crotch), ((outer + outer - wide) / 2, bottom - 0.05)))
    return parts
