"""Rectangles on paper: what lies on it, and how far a picture reaches within its frame and without its ticks."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from nin.classify.figure.pixel_grid import Edges, difference

Mask = NDArray[np.bool_]
Bytes = NDArray[np.uint8]

LEAST_SIDE = 20  # pixels of a side of a picture in a figure
MOST_PARTS = 60  # looked at
CLEAN, GRAINY = 2, 32  # of 255: what differs by more from paper of one exact colour, or of a compressed picture, is ink
SAME = 12  # of 255: what is near the paper's colour
EXACTLY = 0.9  # where such a share of what is near the paper's colour is exactly that, it is clean
LEAST_PAPER = 0.02  # of a region
SIDE_COVERED, CORNER_COVERED = 0.25, 0.3  # of a rectangle's side, of its corners
TICK = 0.3  # of a rectangle's side: what sticks out over less of it are ticks
CORNER = 0.06  # of a side
WITHOUT_TICKS = 0.6  # of a part's sides: that much is left of a rectangle
SPREAD = 0.03  # of a side
FILLED = 0.9  # of a side: a line that is covered so far may be a frame's
FRAME, FRAME_BROKEN, FRAME_STEP = 0.03, 0.15, 24  # of a side: its width; of its length: what may be no frame; of 255
FRAME_POINTS = 60  # of a line: they tell its colour
FRAME_ON = 0.6  # of a frame's width: so much inwards lies the picture's edge


def ink_on_paper(pixels: Bytes, opaque: Mask) -> Mask | None:
    """What lies on a region's paper: that is what is transparent, or the colour met most often along its border."""
    if (~opaque).mean() > LEAST_PAPER:
        return opaque
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    binned = border.astype(np.int32) >> 3
    codes = (binned[:, 0] << 10) | (binned[:, 1] << 5) | binned[:, 2]
    paper = np.median(border[codes == np.bincount(codes).argmax()], axis=0).astype(np.uint8)
    off = difference(pixels, paper)
    near = np.count_nonzero(off <= SAME)
    if near < LEAST_PAPER * off.size:
        return None
    is_clean = np.count_nonzero(off == 0) > EXACTLY * near
    return off > (CLEAN if is_clean else GRAINY)


def largest_parts(labels: NDArray[np.int32]) -> Iterator[tuple[int, tuple[slice, ...]]]:
    """The largest of the parts that may be a picture, by the area of their boxes: label and window."""
    boxes = []
    for label, window in enumerate(ndimage.find_objects(labels), start=1):
        height, width = (side.stop - side.start for side in window)
        if min(height, width) >= LEAST_SIDE / 2:
            boxes.append((height * width, label, window))
    for _, label, window in sorted(boxes, key=lambda box: -box[0])[:MOST_PARTS]:
        yield label, window


def rectangle(shape: Mask) -> tuple[int, int, int, int] | None:
    """Left, top, right, bottom of the rectangle that a part is, filled or a mere frame, without its ticks."""
    (top, bottom), (left, right) = (_covered(shape.mean(axis=axis)) for axis in (1, 0))
    if min((bottom - top) / shape.shape[0], (right - left) / shape.shape[1]) < WITHOUT_TICKS:
        return None
    inside = shape[top:bottom, left:right]
    # Either of the two outermost lines: the first may be a blend with the paper.
    lines = [two.max(axis=0) for two in (inside[:2], inside[-2:], inside[:, :2].T, inside[:, -2:].T)]
    if min(line.mean() for line in lines) < SIDE_COVERED:
        return None
    ends = [end for line in lines for end in (line[: _corner(line)], line[-_corner(line) :])]
    return (left, top, right, bottom) if min(end.mean() for end in ends) >= CORNER_COVERED else None


def _covered(lines: NDArray[np.float64]) -> tuple[int, int]:
    """From where to where lines are covered: without ticks, and without the traces of compression beside a filled rectangle."""
    changes = np.flatnonzero(np.diff(lines >= TICK, prepend=False, append=False))
    if not len(changes):
        return 0, 0
    starts, ends = changes[::2], changes[1::2]
    longest = int((ends - starts).argmax())
    full = np.flatnonzero(lines >= FILLED)
    start, end = min([int(starts[longest]), *full[:1].tolist()]), max([int(ends[longest]), *(full[-1:] + 1).tolist()])
    # Colours that compression has spread beyond the edge cover a few lines partly.
    spread = 2 + round(SPREAD * (end - start))
    inner = full[(full - start < spread) | (end - full <= spread)]
    return (
        int(inner[0]) if len(inner) and inner[0] - start < spread else start,
        int(inner[-1]) + 1 if len(inner) and end - inner[-1] <= spread else end,
    )


def _corner(line: Mask) -> int:
    return max(2, round(CORNER * len(line)))


def without_frame(edges: Edges, picture: Bytes) -> Edges:
    """The edges of what lies within the lines around an axes' picture, which are drawn half on it."""
    insets = []
    for lines in (picture.transpose(1, 0, 2), picture, picture[:, ::-1].transpose(1, 0, 2), picture[::-1]):
        some = lines[: min(len(lines) // 4, 2 + round(FRAME * len(lines))), :: max(1, lines.shape[1] // FRAME_POINTS)]
        colours = np.median(some, axis=1).astype(np.uint8)  # (lines, 3)
        broken = np.maximum.accumulate((difference(some, colours[:, None]) > SAME).mean(axis=1) > FRAME_BROKEN)
        last = np.flatnonzero((difference(colours[1:], colours[:-1]) > FRAME_STEP) & ~broken[:-1])
        insets.append(int(last[-1]) + 1 if len(last) else 0)
    left, top, right, bottom = (FRAME_ON * inset for inset in insets)
    return edges[0] + left, edges[1] + top, edges[2] - right, edges[3] - bottom
