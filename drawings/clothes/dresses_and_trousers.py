"""Patterns of dresses and trousers; see `drawings.shapes`."""

from __future__ import annotations

import numpy as np

from drawings.clothes.torso import cut_torso
from drawings.shapes import Part, Random, arc, both_sides, chance, disc, line, mirrored, surface


def dress(random: Random) -> list[Part]:
    return _with_set_in_sleeves(random) if chance(random, 0.25) else _with_bodice(random)


def _with_set_in_sleeves(random: Random) -> list[Part]:
    torso = cut_torso(
        random,
        sleeve=(0.12, 0.22) if chance(random, 0.6) else (0.4, 0.6),
        length=(1.65, 1.95),
        flare=(1.1, 2.3),
        neck_depth=(0.02, 0.3),
    )
    parts = torso.parts(random) + torso.seams(random, cuffs=0.4)
    if chance(random, 0.6):
        y = torso.top + torso.length * random.uniform(0.34, 0.5)
        parts.append(torso.band(y, random.uniform(0.02, 0.1)))
    if chance(random, 0.4):
        parts.append(torso.neckband())
    if chance(random, 0.3):
        y = torso.bottom - random.uniform(0.1, 0.3)
        parts.append(line((-torso.side(y), y), (torso.side(y), y)))
    return parts


def _with_bodice(random: Random) -> list[Part]:
    u = random.uniform
    top, waist_y, bottom = -0.9, u(-0.35, -0.05), u(0.6, 0.95)
    bust, waist, hem = u(0.22, 0.36), u(0.15, 0.28), u(0.26, 0.85)
    neck, strap = u(0.1, 0.22), u(0.02, 0.16)
    outline = [(0.0, top + u(0.05, 0.4)), (neck, top), (neck + strap, top)]
    parts: list[Part] = []
    sleeves = random.random()
    if sleeves < 0.3:
        reach, drop = u(0.15, 0.55), u(0.15, 0.7)
        outline += [(neck + strap + reach * 0.5, top + drop), (bust, top + min(drop, 0.4) + 0.05)]
    elif sleeves < 0.42:  # puffed
        outline += [(bust, top + 0.1), (bust, top + 0.36)]
        radii, tilt = (u(0.1, 0.2), u(0.13, 0.2)), u(0.1, 0.2)
        parts += both_sides(surface(*arc((neck + strap + radii[0] * 0.6, top + tilt), radii, (0, 360))))
    else:
        outline += [(bust * u(0.8, 0.98), top + 0.25), (bust, top + 0.36)]
    half = waist + (hem - waist) * u(0.35, 0.85)
    outline += [(waist, waist_y), (half, (waist_y + bottom) / 2), (hem, bottom)]
    scallops = int(random.integers(2, 5)) if chance(random, 0.2) else 0
    if scallops:
        xs = np.linspace(hem, 0, 2 * scallops + 1)[1:]
        outline += [(x, bottom + (0.06 if n % 2 == 0 else -0.01)) for n, x in enumerate(xs)]
    else:
        outline += [(hem * 0.5, bottom + u(0, 0.08)), (0.0, bottom + u(0, 0.08))]
    parts.append(mirrored(*outline))
    if chance(random, 0.6):
        parts.append(line((-waist, waist_y), (waist, waist_y), width=random.choice([0.0, 0.06, 0.1])))
    if chance(random, 0.5):
        shares = np.linspace(-0.6, 0.6, random.integers(2, 6))
        parts += [line((waist * s, waist_y + 0.1), (hem * s, bottom - u(0.02, 0.25))) for s in shares]
    if chance(random, 0.2):  # flounces
        for share in np.linspace(0.3, 0.8, random.integers(1, 4)):
            y, wide = waist_y + (bottom - waist_y) * share, waist + (hem - waist) * share
            parts.append(line((-wide, y), (0, y + 0.05), (wide, y)))
    if chance(random, 0.2):
        for x, y in random.uniform(-0.8, 0.8, (8, 2)):
            parts.append(disc(x * waist, y * 0.7, 0.035, shade=1))
    return parts


def trouser(random: Random) -> list[Part]:
    u = random.uniform
    top, bottom, crotch = -0.95, u(0.35, 0.97), u(-0.45, -0.15)
    hip = u(0.3, 0.6)
    waist = hip * u(0.7, 1.0)
    outer, wide = hip * u(0.75, 1.35), u(0.16, 0.36)
    outline = [(0.0, top), (waist, top), (hip, crotch), (outer, bottom), (max(0.03, outer - wide), bottom)]
    outline += [(u(0.02, 0.08), crotch + u(0.05, 0.3)), (0.0, crotch)]
    parts = [mirrored(*outline)]
    if chance(random, 0.7):
        parts.append(line((-waist, top + 0.12), (waist, top + 0.12)))
    if chance(random, 0.6):
        parts.append(line((0, top + 0.1), (0, crotch)))
    if chance(random, 0.5):
        parts += both_sides(line((waist * 0.5, top + 0.13), (waist * 0.65, top + 0.26), (hip * 0.95, top + 0.32)))
    if chance(random, 0.3):
        parts += both_sides(line((outer - wide, bottom - 0.1), (outer, bottom - 0.1)))
    if chance(random, 0.25):
        parts += both_sides(line((hip * 0.55, crotch), ((outer + outer - wide) / 2, bottom - 0.05)))
    return parts
