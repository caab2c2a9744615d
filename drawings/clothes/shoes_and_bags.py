"""Patterns of shoes and bags; see `drawings.shapes`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from drawings.shapes import Part, Random, arc, chance, disc, line, surface


def sneaker(random: Random) -> list[Part]:
    u = random.uniform
    sole = u(0.08, 0.26)
    ground, base = 0.4, 0.4 - sole
    is_high = chance(random, 0.35)
    ankle = u(-0.95, -0.45) if is_high else u(-0.5, -0.1)
    toe = u(0.14, 0.45)  # how high the toe box is
    ankle = min(ankle, base - toe - 0.14)
    opening = u(0.25, 0.5)  # where the tongue ends
    tongue = ankle - u(-0.06, 0.1)
    instep = (opening - u(0.25, 0.6), base - toe - u(0.0, 0.12))
    heel = u(0.82, 0.95)
    upper = surface((-0.95, base), (-0.94, base - toe * u(0.4, 0.8)), (u(-0.85, -0.7), base - toe), instep,
                    (opening - 0.12, tongue), (opening, tongue + 0.04), (heel - 0.12, ankle + u(-0.02, 0.06)), (heel, ankle),
                    (heel - u(-0.02, 0.06), base - 0.1), (0.93, base))  # fmt: skip
    spring, flare = u(0, 0.1), u(0.94, 1.04)  # the toe lifted; the heel drawn out
    tread = surface((-1.0, base), (-1.0, ground - 0.04 - spring), (-0.85, ground - spring * 0.3), (-0.5, ground), (flare - 0.06, ground),
                    (flare, ground - 0.05), (0.96, base), shade=1)  # fmt: skip
    parts = [upper, tread]
    if chance(random, 0.7):  # laces
        (x0, y0), (x1, y1) = instep, (opening - 0.12, tongue)
        for share in np.linspace(0.05, 0.85, random.integers(3, 6)):
            x, y = x0 + share * (x1 - x0), y0 + share * (y1 - y0)
            parts.append(line((x - 0.02, y - 0.02), (x + 0.15, y + 0.13), width=u(0, 0.06)))
    motif = random.integers(0, 6)
    if motif == 0:
        parts += [line((x, base - 0.02), (x - 0.12, base - toe - 0.1), width=u(0.02, 0.07)) for x in (0.05, 0.2, 0.35)]
    elif motif == 1:
        parts.append(line((-0.3, base - 0.08), (-0.1, base - 0.1), (0.7, (ankle + base) / 2), width=u(0.02, 0.09)))
    elif motif == 2:
        parts.append(line((-0.62, base), (-0.56, base - toe)))
        parts.append(line((0.55, base), (0.5, base - 0.25), (0.7, ankle)))
    elif motif == 3:  # a badge on the ankle, a cap on the toe
        parts.append(disc(0.6, (ankle + base) / 2, 0.12, shade=1))
        parts.append(line((-0.7, base), (-0.62, base - toe * 0.6), (-0.7, base - toe)))
    elif motif == 4:  # a band along the side, up to the heel
        y = base - toe * 0.55
        parts.append(line((-0.9, y), (0.1, y), (0.9, base - toe)))
    if chance(random, 0.3):
        parts.append(line((-0.98, base + sole * 0.5), (0.97, base + sole * 0.5)))
    if chance(random, 0.25):  # a loop, a padded rim
        parts.append(line((opening, tongue + 0.1), (heel - 0.05, ankle + 0.12)))
    return parts


def ankle_boot(random: Random) -> list[Part]:
    u = random.uniform
    heel, ground = u(0.05, 0.42) if chance(random, 0.6) else u(0.0, 0.1), 0.85
    sole = u(0.04, 0.2)
    base = ground - sole
    toe, top = u(0.18, 0.42), u(-0.98, -0.4)
    front, back = u(-0.25, 0.15), u(0.5, 0.78)
    lift = heel * 0.9
    upper = surface((-0.92, base), (-0.93, base - toe * 0.6), (-0.75, base - toe), (-0.4, base - toe - 0.1 - lift * 0.3),
                    (front - 0.08, base - toe - 0.3 - lift * 0.7), (front - u(0, 0.08), top), (back + u(-0.05, 0.08), top + u(-0.05, 0.05)),
                    (back - 0.03, base - 0.45 - lift * 0.5), (back + 0.05, base - lift), (0.25, base - lift * 0.75), (-0.35, base))  # fmt: skip
    tread = surface((-0.95, base), (-0.95, ground), (-0.3, ground), (0.2, ground - lift * 0.8), (back - 0.25, ground - lift),
                    (back - u(0.1, 0.25), ground), (back + 0.06, ground), (back + 0.08, base - lift), (0.25, base - lift * 0.75),
                    (-0.35, base), shade=1)  # fmt: skip
    parts = [upper, tread]
    motif = random.integers(0, 5)
    if motif == 0:  # laces
        for share in np.linspace(0.0, 1.0, random.integers(4, 7)):
            y = top + 0.1 + share * (base - toe - 0.25 - top)
            parts.append(line((front - 0.08, y), (front + 0.16, y + u(-0.04, 0.06)), width=u(0, 0.05)))
    elif motif == 1:  # elastic
        x = (front + back) / 2
        parts.append(
            surface((x - 0.14, top), (x + 0.14, top), (x + 0.06, base - 0.55), (x - 0.06, base - 0.55), shade=1)
        )
    elif motif == 2:
        parts.append(line((front + 0.25, top), (front + 0.2, base - lift), width=0.02))
    elif motif == 3:  # a turned-down or furry top
        parts.append(
            surface(
                (front - 0.12, top - 0.04),
                (back + 0.1, top - 0.04),
                (back + 0.1, top + 0.2),
                (front - 0.12, top + 0.2),
                shade=2,
            )
        )
    if chance(random, 0.4):
        parts.append(line((-0.6, base - toe - 0.02), (-0.5, base)))
    if chance(random, 0.3):
        y = base - toe - 0.2
        parts.append(line((front - 0.15, y), (back, y - 0.05), width=u(0, 0.07)))
    return parts


def sandal(random: Random) -> list[Part]:
    kind = random.random()
    if kind < 0.24:
        return _from_above(random)
    if kind < 0.42:
        return _slide(random)
    if kind < 0.47:
        return _laced_up_the_leg(random)
    u = random.uniform
    heel = random.choice([u(0.0, 0.12), u(0.3, 0.75)])
    toe_y, heel_y = 0.5, 0.5 - heel
    thick = u(0.04, 0.16)
    wedge = chance(random, 0.35)
    arch = [
        (-0.95, toe_y - thick),
        (-0.5, toe_y - thick),
        (0.1, (toe_y + heel_y) / 2 - thick * 0.7),
        (0.55, heel_y - thick),
        (0.9, heel_y - thick),
    ]
    if wedge or heel < 0.15:
        below = [(0.93, toe_y), (-0.93, toe_y)]
    else:
        narrow = u(0.04, 0.14)
        below = [(0.92, heel_y), (0.86, toe_y), (0.86 - narrow, toe_y), (0.78 - narrow, heel_y + 0.04),
                 (0.5, heel_y), (0.1, (toe_y + heel_y) / 2 + thick * 0.3), (-0.5, toe_y), (-0.93, toe_y)]  # fmt: skip
    parts = [surface(*arch, *below, shade=1)]
    width = u(0.05, 0.2)
    height = u(0.22, 0.5)

    def strap(x: float, wide: float, tall: float, lean: float) -> Part:
        y = float(np.interp(x, [-0.95, -0.5, 0.1, 0.55, 0.9], [p[1] for p in arch]))
        y_end = float(np.interp(x + wide, [-0.95, -0.5, 0.1, 0.55, 0.9], [p[1] for p in arch]))
        return line((x, y), (x + wide * 0.3 + lean, y - tall), (x + wide * 0.8 + lean, min(y, y_end) - tall * 0.85), (x + wide, y_end),
                    width=width, shade=0)  # fmt: skip

    parts += [strap(u(-0.85, -0.4), u(0.2, 0.5), u(0.15, 0.34), u(0, 0.1)) for _ in range(random.integers(1, 4))]
    if chance(random, 0.75):  # round the ankle
        y = heel_y - thick - height
        parts.append(line((0.88, heel_y - thick), (0.9, y), (0.75, y - 0.06), (0.4, y + 0.02), (0.32, y + 0.12), (0.6, y + 0.14), (0.9, y + 0.1),
                          width=width * 0.8, shade=0))  # fmt: skip
        if chance(random, 0.6):
            parts.append(
                line(
                    (-0.5, toe_y - thick - 0.2),
                    (0.0, heel_y - height * 0.5),
                    (0.4, y + 0.05),
                    width=width * 0.8,
                    shade=0,
                )
            )
    return parts


def _slide(random: Random) -> list[Part]:
    """A sole and one broad band over the toes; the heel is bare."""
    u = random.uniform
    heel, thick = random.choice([0.0, u(0.05, 0.3), u(0.3, 0.7)]), u(0.08, 0.26)
    toe_y, heel_y = 0.5, 0.5 - heel
    top = [(-0.95, toe_y - thick), (-0.3, toe_y - thick), (0.5, heel_y - thick), (0.95, heel_y - thick)]
    if heel > 0.2 and chance(random, 0.7):
        wide = u(0.12, 0.4)
        below = [(0.95, toe_y), (0.95 - wide, toe_y), (0.9 - wide, heel_y), (-0.2, toe_y), (-0.95, toe_y)]
    else:
        below = [(0.95, toe_y), (-0.95, toe_y)]
    parts = [surface(*top, *below, shade=1)]
    start, end, tall = u(-0.95, -0.6), u(-0.25, 0.25), u(0.3, 0.65)
    lean = u(0.0, 0.3)
    end_y = float(np.interp(end, [p[0] for p in top], [p[1] for p in top]))
    band = [(start, toe_y - thick), (start + lean * 0.5, toe_y - thick - tall * u(0.5, 1.0)),
            ((start + end) / 2 + lean, min(toe_y, end_y + 0.2) - thick - tall), (end + lean * 0.6, end_y - tall * 0.9), (end, end_y)]  # fmt: skip
    parts.append(surface(*band, shade=0))
    if chance(random, 0.3):
        parts.append(line(band[1], ((start + end) / 2, toe_y - thick)))
    return parts


def _laced_up_the_leg(random: Random) -> list[Part]:
    u = random.uniform
    width, front, back = u(0.06, 0.14), u(-0.15, 0.05), u(0.5, 0.7)
    parts = [surface((-0.95, 0.78), (0.3, 0.74), (0.75, 0.7), (0.78, 0.9), (-0.95, 0.9), shade=1)]
    rungs = np.linspace(-0.85, 0.2, random.integers(4, 7))
    parts += [line((front, y + u(-0.05, 0.05)), (back, y), width=width) for y in rungs]
    parts += [line((x, 0.78), (x + 0.12, 0.55), (x + 0.34, 0.4), (0.4, 0.74), width=width) for x in (-0.85, -0.5)]
    parts.append(line((back, -0.85), (back, 0.7), width=width))
    return parts


def _from_above(random: Random) -> list[Part]:
    """A pair of flip-flops, or one."""
    u = random.uniform
    parts = []
    wide, strap = u(0.22, 0.36), u(0.04, 0.12)
    if chance(random, 0.5):
        feet, turn = (-0.38, 0.38), 0.0
    else:  # one, lying at any angle
        feet, turn = (0.0,), u(-1.2, 1.2)
    slide = chance(random, 0.25)  # a band instead of thongs
    profile = ((-0.85, 0.7), (-0.6, 1.0), (-0.2, 0.95), (0.2, 0.72), (0.6, 0.8), (0.85, 0.6))
    for x in feet:
        right = [(x + wide * k, y) for y, k in profile]
        left = [(x - wide * k, y) for y, k in reversed(profile)]
        parts.append(surface(*right, *left))
        if slide:
            parts.append(surface((x - wide, -0.5), (x + wide, -0.5), (x + wide, 0.0), (x - wide, 0.0), shade=1))
        else:
            parts.append(line((x - wide * 0.8, 0.1), (x, -0.5), (x + wide * 0.8, 0.1), width=strap))
    turned = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return [replace(part, points=part.points @ turned) for part in parts]


def bag(random: Random) -> list[Part]:
    u = random.uniform
    wide, low = u(0.45, 0.95), u(0.5, 0.9)
    top = u(-0.3, 0.15)
    narrow = wide * u(0.7, 1.08)
    body = surface(
        (-narrow, top), (narrow, top), (wide, low - 0.12), (wide * 0.93, low), (-wide * 0.93, low), (-wide, low - 0.12)
    )
    kind = random.integers(0, 6)
    handle, strap = u(0.25, 0.75), u(0.04, 0.13)
    grip = narrow * u(0.35, 0.8)
    parts = []
    if kind == 0:  # one rounded handle
        parts.append(line(*arc((0, top), (grip, handle), (-180, 0)), width=strap, shade=1))
    elif kind == 1:  # two handles
        parts.append(line(*arc((0.05, top), (grip, handle), (-180, 0)), width=strap, shade=1))
        parts.append(line(*arc((-0.05, top + 0.25), (grip, handle + 0.2), (-180, 0)), width=strap, shade=1))
    elif kind == 2:  # a straight handle
        y = top - handle * 0.6
        parts.append(line((-grip, top), (-grip * 0.9, y), (grip * 0.9, y), (grip, top), width=strap, shade=1))
    elif kind == 3:  # a long strap
        parts.append(
            line(
                (-narrow * 0.95, top + 0.05),
                (-grip * 0.5, -0.95),
                (grip * 0.5, -0.95),
                (narrow * 0.95, top + 0.05),
                width=strap,
                shade=1,
            )
        )
    elif kind == 4:  # a backpack
        x, y = wide * 0.75, -0.7
        body = surface((-x * 0.6, y), (x * 0.6, y), (x, y + 0.3), (x, low), (-x, low), (-x, y + 0.3))
        parts.append(line(*arc((0, y), (0.16, 0.18), (-180, 0)), width=strap * 0.7, shade=1))
    parts.append(body)
    flap = random.integers(0, 5)
    if flap == 0:
        parts.append(
            surface(
                (-narrow, top),
                (narrow, top),
                (narrow * 0.9, top + 0.35),
                (0, top + 0.5),
                (-narrow * 0.9, top + 0.35),
                shade=1,
            )
        )
        parts.append(disc(0, top + 0.45, 0.07))
    elif flap == 1:
        parts.append(line((-narrow, top + 0.14), (narrow, top + 0.14)))
    elif flap == 2:
        y = (top + low) / 2
        parts.append(
            surface((-wide * 0.6, y), (wide * 0.6, y), (wide * 0.6, low - 0.1), (-wide * 0.6, low - 0.1), shade=1)
        )
    elif flap == 3:
        parts.append(surface((-0.09, top), (0.09, top), (0.09, top + 0.25), (-0.09, top + 0.25), shade=2))
    return parts
