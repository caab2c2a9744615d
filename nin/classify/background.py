"""The background of a picture: its frame, its colour or transparency, and what was put on it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from nin.classify.outline import bounding_box

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)  # what red, green and blue give to brightness
RIM = 0.03  # of the shorter side: how wide a strip along the border is taken for background
CHROMA_WEIGHT = 1.5  # colour tells a garment from a shadow, brightness alone does not
NOISE_FLOOR = 0.07  # differences below this are no garment,
CLEAN_FLOOR = 0.025  # unless the ground is clean and there is nothing else: white on off-white
FAINT = 0.5  # ink may be this much fainter than the threshold where it touches stronger ink
INK_ON_DARK = 0.35  # of the light of its ground: what is darker is no shadow but ink
FRAME_DEPTH = 0.2  # a frame is at most this share of the picture, on each side


def find_frame(picture: Image.Image) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what lies within bars or a frame of one colour around another background.

    A screenshot's border, the black bars of a film still: rows (or columns) of one colour that
    end in a row of another single colour. A garment on its background ends in no such row.
    """
    pixels = np.asarray(picture.convert("RGB"), dtype=np.int16)
    height, width = pixels.shape[:2]
    # The sides are looked at without the bars above and below, which cross them.
    top, bottom = _bar(pixels), height - _bar(pixels[::-1])
    columns = pixels[top:bottom].transpose(1, 0, 2)
    left, right = _bar(columns), width - _bar(columns[::-1])
    return left, top, right, bottom


def _bar(rows: NDArray[np.int16]) -> int:
    """How many of the first rows are a bar of one colour that gives way to another colour."""
    depth = int(len(rows) * FRAME_DEPTH)
    colours = np.median(rows[: depth + 1], axis=1)  # (depth, 3)
    plain = (np.abs(rows[: depth + 1] - colours[:, None]).max(axis=2) < 24).mean(axis=1) > 0.85
    changed = np.abs(colours - colours[0]).max(axis=1) > 40
    if not plain[0] or not changed.any():
        return 0
    end = int(changed.argmax())
    # The row after the change may be a blend of the two colours; the next must be plain again.
    after = min(end + 1, depth)
    return after if plain[end] or plain[after] else 0


def arrays(picture: Image.Image) -> tuple[Floats, Floats | None]:
    """Colours over white, (h, w, 3) in [0, 1], and the opacity where there is transparency."""
    rgba = np.asarray(picture, dtype=np.float32) / 255
    colours, alpha = rgba[..., :3], rgba[..., 3]
    if (alpha > 0.9).mean() > 0.99:
        return colours, None
    return colours * alpha[..., None] + (1 - alpha[..., None]), alpha


def find_ink(colours: Floats, alpha: Floats | None) -> Mask:
    """What was put on the background: a surface, or the lines of a drawing."""
    if alpha is not None:
        opaque = alpha > 0.4
        if not _is_plate(opaque):
            return opaque
        # An icon's coloured plate: the garment is what stands out from the plate.
        inner = ndimage.binary_erosion(opaque, iterations=3)
        if not inner.any():  # a dot: there is no room for anything on it
            return opaque
        return difference_from_background(colours, inner) & inner
    return difference_from_background(colours)


def _is_plate(opaque: Mask) -> bool:
    """Whether the opaque part is a mere backing: a rectangle, rounded or not, or a disc."""
    if not opaque.any():
        return False
    top, left, bottom, right = bounding_box(opaque)
    inside = opaque[top:bottom, left:right]
    height, width = inside.shape
    if min(height, width) < 0.8 * max(height, width):
        return False
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    return any((((np.abs(x) ** p + np.abs(y) ** p) <= 1) != inside).mean() < 0.025 for p in (2, 4, 6, 12, 60))


def difference_from_background(colours: Floats, where: Mask | None = None) -> Mask:
    """Where a picture, (h, w, 3) in [0, 1], differs from the background along its rim.

    The background is a plane in each channel, so that light may fall from one side. `where`
    limits the picture to a part of it, whose rim is then used.
    """
    height, width = colours.shape[:2]
    rim = _rim(np.ones((height, width), dtype=bool) if where is None else where)
    background = _fit_plane(colours, rim)
    offset = colours - background
    luminance = offset @ LUMA
    chroma = offset - luminance[..., None]
    difference = np.sqrt(luminance**2 + (CHROMA_WEIGHT * np.linalg.norm(chroma, axis=2)) ** 2)
    noise = 1.4826 * float(np.median(np.abs(difference[rim])))
    floor = max(NOISE_FLOOR, 3.5 * noise)
    considered = difference if where is None else difference[where]
    if considered.max() < floor:  # nothing at first sight; on a ground without any grain a closer look is safe
        floor = max(CLEAN_FLOOR, 10 * noise)
    if considered.max() < floor:
        return np.zeros((height, width), dtype=bool)
    threshold = max(floor, _otsu(considered[considered > floor / 2]) * 0.8)
    # A shadow takes a share of the light, black ink takes all: on a dark ground it differs little and counts all the same.
    ink = (difference > floor) & (colours.max(axis=2) < INK_ON_DARK * background.max(axis=2))
    strong = (difference > threshold) | ink
    weak = (difference > max(floor, FAINT * threshold)) | ink
    parts, _ = ndimage.label(weak, structure=np.ones((3, 3)))
    kept = np.zeros(parts.max() + 1, dtype=bool)
    kept[parts[strong]] = True
    kept[0] = False
    return kept[parts]


def _rim(where: Mask) -> Mask:
    wide = max(1, round(RIM * min(where.shape)))
    return where & ~ndimage.binary_erosion(where, iterations=wide)


def _fit_plane(colours: Floats, rim: Mask) -> Floats:
    """The background at every pixel, from the rim's pixels without those of a garment that touches it."""
    height, width = rim.shape
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    terms = np.stack([np.ones_like(x), x, y], axis=-1)
    samples, values = terms[rim], colours[rim]
    middle = np.median(values, axis=0)
    near = np.abs(values - middle).max(axis=1) < 0.2
    if near.mean() < 0.3:
        return np.broadcast_to(middle, colours.shape)
    plane, *_ = np.linalg.lstsq(samples[near], values[near], rcond=None)
    return (terms @ plane).astype(np.float32)


def _otsu(values: Floats) -> float:
    """The threshold that splits `values` into the two groups furthest apart (Otsu 1979)."""
    values = values.astype(np.float64)  # in float32 a range may be too narrow for so many bins
    low, high = float(values.min()), float(values.max())
    if high - low < 1e-6:  # one value, but for rounding: there is nothing to split
        return low
    counts, edges = np.histogram(values, bins=128, range=(low, high))
    centres = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)
    above = below[-1] - below
    sums = np.cumsum(counts * centres)
    with np.errstate(invalid="ignore", divide="ignore"):
        gap = sums / below - (sums[-1] - sums) / above
    spread = np.nan_to_num(below * above * gap**2)
    return float(centres[spread.argmax()])
