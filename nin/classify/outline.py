"""From ink to surface: what an outline encloses is garment, too."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Mask = NDArray[np.bool_]  # (height, width)

# Pixels of a picture of 224: half the breaks in an outline that are closed, smallest first.
GAPS = (0, 2, 4, 7, 11)
_MARGIN = GAPS[-1] + 1
STROKE_RADIUS = 0.065  # of the longer side of what was drawn: half the width of the broadest line
FINEST_RADIUS = 1.4  # pixels of the original: half the width of a line of one pixel, blurred as it is
ENCLOSED_ENOUGH = 1.3  # closing an outline must gain this many times the ink's own area
SCATTERED = 0.1  # where the largest part is a smaller share of the ink, nothing is outlined
SMALLEST_PART = 0.04  # of the largest part's area; smaller ones are specks, captions, crumbs


def is_line_drawing(ink: Mask, pixel: int = 1) -> bool:
    """Lines are thin everywhere; a surface has a place that is far from its edge.

    `pixel` is how large a pixel of the original has become: no line is thinner than that.
    """
    if not ink.any():
        return False
    depth = ndimage.distance_transform_edt(np.pad(ink, 1))[1:-1, 1:-1]
    # Of the ink's spine, not its highest point: a blot where strokes meet is still a line.
    spine = depth[ink & (depth >= ndimage.maximum_filter(depth, 3))]
    return bool(np.quantile(spine, 0.9) < _stroke_radius(ink, pixel))


def _stroke_radius(ink: Mask, pixel: int) -> float:
    top, left, bottom, right = bounding_box(ink)
    return max(2.0, FINEST_RADIUS * pixel, STROKE_RADIUS * max(bottom - top, right - left))


def fill(ink: Mask, *, lines: bool, pixel: int = 1) -> Mask:
    """The ink with what it encloses; small breaks in an outline are closed first.

    In a picture of surfaces only those holes are filled that thin lines enclose: the handle
    of a bag stays open.
    """
    if not lines:
        return ink | _line_bounded_holes(ink, pixel)
    if not hangs_together(ink):
        return ndimage.binary_fill_holes(ink)
    distance = _distance_from(ink)
    # What the widest bridge does not close, no smaller one does.
    widest = _bridged_and_filled(ink, distance, GAPS[-1])
    if widest.sum() <= ENCLOSED_ENOUGH * ink.sum():
        return widest
    for gap in GAPS[:-1]:
        filled = _bridged_and_filled(ink, distance, gap)
        if filled.sum() > ENCLOSED_ENOUGH * ink.sum():
            return filled
    return widest


def hangs_together(ink: Mask) -> bool:
    """Whether it could be one outline with breaks, rather than words on a page."""
    parts, _ = ndimage.label(ink, structure=np.ones((3, 3)))
    return bool(np.bincount(parts.ravel())[1:].max(initial=0) > SCATTERED * ink.sum())


def _distance_from(ink: Mask) -> NDArray[np.float64]:
    """How far each pixel is from the ink, of a picture with a margin that the widest bridge fits into."""
    return ndimage.distance_transform_edt(~np.pad(ink, _MARGIN))


def _bridged_and_filled(ink: Mask, distance: NDArray[np.float64], gap: int) -> Mask:
    """The ink with what it encloses once breaks of up to twice `gap` pixels are bridged.

    Filled while the lines are broad enough to touch across the break, then made as thin again.
    """
    filled = ndimage.binary_fill_holes(ink)
    if gap == 0:
        return filled
    broad = ndimage.binary_fill_holes(distance <= gap)
    thinned = ndimage.distance_transform_edt(broad) > gap
    return filled | thinned[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN]


def _line_bounded_holes(ink: Mask, pixel: int) -> Mask:
    """Holes whose rim is mostly thin: the white inside of a shape that was drawn in outline."""
    holes, count = ndimage.label(ndimage.binary_fill_holes(ink) & ~ink)
    if count == 0:
        return np.zeros_like(ink)
    depth = ndimage.distance_transform_edt(np.pad(ink, 1))[1:-1, 1:-1]
    radius = math.ceil(_stroke_radius(ink, pixel))
    # How thick the ink is near each of its pixels.
    thickness = ndimage.maximum_filter(np.where(ink, depth, 0), size=2 * radius + 1)
    taken = np.zeros_like(ink)
    for label, window in enumerate(ndimage.find_objects(holes), start=1):
        grown = tuple(slice(max(0, part.start - 2), part.stop + 2) for part in window)
        hole = holes[grown] == label
        rim = ndimage.binary_dilation(hole, iterations=2) & ink[grown]
        if (thickness[grown][rim] < radius).mean() > 0.8:
            taken[grown] |= hole
    return taken


def drop_specks(garment: Mask) -> Mask:
    parts, count = ndimage.label(garment, structure=np.ones((3, 3)))
    if count < 2:
        return garment
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    return (sizes >= SMALLEST_PART * sizes.max())[parts]


def bounding_box(mask: Mask) -> tuple[int, int, int, int]:
    """Top, left, bottom, right; the whole picture where the mask is empty."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return 0, 0, *mask.shape
    return int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1
