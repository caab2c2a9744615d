"""Drawings of things other than clothes, to learn when to say "none of the ten".

Faces, letters, lines of text, houses, trees, cars, animals, cups, clocks, stars, scribbles, noise: each
of random proportions, in the styles of `drawings.render`. Used when weights are calibrated.
"""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from drawings.objects import OBJECTS
from drawings.render import Pattern, draw_pattern
from drawings.shapes import Part, Random, arc, disc, line, surface

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghkmnrstwxyz0123456789?&@%"


def face(random: Random) -> list[Part]:
    wide, high = random.uniform(0.6, 0.95, 2)
    parts = [Part(np.array(arc((0, 0), (wide, high), (0, 360))))]
    parts += [disc(side * wide * 0.4, -high * 0.2, random.uniform(0.05, 0.12)) for side in (-1, 1)]
    parts.append(line(*arc((0, high * 0.25), (wide * 0.5, high * 0.25), (20, 160))))
    if random.random() < 0.5:
        parts.append(line((0, -0.1), (random.uniform(-0.1, 0.1), 0.15), (0.05, 0.17)))
    if random.random() < 0.4:
        for side in (-1, 1):
            parts.insert(0, surface((side * 0.3, -high * 0.8), (side * wide, -high - 0.1), (side * wide * 0.95, -0.2)))
    return parts


def star(random: Random) -> list[Part]:
    points, inner = int(random.integers(4, 11)), random.uniform(0.3, 0.8)
    angles = np.linspace(0, 2 * math.pi, 2 * points, endpoint=False)
    radii = np.where(np.arange(2 * points) % 2, inner, 0.95)
    return [surface(*zip(radii * np.sin(angles), -radii * np.cos(angles), strict=True))]


def blob(random: Random) -> list[Part]:
    angles = np.linspace(0, 2 * math.pi, 40, endpoint=False)
    radii = 0.7 + sum(random.normal(0, 0.25 / k) * np.sin(k * angles + random.uniform(0, 6)) for k in range(1, 6))
    parts = [surface(*zip(radii * np.cos(angles), radii * np.sin(angles), strict=True))]
    return parts + [
        disc(*random.uniform(-0.5, 0.5, 2), random.uniform(0.03, 0.2)) for _ in range(random.integers(0, 4))
    ]


def house(random: Random) -> list[Part]:
    wide, eaves = random.uniform(0.5, 0.9), random.uniform(-0.3, 0.1)
    parts = [surface((-wide, eaves), (wide, eaves), (wide, 0.9), (-wide, 0.9))]
    parts.append(surface((-wide - 0.1, eaves), (0, random.uniform(-0.95, -0.6)), (wide + 0.1, eaves), shade=1))
    parts.append(surface((-0.15, 0.9), (-0.15, 0.4), (0.15, 0.4), (0.15, 0.9), shade=2))
    parts += [surface((x, 0.2), (x + 0.2, 0.2), (x + 0.2, 0.4), (x, 0.4), shade=2) for x in (-wide * 0.8, wide * 0.5)]
    return parts


def tree(random: Random) -> list[Part]:
    trunk = random.uniform(0.06, 0.2)
    parts = [surface((-trunk, 0.1), (trunk, 0.1), (trunk, 0.95), (-trunk, 0.95), shade=1)]
    if random.random() < 0.5:
        for top, wide in ((-0.95, 0.45), (-0.6, 0.6), (-0.25, 0.75)):
            parts.append(surface((0, top), (wide, top + 0.6), (-wide, top + 0.6)))
        return parts
    crowns = [(*random.uniform(-0.35, 0.35, 2), random.uniform(0.3, 0.5)) for _ in range(random.integers(1, 6))]
    return parts + [disc(x, y - 0.35, radius, shade=0) for x, y, radius in crowns]


def vehicle(random: Random) -> list[Part]:
    u = random.uniform
    roof, bonnet = u(-0.6, -0.2), u(-0.1, 0.1)
    body = surface((-0.95, 0.4), (-0.95, bonnet), (u(-0.7, -0.4), bonnet), (-0.35, roof), (0.4, roof), (u(0.5, 0.8), bonnet),
                   (0.95, bonnet + 0.05), (0.95, 0.4))  # fmt: skip
    parts = [body]
    for x in (-0.55, 0.55):
        parts += [disc(x, 0.42, u(0.15, 0.26), shade=1), disc(x, 0.42, 0.08)]
    parts.append(surface((-0.28, roof + 0.1), (0.3, roof + 0.1), (0.45, bonnet), (-0.4, bonnet), shade=2))
    return parts


def animal(random: Random) -> list[Part]:
    u = random.uniform
    if random.random() < 0.4:  # a fish
        body = Part(np.array(arc((-0.15, 0), (0.7, u(0.25, 0.5)), (0, 360))))
        return [body, surface((0.4, 0), (0.95, -0.4), (0.8, 0), (0.95, 0.4), shade=1), disc(-0.55, -0.08, 0.06)]
    high, legs = u(0.2, 0.4), u(0.3, 0.6)
    parts = [Part(np.array(arc((0.1, 0), (0.6, high), (0, 360))))]
    feet = ((x, u(-0.08, 0.08)) for x in (-0.35, -0.15, 0.35, 0.55))
    parts += [line((x, high * 0.7), (x + out, legs + 0.3), width=u(0.06, 0.16), shade=0) for x, out in feet]
    parts += [disc(-0.6, -0.35, u(0.2, 0.32), shade=0), disc(-0.68, -0.4, 0.04)]
    parts += [surface((x, -0.55), (x + 0.06, u(-0.95, -0.7)), (x + 0.16, -0.5), shade=0) for x in (-0.75, -0.55)]
    parts.append(line((0.65, -0.05), (0.85, u(-0.5, 0.1)), (0.95, u(-0.6, 0.2)), width=u(0.04, 0.12), shade=0))
    return parts


def tool(random: Random) -> list[Part]:
    """Something on a stick: a lollipop, a hammer, an umbrella, a guitar."""
    u = random.uniform
    head = random.integers(0, 4)
    parts = [line((0, -0.2), (u(-0.1, 0.1), 0.95), width=u(0.06, 0.2), shade=1)]
    if head == 0:
        parts.append(disc(0, -0.45, u(0.3, 0.5), shade=0))
    elif head == 1:
        parts.append(surface((-0.5, -0.7), (0.5, -0.8), (0.5, -0.35), (-0.5, -0.4)))
    elif head == 2:
        parts.append(surface(*arc((0, -0.1), (u(0.6, 0.9), u(0.5, 0.8)), (-180, 0))))
    else:
        parts += [disc(0, 0.5, 0.42, shade=0), disc(0, 0.05, 0.3, shade=0), disc(0, 0.45, 0.1)]
    return parts


def scribble(random: Random) -> list[Part]:
    steps = np.cumsum(random.normal(0, 1, (int(random.integers(5, 40)), 2)), axis=0)
    steps -= (steps.max(axis=0) + steps.min(axis=0)) / 2
    return [line(*(0.9 * steps / np.abs(steps).max()))]


def rings(random: Random) -> list[Part]:
    return [
        disc(0, 0, radius, shade=i % 2) for i, radius in enumerate(np.linspace(0.9, 0.2, int(random.integers(1, 6))))
    ]


def crossing(random: Random) -> list[Part]:
    """Bars across each other: a plus, a hash, an arrow, a fence."""
    parts = []
    for _ in range(random.integers(2, 6)):
        angle, off = random.choice([0.0, math.pi / 2, random.uniform(0, 3)]), random.uniform(-0.6, 0.6)
        along, across = np.array([math.cos(angle), math.sin(angle)]), np.array([-math.sin(angle), math.cos(angle)])
        ends = across * off + np.outer([-0.9, 0.9], along)
        parts.append(line(*ends, width=random.uniform(0.05, 0.3), shade=0))
    return parts


THINGS: tuple[Pattern, ...] = (
    face, star, blob, house, tree, vehicle, animal, tool, scribble, rings, crossing, *OBJECTS,
)  # fmt: skip


def draw_something_else(random: Random) -> Image.Image:
    """One picture of no piece of clothing, RGBA."""
    kind = random.integers(0, len(THINGS) + 5)
    if kind < len(THINGS):
        return draw_pattern(THINGS[kind], random, lean=random.normal(0, 12))
    if kind == len(THINGS):
        return _noise(random)
    return _letter(random) if kind == len(THINGS) + 1 else _page(random)


def _noise(random: Random) -> Image.Image:
    grain = int(random.integers(4, 161))
    pixels = random.integers(0, 256, (grain, grain, 3), dtype=np.uint8)
    return Image.fromarray(pixels).resize((160, 160), Image.Resampling.BILINEAR).convert("RGBA")


def _letter(random: Random) -> Image.Image:
    picture = Image.new("RGB", (200, 200), "white")
    letter = random.choice(list(_LETTERS))
    ImageDraw.Draw(picture).text((100, 100), letter, fill="black", anchor="mm", font=ImageFont.load_default(150))
    return picture.convert("RGBA")


def _page(random: Random) -> Image.Image:
    """Lines of text, close or wide, ragged or not, with a heading now and then."""
    width, height = (int(side) for side in random.integers(160, 700, 2))
    picture = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(picture)
    size, margin = int(random.integers(9, 28)), int(random.integers(4, 60))
    top, spacing, ragged = margin, random.uniform(1.15, 2.2), random.uniform(0, 0.7)
    while top < height - margin - size:
        heading = random.random() < 0.07
        letters = int((width - 2 * margin) / (size * 0.5) * random.uniform(1 - ragged, 1))
        words = "".join(random.choice(list(_LETTERS + "      "), max(1, letters)))
        pen.text((margin, top), words, fill="black", font=ImageFont.load_default(size * 1.5 if heading else size))
        top += int(size * spacing * (1.5 if heading else 1))
        if random.random() < 0.1:  # the end of a paragraph
            top += size
    return picture.convert("RGBA")
