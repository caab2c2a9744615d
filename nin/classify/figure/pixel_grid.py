"""An enlarged picture is a grid of equal cells: is there one, and what stands in it?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Bytes = NDArray[np.uint8]  # (height, width, 3)
Floats = NDArray[np.float64]
Edges = tuple[float, float, float, float]  # left, top, right, bottom, in pixels

LARGEST = 560  # pixels of a side: of more every second, third, ... is looked at
STEP = 6  # of 255: smaller steps from pixel to pixel are grain of a compressed picture
LEAST_CELL = 3.5  # pixels of a side: in smaller cells steps lie everywhere
OFF = 0.15  # of a cell, at least a pixel: so far beside its place an edge may lie
LEAST_POINTED = 2.0  # pixels: the means of smaller cells are taken
POINTS = 5  # a cell's colour is the median of so many points each way
INNER = 0.6  # of a cell: where those points lie


class Steps(NamedTuple):
    """How much colour changes between a picture's columns, and between its rows."""

    across: Floats  # (width - 1,)
    down: Floats  # (height - 1,)


def difference(one: Bytes, other: Bytes) -> NDArray[np.uint8]:
    """By how much pixels, (..., 3), differ in the channel in which they differ most."""
    larger, smaller = np.maximum(one, other), np.minimum(one, other)
    apart = larger - smaller
    return np.maximum(np.maximum(apart[..., 0], apart[..., 1]), apart[..., 2])


def steps_of(picture: Bytes) -> Steps:
    factor = -(-max(picture.shape[:2]) // LARGEST)
    picture = picture[::factor, ::factor]
    across, down = difference(picture[:, 1:], picture[:, :-1]), difference(picture[1:], picture[:-1])
    return Steps(
        np.where(across > STEP, across, 0).sum(axis=0, dtype=np.float64),
        np.where(down > STEP, down, 0).sum(axis=1, dtype=np.float64),
    )


def gridness(steps: Steps, columns: int, rows: int) -> float:
    """How far steps of colour keep to the edges of `columns` by `rows` cells: 1 all of them, 0 they lie anywhere.

    0 as well where cells are too small to tell.
    """
    return min(_kept_to_edges(steps.across, columns), _kept_to_edges(steps.down, rows))


def _kept_to_edges(steps: Floats, cells: int) -> float:
    length = len(steps) + 1
    cell = length / cells
    if cell < LEAST_CELL:
        return 0.0
    at = np.arange(1, length)
    inner = (at > cell / 2) & (at < length - cell / 2)  # a frame's line is no edge of a cell
    near = (np.abs(at - np.rint(at / cell) * cell) <= max(1.0, OFF * cell))[inner]
    strength = steps[inner]
    total = strength.sum()
    if total <= 0 or near.all():
        return 0.0
    share = near.mean()
    return float((strength[near].sum() / total - share) / (1 - share))


def cells(picture: Image.Image, edges: Edges, columns: int, rows: int) -> Bytes:
    """The colour in each of `columns` by `rows` equal cells of an RGB picture's part, (rows, columns, 3)."""
    left, top, right, bottom = edges
    wide, high = (right - left) / columns, (bottom - top) / rows
    if min(wide, high) < LEAST_POINTED:
        return np.asarray(picture.resize((columns, rows), Image.Resampling.BOX, box=edges))
    # Points rather than means: neither a neighbour's colour nor a thin line across the cell gets in.
    within = (np.arange(POINTS) + 0.5) / POINTS * INNER + (1 - INNER) / 2
    x = np.clip(left + wide * (np.arange(columns)[:, None] + within).ravel(), 0, picture.width - 1).astype(int)
    y = np.clip(top + high * (np.arange(rows)[:, None] + within).ravel(), 0, picture.height - 1).astype(int)
    points = np.asarray(picture.crop((int(x[0]), int(y[0]), int(x[-1]) + 1, int(y[-1]) + 1)))
    points = points[y - y[0]][:, x - x[0]].reshape(rows, POINTS, columns, POINTS, 3)
    return np.median(points, axis=(1, 3)).astype(np.uint8)
