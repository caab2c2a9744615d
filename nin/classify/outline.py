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
HATCHING = 4  # pixels of a picture of 224: half of what is left white between two strokes of a hatching,
HATCHED = 8  # and half of how broad such strokes must be together, to be a surface and no double line
LEAST_HATCHED = 0.1  # of the drawing: less of it is a corner where lines meet
AT_EDGE = 3  # pixels: a line that ends this close to the edge of the sheet runs off it
OPENINGS = (16, 24, 36)  # wider breaks: they are not bridged, but shown to who drew them


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
    ink = closed_at_edges(ink)
    distance = _distance_from(ink)
    # What the widest bridge does not close, no smaller one does.
    widest = _bridged_and_filled(ink, distance, GAPS[-1])
    if widest.sum() <= ENCLOSED_ENOUGH * ink.sum():
        return widest
    for gap in GAPS[:-1]:
        filled = _bridged_and_filled(ink, distance, gap)
        if filled.sum() > ENCLOSED_ENOUGH * ink.sum():
            # Another part, the other half of a jacket, may have a wider break than this one.
            return filled | _parts_deeper_than(GAPS[-1], widest & ~filled & ~ink)
    return widest


def find_hatching(ink: Mask) -> Mask:
    """The surfaces that were scribbled in: strokes so close side by side that what is between them was meant as well."""
    margin = HATCHING + HATCHED
    near = ndimage.distance_transform_edt(~np.pad(ink, margin)) <= HATCHING
    closed = ndimage.distance_transform_edt(near) > HATCHING
    surface = ndimage.binary_fill_holes(_opened(closed, HATCHED))[margin:-margin, margin:-margin]
    parts, count = ndimage.label(surface)
    large = (
        np.bincount(parts.ravel(), minlength=count + 1)
        >= LEAST_HATCHED * ndimage.binary_fill_holes(ink | surface).sum()
    )
    return surface & large[parts]


def _parts_deeper_than(depth: float, mask: Mask) -> Mask:
    """The parts of the mask with a place that is further than `depth` from their edge: rooms, no mere corners."""
    parts, count = ndimage.label(mask)
    deepest = ndimage.maximum(ndimage.distance_transform_edt(mask), parts, range(count + 1))
    return mask & (np.asarray(deepest) > depth)[parts]


def _opened(mask: Mask, radius: float) -> Mask:
    """What of the mask is broader than twice `radius`."""
    core = ndimage.distance_transform_edt(mask) > radius
    return (ndimage.distance_transform_edt(~core) <= radius) & mask if core.any() else core


def closed_at_edges(ink: Mask) -> Mask:
    """An outline that runs off the sheet, closed along the sheet's edge where the garment goes on.

    The paper is what holds the corners. Along the edge its neighbour is garment, and so is the
    next one, be it the other half of a coat or a sole under a shoe; but what lies between two
    such parts at the top or at the bottom is the gap between two legs or under a handle.
    """
    height, width = ink.shape
    band = np.zeros_like(ink)
    band[:AT_EDGE], band[-AT_EDGE:], band[:, :AT_EDGE], band[:, -AT_EDGE:] = True, True, True, True
    barrier = ink | (band & ndimage.binary_dilation(ink, np.ones((3, 3)), iterations=AT_EDGE))
    regions, _ = ndimage.label(~barrier)
    corners = {int(regions[y, x]) for y in (0, height - 1) for x in (0, width - 1)} - {0}
    sides = {"top": regions[0], "bottom": regions[-1], "left": regions[:, 0], "right": regions[:, -1]}
    inside: set[int] = set()
    between: set[int] = set()
    for name, side in sides.items():
        order = [int(side[i]) for i in np.flatnonzero(np.diff(side, prepend=-1)) if side[i]]
        for place, region in enumerate(order):
            around = {*order[max(0, place - 1) : place], *order[place + 1 : place + 2]}
            if region in corners:
                continue
            if name in ("top", "bottom") and around and not around & corners:
                between.add(region)
            else:
                inside.add(region)
    closed = ink.copy()
    border = np.zeros_like(ink)
    border[0], border[-1], border[:, 0], border[:, -1] = True, True, True, True
    closed |= border & np.isin(regions, list(inside - between))
    if inside:
        closed |= border & barrier & ~ink
    return closed


def find_opening(ink: Mask, garment: Mask) -> tuple[int, int, int, int] | None:
    """Where the outline of a drawing is open, as top, left, bottom, right; None where it is closed or has no inside.

    `garment` is the drawing filled. Wider and wider lines are tried until they enclose a room that
    it lacks; the opening is the narrowest place on the broadest way from that room to the paper.
    """
    if not hangs_together(ink):
        return None
    margin = OPENINGS[-1] + 2
    distance = ndimage.distance_transform_edt(~np.pad(closed_at_edges(ink), margin))
    free = ~np.pad(garment, margin)
    for gap in OPENINGS:
        rooms, count = ndimage.label(ndimage.binary_fill_holes(distance <= gap) & (distance > gap) & free)
        if count == 0:
            continue
        room = int(np.bincount(rooms.ravel())[1:].argmax()) + 1
        inside = tuple(int(i) for i in np.argwhere(rooms == room)[0])
        y, x = (int(i) - margin for i in _bottleneck(distance, inside, gap))
        top, left = max(0, y - gap), max(0, x - gap)
        return top, left, max(top + 1, min(ink.shape[0], y + gap)), max(left + 1, min(ink.shape[1], x + gap))
    return None


def _bottleneck(distance: NDArray[np.float64], inside: tuple[int, int], gap: int) -> NDArray[np.intp]:
    """Where the way from `inside` to the corner of the picture is narrowest, of all ways the one that is broadest."""
    for least in range(gap, -1, -1):
        parts, _ = ndimage.label(distance >= least)
        if parts[inside] == parts[0, 0]:
            break
    apart, _ = ndimage.label(distance >= least + 1)
    to_inside = ndimage.distance_transform_edt(apart != apart[inside])
    to_outside = ndimage.distance_transform_edt(apart != apart[0, 0])
    way = np.where(parts == parts[inside], to_inside + to_outside, np.inf)
    return np.asarray(np.unravel_index(way.argmin(), way.shape))


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
