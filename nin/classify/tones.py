"""The tones of a garment: bright on black as in the data set, and over the whole scale."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Floats = NDArray[np.float32]  # (height, width), mostly in [0, 1]
Mask = NDArray[np.bool_]  # (height, width)

OUTLINE_FILL = 0.55  # how bright the inside of an outline drawing is made; its lines are 1
PHOTO_FLOOR = 0.12  # the darkest tone of a garment with shading of its own, so that none vanishes
FLAT_BINS, FLAT_TONES, FLAT_SHARE = 32, 3, 0.9  # a surface is flat when so many of the tones make up that share


def negate(luminance: Floats, subject: Mask, garment: Mask, alpha: Floats | None) -> Floats:
    """Bright on black: what was put on the paper becomes the brighter part, as in the data set.

    `subject` is what decides: the lines of a drawing, else the garment.
    """
    if not subject.any():
        return luminance
    outside = ~garment
    if alpha is not None or not outside.any():
        # No ground to go by. Dark lines and dark cloth become bright; what has nothing dark is bright enough.
        return 1 - luminance if np.quantile(luminance[subject], 0.1) < 0.6 else luminance
    ground = float(np.median(luminance[outside]))
    has_dark = np.quantile(luminance[subject], 0.1) < ground - 0.02
    return 1 - luminance if ground > 0.5 or has_dark else luminance


def stretch(tone: Floats, garment: Mask, *, lines: bool) -> Floats:
    """The garment's own tones over the whole scale, its darkest still visible on black."""
    low, high = np.quantile(tone[garment], (0.02, 0.98))
    floor = OUTLINE_FILL if lines else PHOTO_FLOOR
    if high - low < 0.08:  # one flat tone
        return np.ones_like(tone)
    # Tones that are already bright on black are left where they are.
    low = low if lines else min(low, 0.35)
    scaled = np.clip((tone - low) / (high - low), 0, 1)
    return (floor + (1 - floor) * scaled).astype(np.float32)


def is_flat(luminance: Floats, garment: Mask) -> bool:
    """Whether a surface has a few tones and no shading, as what is coloured in with a pen has."""
    inner = ndimage.binary_erosion(garment, iterations=2)
    counts, _ = np.histogram(luminance[inner if inner.any() else garment], bins=FLAT_BINS, range=(0, 1))
    return bool(np.sort(counts)[-FLAT_TONES:].sum() >= FLAT_SHARE * counts.sum())


def in_one_colour(colours: Floats, hatched: Mask, ink: Mask) -> Floats:
    """What was scribbled in, as the surface that was meant: in the mean colour of its strokes."""
    strokes = hatched & ink
    return np.where(hatched[..., None], colours[strokes].mean(axis=0), colours) if strokes.any() else colours
