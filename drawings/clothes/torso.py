"""What T-shirts, pullovers, shirts and coats have in common: a body, two sleeves, and where their seams run.

Coordinates as in `drawings.shapes`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from drawings.shapes import Part, Random, both_sides, chance, line, mirrored, surface

Point = tuple[float, float]
Range = tuple[float, float]


@dataclass(frozen=True)
class Torso:
    """The measures of an upper garment; widths are halves, from the middle outwards."""

    top: float
    shoulder: float
    drop: float  # of the shoulder's end below the neck
    neck: float
    depth: float  # of the neckline
    sleeve: float  # its length; 0 for none
    angle: float  # of the sleeve, in radians from straight down
    arm: float  # the sleeve's width at the shoulder
    wrist: float  # and at its end
    bulge: float  # of the sleeve's outer edge
    waist: float
    hem: float
    length: float
    tail: float  # how much lower the hem is in the middle than at the sides

    @property
    def bottom(self) -> float:
        return self.top + self.length

    @property
    def tip(self) -> Point:
        """The end of the shoulder."""
        return self.shoulder, self.top + self.drop

    @property
    def armpit(self) -> Point:
        return self.shoulder * 0.97, self.top + self.drop + self.arm * 1.1

    @property
    def outer(self) -> Point:
        """The outer corner of the sleeve's end."""
        x, y = self.tip
        return x + math.sin(self.angle) * self.sleeve, y + math.cos(self.angle) * self.sleeve

    @property
    def inner(self) -> Point:
        x, y = self.outer
        x, y = x - math.cos(self.angle) * self.wrist, y + math.sin(self.angle) * self.wrist
        return max(x, self.armpit[0] - (0.06 if self.sleeve > 0.5 else -0.02)), y

    @property
    def lies_on_body(self) -> bool:
        """A long sleeve that hangs straight down: only a line tells it from the body."""
        return self.sleeve > 0.5 and self.inner[0] < self.side(self.inner[1]) + 0.02

    def side(self, y: float) -> float:
        """Half the body's width at the height `y`."""
        heights = (self.armpit[1], self.top + self.length * 0.5, self.bottom)
        return float(np.interp(y, heights, (self.armpit[0], self.waist, self.hem)))

    def across_sleeve(self, share: float) -> list[Point]:
        """Both ends of a line across the sleeve, at this share of its length."""
        (tip_x, tip_y), (outer_x, outer_y), (inner_x, inner_y) = self.tip, self.outer, self.inner
        pit_x, pit_y = self.armpit
        swell = self.bulge * math.sin(math.pi * share)
        return [
            (tip_x + (outer_x - tip_x) * share + swell, tip_y + (outer_y - tip_y) * share),
            (pit_x + (inner_x - pit_x) * share, pit_y + (inner_y - pit_y) * share),
        ]

    def parts(self, random: Random) -> list[Part]:
        """Body and sleeves: cut in one piece, or the sleeves set in."""
        neckline = [(0.0, self.top + self.depth), (self.neck * 0.7, self.top + self.depth * 0.6), (self.neck, self.top)]
        hem = [(self.hem, self.bottom), (self.hem * 0.55, self.bottom + self.tail), (0.0, self.bottom + self.tail)]
        flank = [self.armpit, (self.waist, self.top + self.length * 0.5), *hem]
        if not self.sleeve:
            cut_in = (self.shoulder * 0.86, (self.tip[1] + self.armpit[1]) / 2)
            return [mirrored(*neckline, self.tip, cut_in, *flank)]
        outside = [self.tip, self.across_sleeve(0.5)[0], self.outer, self.inner]
        if self.lies_on_body or chance(random, 0.25):
            sleeve = surface(*outside, self.armpit, shade=1 if chance(random, 0.15) else 0)
            body = mirrored(*neckline, self.tip, *flank)
            # Arms lie in front of a coat as often as behind it.
            return [body, *both_sides(sleeve)] if chance(random, 0.6) else [*both_sides(sleeve), body]
        return [mirrored(*neckline, *outside, *flank)]

    def seams(self, random: Random, *, cuffs: float, shoulders: float = 0.4) -> list[Part]:
        """Cuffs and the seams of the shoulders, each with this probability."""
        parts = []
        if self.sleeve and chance(random, cuffs):
            depth = random.uniform(0.08, 0.16) if self.sleeve > 0.5 else 0.15
            parts += both_sides(line(*self.across_sleeve(1 - depth)))
        if self.sleeve and chance(random, shoulders):
            parts += both_sides(line(self.tip, self.armpit))
        return parts

    def neckband(self, gap: float = 0.07) -> Part:
        low, side = self.top + self.depth, self.top + self.depth * 0.6
        half = [(self.neck + gap, self.top + 0.02), (self.neck * 0.7, side + gap), (0, low + gap)]
        return line(*half, *((-x, y) for x, y in reversed(half[:-1])))

    def band(self, y: float, height: float, shade: int = 1) -> Part:
        """A belt or a stripe over the whole body."""
        upper, lower = self.side(y), self.side(y + height)
        return surface((-upper, y), (upper, y), (lower, y + height), (-lower, y + height), shade=shade)


def cut_torso(
    random: Random,
    *,
    sleeve: Range,
    length: Range,
    flare: Range,
    neck_depth: Range = (0.02, 0.26),
    tail: Range = (0.0, 0.03),
    spread: float = 0.25,
) -> Torso:
    """Measures within these ranges. `sleeve` counts in lengths of the body, `flare` in widths of the
    shoulders; `spread` is the share of garments that hold their arms out.
    """
    u = random.uniform
    shoulder, long = u(0.3, 0.58), u(*length)
    arm = u(0.17, 0.34)
    reach = u(*sleeve) * long
    is_long = reach > 0.55
    return Torso(
        top=-long / 2,
        shoulder=shoulder,
        drop=u(0.03, 0.16),
        neck=min(u(0.11, 0.24), shoulder * 0.7),
        depth=u(*neck_depth),
        sleeve=reach,
        angle=math.radians(u(38, 72) if chance(random, spread) else u(2, 38) if is_long else u(15, 55)),
        arm=arm,
        wrist=arm * (u(0.5, 0.95) if is_long else u(0.8, 1.1)),
        bulge=u(-0.01, 0.06),
        waist=shoulder * u(0.76, 1.06),
        hem=shoulder * u(*flare),
        length=long,
        tail=u(*tail),
    )
