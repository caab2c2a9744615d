"""Colours of 28x28 cells -> the image of the data set that they show, if they show one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nin.classify.figure.colour_map import undo
from nin.classify.figure.pixel_grid import difference
from nin.classify.figure.rectangle import GRAINY
from nin.data.fashion_mnist import SIDE

Bytes = NDArray[np.uint8]

GRID = 0.6  # of the steps of colour that keep to the edges of cells
MISFIT = 12.0  # steps of 255 from the map that it is said to be painted in
DARK, LIT = 0.12, 0.05  # of the whole range: what is still background, what is garment
FULL = SIDE - 1  # cells: a garment of the data set reaches over these, one way or the other
LEAST_RANGE = 0.3
SHADED = 0.1  # of what is lit: an image of the data set has greys
LIGHT, COLOURED = 170, 40  # of 255: a background that is all lighter than this, or no colour, may as well be paper


def shown_image(colours: Bytes, kept: float, *, is_whole: bool = False) -> Bytes | None:
    """The values of 28x28 in these colours, as the data set would have them; None where it is nothing like them.

    `kept` is how far the picture is a grid of cells; `is_whole`: there is nothing around it.
    """
    corners = np.stack([colours[:2, :2], colours[:2, -2:], colours[-2:, :2], colours[-2:, -2:]])
    ground = np.median(corners, axis=(0, 1, 2)).astype(np.uint8)
    if (np.median(difference(corners, ground), axis=(1, 2)) > GRAINY).sum() > 1:
        return None
    undone = undo(colours, corners)
    if undone is None or undone.misfit > MISFIT:
        return None
    values = undone.values
    dark = sum(
        bool(block.mean() < DARK) for block in (values[:2, :2], values[:2, -2:], values[-2:, :2], values[-2:, -2:])
    )
    if dark < 3 or np.ptp(values) < LEAST_RANGE:
        return None
    lit = values > LIT
    if (lit & (values < 1 - LIT)).sum() < SHADED * lit.sum():
        return None  # lines of a pen, and an outline that is drawn square
    if kept < GRID:
        rows, columns = np.flatnonzero(lit.any(axis=1)), np.flatnonzero(lit.any(axis=0))
        reaches = max(np.ptp(rows), np.ptp(columns)) + 1 >= FULL
        # A garment that fills a picture of its own is the finder's, unless nobody paints it so but a map.
        is_painted = not undone.is_grey and np.ptp(ground) > COLOURED and ground.min() < LIGHT
        if not reaches or (is_whole and not is_painted):
            return None
    return np.rint(values * 255).astype(np.uint8)
