"""Patterns of everyday things other than clothes; see `drawings.shapes` and `drawings.not_clothes`."""

from __future__ import annotations

import math

import numpy as np

from drawings.shapes import Part, Random, arc, both_sides, chance, disc, line, mirrored, surface


def cup(random: Random) -> list[Part]:
    u = random.uniform
    top, low, wide, foot = u(-0.6, -0.2), u(0.5, 0.85), u(0.45, 0.7), u(0.25, 0.65)
    parts = [mirrored((0, top), (wide, top), (foot, low), (0, low))]
    if chance(random, 0.7):
        middle = (top + low) / 2
        parts.append(line(*arc((wide * 0.9, middle), (0.3, 0.28), (-90, 90)), width=u(0.05, 0.14), shade=0))
    parts += [line((x, top - 0.1), (x + 0.06, top - 0.25), (x, top - 0.4)) for x in (-0.2, 0.1) if chance(random, 0.4)]
    return parts


def bottle(random: Random) -> list[Part]:
    u = random.uniform
    neck, wide, shoulder = u(0.06, 0.16), u(0.2, 0.42), u(-0.5, -0.1)
    parts = [mirrored((0, -0.95), (neck, -0.95), (neck, shoulder - 0.15), (wide, shoulder), (wide, 0.95), (0, 0.95))]
    if chance(random, 0.6):
        parts.append(mirrored((0, 0.1), (wide, 0.1), (wide, 0.6), (0, 0.6), shade=1))
    return parts


def heart(random: Random) -> list[Part]:
    t = np.linspace(0, 2 * math.pi, 30, endpoint=False)
    high = random.uniform(0.05, 0.065)
    x = 16 * np.sin(t) ** 3 * random.uniform(0.045, 0.058)
    y = -(13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)) * high
    return [surface(*zip(x, y, strict=True))]


def clock(random: Random) -> list[Part]:
    radius = random.uniform(0.65, 0.9)
    parts = [disc(0, 0, radius, shade=0), disc(0, 0, radius * random.uniform(0.75, 0.95), shade=1)]
    for length in (0.5, 0.75):
        angle = random.uniform(0, 2 * math.pi)
        parts.append(line((0, 0), (radius * length * math.sin(angle), -radius * length * math.cos(angle)), width=0.05))
    if chance(random, 0.4):  # the bells of an alarm clock
        parts = [*both_sides(disc(radius * 0.7, -radius * 0.8, 0.22, shade=1)), *parts]
    return parts


def gear(random: Random) -> list[Part]:
    teeth, inner = int(random.integers(6, 12)), random.uniform(0.55, 0.75)
    turns = np.linspace(0, 2 * math.pi, 4 * teeth, endpoint=False)
    radii = np.where(np.arange(4 * teeth) % 4 < 2, 0.92, inner)
    rim = surface(*zip(radii * np.cos(turns), radii * np.sin(turns), strict=True))
    return [rim, disc(0, 0, random.uniform(0.15, 0.4))]


def flower(random: Random) -> list[Part]:
    petals, radius = int(random.integers(4, 9)), random.uniform(0.16, 0.3)
    turns = np.linspace(0, 2 * math.pi, petals, endpoint=False)
    stem = [line((0, -0.3), (random.uniform(-0.1, 0.1), 0.95), width=random.uniform(0.04, 0.1), shade=1)]
    leaf = [surface((0, 0.6), (0.4, 0.3), (0.45, 0.5), shade=1)] if chance(random, 0.6) else []
    return [*stem, *leaf, *(disc(0.4 * math.cos(a), 0.4 * math.sin(a) - 0.4, radius, shade=0) for a in turns),
            disc(0, -0.4, 0.2)]  # fmt: skip


def book(random: Random) -> list[Part]:
    wide, lift = random.uniform(0.6, 0.95), random.uniform(0.0, 0.25)
    page = surface((0, -0.5), (wide, -0.5 - lift), (wide, 0.5 - lift), (0, 0.6))
    rows = [line((0.12, y), (wide - 0.12, y - lift * 0.8)) for y in np.linspace(-0.3, 0.35, random.integers(0, 5))]
    return [*both_sides(page), *(part for row in rows for part in both_sides(row))]


def screen(random: Random) -> list[Part]:
    """A telephone, a television, a laptop: a frame with something in it."""
    u = random.uniform
    wide, high = random.choice([0.45, 0.9]), random.choice([0.55, 0.95])
    edge = u(0.04, 0.16)
    inside = (wide - edge, high - edge * u(1, 2.5))
    parts = [mirrored((0, -high), (wide, -high), (wide, high), (0, high))]
    parts.append(mirrored((0, -inside[1]), (inside[0], -inside[1]), (inside[0], inside[1]), (0, inside[1]), shade=1))
    if chance(random, 0.5):
        parts.append(line((0, high), (0, high + 0.2), width=0.1, shade=0))
        parts.append(line((-0.4, high + 0.22), (0.4, high + 0.22), width=0.08, shade=0))
    return parts


def fruit(random: Random) -> list[Part]:
    u = random.uniform
    if chance(random, 0.3):  # a banana
        bow = [*arc((0, -0.5), (0.9, 1.1), (10, 150)), *reversed(arc((0, -0.5), (0.75, u(0.6, 0.8)), (10, 150)))]
        return [surface(*bow)]
    parts = [disc(x, 0.2, u(0.45, 0.62), shade=0) for x in ((-0.18, 0.18) if chance(random, 0.6) else (0,))]
    parts.append(line((0, -0.25), (u(0, 0.2), -0.7), width=0.07))
    if chance(random, 0.6):
        parts.append(surface((0.08, -0.5), (0.4, -0.8), (0.5, -0.5), shade=1))
    return parts


def arrow(random: Random) -> list[Part]:
    shaft, head, neck = random.uniform(0.08, 0.3), random.uniform(0.4, 0.8), random.uniform(-0.3, 0.2)
    upright = mirrored((0, -0.95), (head, neck), (shaft, neck), (shaft, 0.95), (0, 0.95))
    turns = np.array([[0, 1], [-1, 0]])
    return [Part(upright.points @ np.linalg.matrix_power(turns, int(random.integers(0, 4))))]


def instrument(random: Random) -> list[Part]:
    """A key, a pencil, scissors, a spoon: long, at a slant."""
    match random.integers(0, 4):
        case 0:
            parts = [disc(0, -0.6, 0.3, shade=0), disc(0, -0.6, 0.14), line((0, -0.3), (0, 0.9), width=0.12, shade=0)]
            parts += [line((0, y), (0.25, y), width=0.1, shade=0) for y in (0.55, 0.8)]
        case 1:
            parts = [mirrored((0, -0.9), (0.14, -0.9), (0.14, 0.6), (0, 0.95)), line((-0.14, 0.6), (0.14, 0.6))]
        case 2:
            parts = [line((0.3 * s, -0.9), (-0.25 * s, 0.4), width=0.1, shade=0) for s in (-1, 1)]
            parts += [disc(-0.3 * s, 0.65, 0.25, shade=0) for s in (-1, 1)]
        case _:
            parts = [
                Part(np.array(arc((0, -0.6), (0.25, 0.35), (0, 360)))),
                line((0, -0.3), (0, 0.95), width=0.1, shade=0),
            ]
    turn = random.uniform(-1.2, 1.2)
    turned = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    return [Part(part.points @ turned, part.surface, part.shade, part.width) for part in parts]


def vessel(random: Random) -> list[Part]:
    """A boat with its sail, or a rocket."""
    u = random.uniform
    if chance(random, 0.5):
        hull = surface((-0.9, 0.4), (0.9, 0.4), (u(0.5, 0.75), 0.85), (-u(0.5, 0.75), 0.85))
        return [hull, line((0, 0.4), (0, -0.9), width=0.06), surface((0.06, -0.85), (u(0.5, 0.8), 0.25), (0.06, 0.25), shade=1),
                surface((-0.06, -0.6), (-u(0.3, 0.6), 0.25), (-0.06, 0.25), shade=1)]  # fmt: skip
    wide = u(0.2, 0.4)
    parts = both_sides(surface((wide * 0.9, 0.2), (wide + 0.3, 0.8), (wide * 0.8, 0.6), shade=1))
    parts.append(mirrored((0, -0.95), (wide * 0.7, -0.5), (wide, 0.1), (wide * 0.7, 0.65), (0, 0.65)))
    return [*parts, disc(0, -0.2, wide * 0.45), surface((-0.12, 0.68), (0.12, 0.68), (0, 0.97))]


OBJECTS = (
    cup, bottle, heart, clock, gear, flower, book, screen, fruit, arrow, instrument, vessel,
)  # fmt: skip
