"""What the finder is not sure of, as codes and places: front ends put it into words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from nin.classify.outline import bounding_box, find_opening

Mask = NDArray[np.bool_]  # (height, width)

SEVERAL, TOUCHES_EDGE, OPEN_OUTLINE, BACKGROUND = "several", "touches_edge", "open_outline", "background"
Code = Literal["several", "touches_edge", "open_outline", "background"]

APART = 0.07  # of the longer side: parts that lie closer together are one thing
A_THING = 0.2  # of the largest thing's area: smaller ones are buttons, tags, captions
AT_THE_EDGE = 0.04  # of a side: what touches along less of it is taken for whole
NOT_SEPARATED = 0.6  # of the border: where more of it is garment, the background is a part of it


@dataclass(frozen=True)
class Box:
    """A part of a picture, in shares of its width and height from the top left corner."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def sides(self) -> tuple[float, float, float, float]:
        return self.left, self.top, self.right, self.bottom

    def pixels(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Left, top, right, bottom in whole pixels, at least one each way, and never outside."""
        left, top = (
            min(max(int(share * side), 0), side - 1) for share, side in ((self.left, width), (self.top, height))
        )
        right = min(max(round(self.right * width), left + 1), width)
        return left, top, right, min(max(round(self.bottom * height), top + 1), height)

    def within(self, outer: Box) -> Box:
        """This box of a part, as a box of the whole; `outer` is where the part lies."""
        width, height = outer.right - outer.left, outer.bottom - outer.top
        return Box(
            outer.left + self.left * width, outer.top + self.top * height,
            outer.left + self.right * width, outer.top + self.bottom * height,
        )  # fmt: skip


WHOLE = Box(0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True)
class Doubt:
    code: Code
    boxes: tuple[Box, ...] = ()  # where: the things that were found, the edge that is touched, the break


def find_doubts(
    ink: Mask, garment: Mask, things: Sequence[Mask] = (), *, lines: bool, cut_out: bool = False, chosen: bool = False
) -> tuple[Doubt, ...]:
    """What speaks against `garment`, one of the `things` that were found, being what is meant, and whole.

    `cut_out`: a transparent ground said what it is; `chosen`: a person said so.
    """
    if not garment.any():
        return ()
    doubts = [Doubt(SEVERAL, tuple(map(box_of, things)))] if len(things) > 1 else []
    if not cut_out and not chosen:
        border = np.concatenate([garment[0], garment[-1], garment[:, 0], garment[:, -1]])
        if border.mean() > NOT_SEPARATED and not lines:
            doubts.append(Doubt(BACKGROUND))
        elif edges := _edges_touched(garment):
            doubts.append(Doubt(TOUCHES_EDGE, edges))
    if lines and len(find_things(garment)) == 1 and (opening := find_opening(ink, garment)) is not None:
        doubts.append(Doubt(OPEN_OUTLINE, (_shares(opening, ink.shape),)))
    return tuple(doubts)


def find_things(garment: Mask) -> tuple[Mask, ...]:
    """The separate things in it, the largest first, without what is too small beside it; close parts are one thing."""
    if not garment.any():
        return ()
    reach = APART * max(garment.shape) / 2
    near = ndimage.distance_transform_edt(~garment) <= reach
    parts, count = ndimage.label(near, structure=np.ones((3, 3)))
    parts[~garment] = 0
    sizes = np.bincount(parts.ravel(), minlength=count + 1)[1:]
    order = [int(i) for i in np.argsort(-sizes, kind="stable") if sizes[i] >= A_THING * sizes.max()]
    return tuple(parts == i + 1 for i in order)


def _edges_touched(garment: Mask) -> tuple[Box, ...]:
    """The stretches of the border that the garment lies on, one for each side."""
    height, width = garment.shape
    found = []
    for name, line in {
        "top": garment[0],
        "bottom": garment[-1],
        "left": garment[:, 0],
        "right": garment[:, -1],
    }.items():
        where = np.flatnonzero(line)
        if len(where) <= AT_THE_EDGE * len(line):
            continue
        first, last = float(where[0]) / len(line), float(where[-1] + 1) / len(line)
        across = 1 / (height if name in ("top", "bottom") else width)
        found.append({
            "top": Box(first, 0, last, across), "bottom": Box(first, 1 - across, last, 1),
            "left": Box(0, first, across, last), "right": Box(1 - across, first, 1, last),
        }[name])  # fmt: skip
    return tuple(found)


def box_of(mask: Mask) -> Box:
    return _shares(bounding_box(mask), mask.shape)


def _shares(edges: tuple[int, int, int, int], shape: tuple[int, ...]) -> Box:
    top, left, bottom, right = edges
    height, width = shape
    return Box(left / width, top / height, right / width, bottom / height)
