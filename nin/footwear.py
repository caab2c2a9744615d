"""Patterns of shoes and bags; see `nin.patterns`."""

from __future__ import annotations

import numpy as np

from nin.patterns import Part, Random, arc, disc, line, surface


def _chance(random: Random, share: float) -> bool:
    return bool(random.random() < share)


def sneaker(random: Random) -> list[Part]:
    u = random.uniform
    sole = u(0.1, 0.2)
    ground, base = 0.4, 0.4 - sole
    ankle = u(-0.9, -0.5) if _chance(random, 0.3) else u(-0.5, -0.1)  # some are high
    toe = u(0.14, 0.36)  # how high the toe box is
    opening = u(0.28, 0.42)
    upper = surface((-0.95, base), (-0.93, base - toe * 0.6), (-0.75, base - toe), (-0.45, base - toe - 0.06),
                    (opening - 0.35, ankle + 0.02), (opening, ankle + 0.06), (0.78, ankle - 0.04), (0.9, ankle),
                    (0.88, base - 0.1), (0.93, base))  # fmt: skip
    parts = [upper, surface((-1.0, base), (-1.0, ground - 0.04), (-0.92, ground), (0.93, ground), (0.99, ground - 0.05),
                            (0.96, base), shade=1)]  # fmt: skip
    if _chance(random, 0.7):  # laces
        for share in np.linspace(0.1, 0.9, random.integers(3, 6)):
            x, y = -0.45 + share * (opening + 0.1), base - toe - 0.06 + share * (ankle + 0.08 - base + toe)
            parts.append(line((x - 0.02, y - 0.02), (x + 0.14, y + 0.13), width=u(0, 0.05)))
    motif = random.integers(0, 4)
    if motif == 0:
        parts += [line((x, base - 0.02), (x - 0.12, ankle + 0.22), width=u(0.02, 0.07)) for x in (0.05, 0.2, 0.35)]
    elif motif == 1:
        parts.append(line((-0.3, base - 0.08), (-0.1, base - 0.1), (0.7, ankle + 0.18), width=u(0.02, 0.09)))
    elif motif == 2:
        parts.append(line((-0.62, base), (-0.56, base - toe)))
        parts.append(line((0.55, base), (0.5, base - 0.25), (0.7, ankle)))
    if _chance(random, 0.3):
        parts.append(line((-0.98, base + sole * 0.5), (0.97, base + sole * 0.5)))
    return parts


def ankle_boot(random: Random) -> list[Part]:
    u = random.uniform
    heel, ground = u(0.05, 0.42) if _chance(random, 0.6) else u(0.0, 0.1), 0.85
    sole = u(0.04, 0.13)
    base = ground - sole
    toe, top = u(0.18, 0.36), u(-0.95, -0.55)
    front, back = u(-0.12, 0.12), u(0.55, 0.72)
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
    if _chance(random, 0.4):
        parts.append(line((-0.6, base - toe - 0.02), (-0.5, base)))
    if _chance(random, 0.3):
        y = base - toe - 0.2
        parts.append(line((front - 0.15, y), (back, y - 0.05), width=u(0, 0.07)))
    return parts


def sandal(random: Random) -> list[Part]:
    if _chance(random, 0.15):
        return _from_above(random)
    u = random.uniform
    heel = random.choice([u(0.0, 0.12), u(0.3, 0.75)])
    toe_y, heel_y = 0.5, 0.5 - heel
    thick = u(0.04, 0.16)
    wedge = _chance(random, 0.35)
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
    if _chance(random, 0.75):  # round the ankle
        y = heel_y - thick - height
        parts.append(line((0.88, heel_y - thick), (0.9, y), (0.75, y - 0.06), (0.4, y + 0.02), (0.32, y + 0.12), (0.6, y + 0.14), (0.9, y + 0.1),
                          width=width * 0.8, shade=0))  # fmt: skip
        if _chance(random, 0.6):
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


def _from_above(random: Random) -> list[Part]:
    """A pair of flip-flops, or one."""
    u = random.uniform
    parts = []
    wide, strap = u(0.24, 0.34), u(0.04, 0.12)
    for x in (-0.38, 0.38) if _chance(random, 0.7) else (0.0,):
        sole = [
            (x + wide * s * k, y)
            for y, k in ((-0.85, 0.7), (-0.6, 1.0), (-0.2, 0.95), (0.2, 0.72), (0.6, 0.8), (0.85, 0.6))
            for s in (1,)
        ]
        other = [
            (x - wide * k, y)
            for y, k in ((0.85, 0.6), (0.6, 0.8), (0.2, 0.72), (-0.2, 0.95), (-0.6, 1.0), (-0.85, 0.7))
        ]
        parts.append(surface(*sole, *other))
        parts.append(line((x - wide * 0.8, 0.1), (x, -0.5), (x + wide * 0.8, 0.1), width=strap))
    return parts


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
