"""Patterns of T-shirts, pullovers, shirts and coats; see `drawings.shapes`."""

from __future__ import annotations

import numpy as np

from drawings.clothes.torso import Torso, cut_torso
from drawings.shapes import Part, Random, arc, both_sides, chance, disc, line, mirrored, surface


def t_shirt(random: Random) -> list[Part]:
    if chance(random, 0.07):  # a vest
        torso = cut_torso(random, sleeve=(0, 0), length=(1.2, 1.6), flare=(0.9, 1.1), neck_depth=(0.15, 0.4))
    else:
        torso = cut_torso(random, sleeve=(0.14, 0.32), length=(1.1, 1.65), flare=(0.85, 1.12), spread=0.35)
    parts = torso.parts(random) + torso.seams(random, cuffs=0.4)
    if chance(random, 0.5):
        parts.append(torso.neckband())
    y = torso.top + torso.length * random.uniform(0.3, 0.5)
    match random.integers(0, 8):
        case 0:
            parts.append(disc(0, y, random.uniform(0.1, 0.2), shade=1))
        case 1:
            parts.append(surface((-0.2, y - 0.1), (0.2, y - 0.1), (0.2, y + 0.2), (-0.2, y + 0.2), shade=1))
        case 2:
            parts.append(_chest_pocket(0.08, y - 0.12))
        case 3:
            parts += _stripes(torso, random)
        case 4:  # a star
            turns, reach = np.linspace(0, 2 * np.pi, 10, endpoint=False), np.tile([0.16, 0.08], 5)
            parts.append(surface(*zip(reach * np.sin(turns), y - reach * np.cos(turns), strict=True), shade=1))
    return parts


def pullover(random: Random) -> list[Part]:
    torso = cut_torso(random, sleeve=(0.62, 1.0), length=(1.05, 1.5), flare=(0.85, 1.05))
    parts = torso.parts(random)
    if chance(random, 0.75):
        depth = random.uniform(0.08, 0.16)
        parts += both_sides(line(*torso.across_sleeve(1 - depth)))
        parts.append(line((-torso.hem * 0.98, torso.bottom - depth), (torso.hem * 0.98, torso.bottom - depth)))
        if chance(random, 0.3):  # ribs
            shares = np.linspace(-0.8, 0.8, random.integers(5, 9))
            parts += [line((x * torso.hem, torso.bottom - depth), (x * torso.hem, torso.bottom)) for x in shares]
    parts += torso.seams(random, cuffs=0, shoulders=0.35)
    collar = random.integers(0, 5)
    if collar == 0:
        parts.append(_stand_up_collar(torso, random.uniform(0.1, 0.25)))
    elif collar == 1:
        hood = _hood(torso, random)
        parts = hood + parts if len(hood) > 1 else parts + hood
        parts += both_sides(line((0.07, torso.top + 0.28), (0.08, torso.top + 0.56))) if chance(random, 0.7) else []
    else:
        parts.append(torso.neckband(random.uniform(0.04, 0.1)))
    if chance(random, 0.8 if collar == 1 else 0.12):
        y, wide = torso.bottom - random.uniform(0.12, 0.24), min(0.3, torso.hem * 0.7)
        tall = random.uniform(0.25, 0.4)
        half = [(wide, y), (wide, y - tall * 0.5), (wide * 0.65, y - tall)]
        parts.append(line(*half, *((-x, y) for x, y in reversed(half)), half[0]))
    match random.integers(0, 8):
        case 0:
            parts += _stripes(torso, random)
        case 1:  # raglan: the shoulder's seam runs to the neck
            parts += both_sides(line((torso.neck, torso.top + 0.02), torso.armpit))
        case 2:  # a cable, or a Norwegian yoke
            y = torso.top + torso.length * random.uniform(0.25, 0.45)
            xs = np.linspace(-0.9, 0.9, random.integers(7, 12)) * torso.side(y)
            parts.append(line(*((x, y + (0.08 if n % 2 else -0.02)) for n, x in enumerate(xs))))
        case 3:
            parts += [line((x, torso.top + 0.3), (x, torso.bottom - 0.15)) for x in (-0.12, 0.12)]
    return parts


def shirt(random: Random) -> list[Part]:
    long_sleeves = chance(random, 0.75)
    torso = cut_torso(
        random,
        sleeve=(0.62, 0.95) if long_sleeves else (0.18, 0.3),
        length=(1.15, 1.45),
        flare=(0.88, 1.02),
        neck_depth=(0.04, 0.14),
        tail=(0.0, 0.14),
    )
    parts = torso.parts(random) + torso.seams(random, cuffs=0.8)
    low = torso.top + torso.depth
    if chance(random, 0.12):  # stripes or checks
        shares = np.linspace(-0.8, 0.8, random.integers(4, 8))
        parts += [line((s * torso.waist, low + 0.1), (s * torso.hem, torso.bottom)) for s in shares]
    point = low + random.uniform(0.08, 0.16)
    reach = torso.neck + random.uniform(0.03, 0.09)
    collar = surface((0.0, low), (torso.neck * 0.9, torso.top - random.uniform(0.0, 0.07)), (reach, torso.top + 0.07),
                     (random.uniform(0.08, 0.16), point), shade=random.integers(0, 2))  # fmt: skip
    parts += both_sides(collar)
    half = random.uniform(0.03, 0.08)
    for x in {0: (0.0,), 1: (-half, half), 2: (half,)}[int(random.integers(0, 3))]:
        parts.append(line((x, low), (x, torso.bottom + torso.tail)))
    if chance(random, 0.85):
        radius = random.uniform(0.014, 0.03)
        ys = np.linspace(point + 0.04, torso.bottom - random.uniform(0.08, 0.2), random.integers(4, 8))
        parts += [disc(0, y, radius) for y in ys]
    if chance(random, 0.5):
        parts.append(_chest_pocket(0.14, torso.top + torso.length * random.uniform(0.28, 0.36)))
    if chance(random, 0.15):
        y = torso.top + torso.length * random.uniform(0.2, 0.28)
        parts.append(line((-torso.side(y), y), (torso.side(y), y)))
    return parts


def coat(random: Random) -> list[Part]:
    is_long = chance(random, 0.75)
    torso = cut_torso(
        random,
        sleeve=(0.52, 0.78) if is_long else (0.62, 0.9),
        length=(1.5, 1.9) if is_long else (1.25, 1.5),
        flare=(0.95, 1.5) if is_long else (0.9, 1.1),
        neck_depth=(0.02, 0.14),
        spread=0.12,
    )
    parts = torso.parts(random) + torso.seams(random, cuffs=0.5)
    # A short coat with a lying collar is a shirt to most eyes.
    kinds, shares = ["lapels", "open", "zip", "padded", "hood", "collar"], [0.44, 0.14, 0.1, 0.12, 0.12, 0.08]
    kind = random.choice(kinds, p=shares) if is_long else random.choice(kinds[:5], p=[0.4, 0.1, 0.15, 0.2, 0.15])
    closing = torso.top + 0.1  # from where it is buttoned down
    if kind in ("lapels", "open"):
        closing = torso.top + torso.length * random.uniform(0.2, 0.48)
        parts += _lapels(torso, random, closing)
    elif kind == "collar":  # lying flat, pointed or round
        wide, deep = torso.neck + random.uniform(0.06, 0.2), random.uniform(0.14, 0.3)
        parts += both_sides(
            surface((0, torso.top + torso.depth), (torso.neck * 0.9, torso.top - 0.04), (wide, torso.top + deep * 0.5),
                    (wide * 0.7, torso.top + deep), (0.04, torso.top + torso.depth + 0.06), shade=1)
        )  # fmt: skip
    elif kind == "hood":
        hood = _hood(torso, random)
        parts = hood + parts if len(hood) > 1 else parts + hood
    else:
        parts.append(_stand_up_collar(torso, random.uniform(0.06, 0.16)))
    end = torso.bottom + torso.tail
    if kind == "open":  # the lining, or what is worn beneath, shows between the fronts
        gap = random.uniform(0.05, 0.2)
        parts.append(surface((0, closing - 0.05), (gap * 0.7, torso.top + torso.length * 0.6), (gap, end),
                             (-gap, end), (-gap * 0.7, torso.top + torso.length * 0.6), shade=2))  # fmt: skip
        parts += both_sides(line((0, closing), (gap * 0.7, torso.top + torso.length * 0.6), (gap, end)))
    else:
        lap = random.choice([0.0, random.uniform(0.04, 0.14)])
        parts.append(line((lap, closing), (lap, end), width=random.choice([0.0, 0.05]) if kind == "zip" else 0.0))
        parts += _fastening(torso, random, kind, closing, lap)
    if kind == "padded":
        ys = np.linspace(torso.top + 0.25, torso.bottom, random.integers(5, 9))[:-1]
        parts += [line((-torso.side(y), y), (torso.side(y), y)) for y in ys]
        parts += [part for s in (0.3, 0.5, 0.7) for part in both_sides(line(*torso.across_sleeve(s)))]
    elif chance(random, 0.22):
        y = torso.top + torso.length * random.uniform(0.42, 0.52)
        parts.append(torso.band(y, random.uniform(0.07, 0.13)))
    if chance(random, 0.7):
        parts += _hip_pockets(torso, random)
    return parts


def _lapels(torso: Torso, random: Random, closing: float) -> list[Part]:
    """With a notch, or rolled without one."""
    top, neck = torso.top, torso.neck
    wide, height = random.uniform(0.14, 0.34), closing - torso.top
    outer = [(wide, top + height * random.uniform(0.35, 0.5))]
    if chance(random, 0.65):
        outer += [(wide - 0.07, outer[0][1] + 0.02), (wide + 0.05, outer[0][1] + random.uniform(0.04, 0.1))]
    collar = [(neck * 0.85, top - random.uniform(0, 0.06)), (neck + 0.08, top + 0.1)]
    lapel = surface(*collar, *outer, (0, closing), shade=random.integers(0, 3))
    return both_sides(lapel)


def _fastening(torso: Torso, random: Random, kind: str, closing: float, lap: float) -> list[Part]:
    """Buttons in a row or two, or toggles; most coats have few and large ones."""
    if kind in ("zip", "padded") or chance(random, 0.2):
        return []
    ys = np.linspace(closing + 0.08, torso.bottom - torso.length * random.uniform(0.15, 0.4), random.integers(1, 5))
    if kind == "hood" and chance(random, 0.6):
        return [line((-0.14, y), (0.14, y), width=0.05) for y in ys]
    apart = random.uniform(0.1, 0.2)
    rows = (lap + 0.07,) if chance(random, 0.55) else (-apart, apart)
    radius = random.uniform(0.025, 0.055)
    return [disc(x, y, radius) for y in ys for x in rows]


def _hip_pockets(torso: Torso, random: Random) -> list[Part]:
    y = torso.top + torso.length * random.uniform(0.54, 0.7)
    inner, outer = 0.14, torso.side(y) - 0.06
    if outer < inner + 0.06:
        return []
    match random.integers(0, 3):
        case 0:  # a slit
            tilt = random.uniform(-0.2, 0.2)
            return both_sides(line((inner, y), (outer, y + tilt), width=random.choice([0, 0.05])))
        case 1:  # a flap
            flap = surface((inner, y), (outer, y), (outer, y + 0.09), (inner, y + 0.09), shade=random.integers(0, 2))
            return both_sides(flap)
        case _:
            tall = random.uniform(0.16, 0.28)
            return both_sides(line((inner, y), (outer, y), (outer, y + tall), (inner, y + tall), (inner, y)))


def _chest_pocket(x: float, y: float) -> Part:
    return line((x, y), (x + 0.2, y), (x + 0.2, y + 0.2), (x + 0.1, y + 0.26), (x, y + 0.2), (x, y))


def _stand_up_collar(torso: Torso, height: float) -> Part:
    top = torso.top - height
    return mirrored((0, top), (torso.neck, top), (torso.neck * 1.1, torso.top + 0.08), (0, torso.top + 0.1), shade=1)


def _hood(torso: Torso, random: Random) -> list[Part]:
    """Up, behind the shoulders, with its opening; or lying round the neck."""
    if chance(random, 0.35):
        wide, tall = torso.neck * random.uniform(1.4, 1.9), random.uniform(0.06, 0.2)
        low = torso.top + random.uniform(0.24, 0.4)
        edge = [(wide * 0.7, torso.top - tall), (wide, torso.top + 0.08), (0, low)]
        return [mirrored((0, torso.top - tall), *edge, shade=random.integers(0, 2))]
    wide, tall = torso.neck * random.uniform(1.4, 2.0), random.uniform(0.24, 0.42)
    outside = arc((0, torso.top), (wide, tall), (-180, 0))
    hood = surface(*outside, (torso.neck, torso.top + 0.16), (0, torso.top + 0.3), (-torso.neck, torso.top + 0.16))
    opening = line(*arc((0, torso.top + 0.02), (wide * 0.6, tall * 0.68), (0, 360)))
    return [hood, opening]


def _stripes(torso: Torso, random: Random) -> list[Part]:
    ys = np.linspace(torso.top + 0.35, torso.bottom - 0.3, random.integers(2, 5))
    height = random.uniform(0.02, 0.12)
    return [torso.band(y, height) for y in ys]
