"""Figures and screenshots: the pictures inside, each as the 28x28 that it shows.

`plt.imshow(image)` saved or on a screen: a rectangle in the colours of a map, on paper, with axes,
a title, a bar of colours, perhaps beside others, perhaps in a notebook. The rectangles are looked for on
a picture reduced by a whole factor; what is in them is read from the picture itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from nin.classify.colour_map import undo
from nin.classify.findings import Box
from nin.classify.pixel_grid import Edges, cells, difference, gridness, steps_of
from nin.data.fashion_mnist import SIDE

Mask = NDArray[np.bool_]
Bytes = NDArray[np.uint8]

SEARCH_SIDE = 900  # pixels of the longer side while rectangles are looked for
LEAST_SIDE = 20  # pixels of a side of a picture in a figure
MOST_PARTS, MOST_PANELS = 60, 40  # looked at, offered
MOST_SPECKS = 4000  # with more of them it is a photo's grain, no page
EVERY, EVEN, LEAST_EVEN = (
    8,
    3,
    0.3,
)  # lines that are looked at; of 255; of the pixels: fewer like their neighbours has a photo
DEEPEST = 3  # a panel in a figure in a notebook's page in a window
CLEAN, GRAINY = 2, 32  # of 255: what differs by more from paper of one exact colour, or of a compressed picture, is ink
SAME, EXACTLY = (
    12,
    0.9,
)  # of 255: what is near the paper's colour; where such a share of it is exactly that, it is clean
LEAST_PAPER = 0.02  # of a region
SIDE_COVERED, CORNER_COVERED = 0.25, 0.3  # of a rectangle's side, of its corners
TICK = 0.3  # of a rectangle's side: what sticks out over less of it are ticks
CORNER = 0.06  # of a side
WITHOUT_TICKS = 0.6  # of a part's sides: that much is left of a rectangle
SPREAD = 0.03  # of a side
FILLED = 0.9  # of a side: a line that is covered so far may be a frame's
RIM = 9  # pixels: compression spreads a rectangle's edge over its blocks, which are of 8
LARGE_PART = 0.05  # of a region: such a rectangle may hold others
GRID = 0.6  # of the steps of colour that keep to the edges of cells
MISFIT = 12.0  # steps of 255 from the map that it is said to be painted in
SEPARATION = 2  # what torchvision's make_grid leaves between pictures
MOST_IN_A_ROW = 10
SQUARE, EXACT = 0.1, 0.03  # of a side: how far a single picture, and several without a gap, may be off their shape
DARK, LIT = 0.12, 0.05  # of the whole range: what is still background, what is garment
FULL = SIDE - 1  # cells: a garment of the data set reaches over these, one way or the other
LEAST_RANGE = 0.3
SHADED = 0.1  # of what is lit: an image of the data set has greys
FRAME, FRAME_BROKEN, FRAME_STEP = 0.03, 0.15, 24  # of a side: its width; of its length: what may be no frame; of 255
FRAME_POINTS = 60  # of a line: they tell its colour
FRAME_ON = 0.6  # of a frame's width: so much inwards lies the picture's edge
LIGHT, COLOURED = 170, 40  # of 255: a background that is all lighter than this, or no colour, may as well be paper
MEANT = 0.5  # of the area that a panel and a frame cover together: where more is common to both, the panel is meant
FREE_SIDE = 4 * SIDE  # pixels: smaller than that a garment without a frame is left to the finder


@dataclass(frozen=True)
class Panel:
    """A picture in a figure."""

    where: Box  # in the whole
    pixels: Bytes  # (28, 28), bright on black: what it shows
    colours: Bytes  # (h, w, 3): as it stands in the figure


class _Region(NamedTuple):
    """A part of the reduced picture, in its pixels."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def area(self) -> int:
        return (self.right - self.left) * (self.bottom - self.top)

    def part(self, window: tuple[slice, ...]) -> _Region:
        rows, columns = window
        return _Region(self.left + columns.start, self.top + rows.start, self.left + columns.stop, self.top + rows.stop)

    def within(self, edges: tuple[int, int, int, int]) -> _Region:
        left, top, right, bottom = edges
        return _Region(self.left + left, self.top + top, self.left + right, self.top + bottom)


def find_panels(picture: Image.Image) -> tuple[Panel, ...]:
    """The pictures of 28x28 in an RGBA figure, large ones first and like ones as they are read; none in other pictures."""
    if min(picture.size) < SIDE:
        return ()
    search = _Search(picture)
    some = search.pixels[::EVERY]
    if (difference(some[:, 1:], some[:, :-1]) <= EVEN).mean() < LEAST_EVEN:
        return ()
    whole = _Region(0, 0, *search.small.size)
    if not search.take(whole, is_whole=True):
        search.look_at(whole, DEEPEST)
    return _in_order(search.found)


def chosen_panel(panels: tuple[Panel, ...], frame: Box | None) -> Panel | None:
    """The first of the panels; with a frame the one that it is around, if it is around one."""
    if frame is None:
        return panels[0] if panels else None
    shares = [_shared(panel.where, frame) for panel in panels]
    best = max(shares, default=0.0)
    return panels[shares.index(best)] if best >= MEANT else None


def _shared(one: Box, other: Box) -> float:
    """Intersection over union."""
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    both = max(width, 0.0) * max(height, 0.0)
    areas = ((box.right - box.left) * (box.bottom - box.top) for box in (one, other))
    return both / (sum(areas) - both)


class _Search:
    """The way through a figure, from rectangle to rectangle."""

    def __init__(self, picture: Image.Image) -> None:
        self.picture = _reduced(picture, 2 * SEARCH_SIDE)
        self.small = _reduced(self.picture, SEARCH_SIDE)
        rgba = np.asarray(self.small)
        self.pixels, self.opaque = rgba[..., :3], rgba[..., 3] > 127
        self.found: list[Panel] = []
        self._on_white: Image.Image | None = None

    def look_at(self, region: _Region, depth: int) -> None:
        """Note the panels in a region, which has paper of its own."""
        part = np.s_[region.top : region.bottom, region.left : region.right]
        ink = _ink(self.pixels[part], self.opaque[part])
        if ink is None:
            return
        labels, count = ndimage.label(ink)
        if count > MOST_SPECKS:
            return
        for label, window in _largest(labels):
            if len(self.found) >= MOST_PANELS:
                return
            shape = labels[window] == label
            place, inner = region.part(window), _rectangle(shape)
            if inner is None:
                self.take_free(place, shape)
                continue
            place = place.within(inner)
            if not self.take(place) and depth > 1 and LARGE_PART * region.area < place.area < region.area:
                width, height = place.right - place.left, place.bottom - place.top
                rim = RIM if min(width, height) > 12 * RIM else 2
                self.look_at(place.within((rim, rim, width - rim, height - rim)), depth - 1)

    def take(self, region: _Region, *, is_whole: bool = False) -> bool:
        """Whether the region is a panel, or several side by side without paper between them; they are noted."""
        edges = self.edges(region)
        if min(edges[2] - edges[0], edges[3] - edges[1]) < LEAST_SIDE:
            return False
        crop = np.asarray(self.on_white().crop(_outer(edges)))
        edges = _without_frame(edges, crop)
        left, top, right, bottom = _outer(edges)
        steps = steps_of(np.asarray(self.on_white().crop((left, top, right, bottom))))
        width, height = edges[2] - edges[0], edges[3] - edges[1]
        for across, down, separation in _divisions(width / height):
            columns, rows = (count * (SIDE + separation) + separation for count in (across, down))
            kept = gridness(steps, columns, rows)
            is_single = across == down == 1 and abs(width / height - 1) <= SQUARE
            if kept < GRID and not is_single:
                continue
            colours = cells(self.on_white(), edges, columns, rows)
            wide, high = width / columns, height / rows
            places = [divmod(place, across) for place in range(across * down)]
            corners = [tuple(at * (SIDE + separation) + separation for at in place) for place in places]
            all_shown = [_shown(colours[y : y + SIDE, x : x + SIDE], kept, is_whole=is_whole) for y, x in corners]
            if sum(shown is not None for shown in all_shown) <= len(places) / 2:  # the last places may be empty
                continue
            for (y, x), shown in zip(corners, all_shown, strict=True):
                if shown is not None and len(self.found) < MOST_PANELS:
                    left, top = edges[0] + x * wide, edges[1] + y * high
                    self.note((left, top, left + SIDE * wide, top + SIDE * high), shown)
            return True
        return False

    def take_free(self, region: _Region, ink: Mask) -> None:
        """Note a garment in large pixels that lies straight on the paper: binary or gray_r with the axes off."""
        edges = self.edges(region)
        width, height = edges[2] - edges[0], edges[3] - edges[1]
        longer = max(width, height)
        if longer < FREE_SIDE:
            return
        steps = steps_of(np.asarray(self.on_white().crop(_outer(edges))))
        sizes = [
            (max(1, round(width / longer * n)), max(1, round(height / longer * n))) for n in range(SIDE, SIDE - 5, -1)
        ]
        kept, (columns, rows) = max(((gridness(steps, *size), size) for size in sizes), key=lambda found: found[0])
        if kept < GRID:
            return
        colours = cells(self.on_white(), edges, columns, rows)
        paper = np.median(self.around(edges), axis=0).astype(np.uint8)
        is_ink = np.asarray(Image.fromarray(ink).resize((columns, rows), Image.Resampling.NEAREST))
        sheet = np.full((SIDE, SIDE, 3), paper)
        # As the data set has it: where it cannot be the same on both sides, there is more above and on the left.
        top, left = (SIDE - rows + 1) // 2, (SIDE - columns + 1) // 2
        sheet[top : top + rows, left : left + columns] = np.where(is_ink[..., None], colours, paper)
        shown = _shown(sheet, kept)
        if shown is not None:
            wide, high = width / columns, height / rows
            x, y = edges[0] - left * wide, edges[1] - top * high
            self.note((x, y, x + SIDE * wide, y + SIDE * high), shown)

    def around(self, edges: Edges) -> Bytes:
        """The pixels just around a part, (n, 3)."""
        left, top, right, bottom = _outer(edges)
        width, height = self.picture.size
        box = max(0, left - 3), max(0, top - 3), min(width, right + 3), min(height, bottom + 3)
        around = np.asarray(self.on_white().crop(box))
        return np.concatenate([around[0], around[-1], around[:, 0], around[:, -1]])

    def on_white(self) -> Image.Image:
        """The picture over white, RGB."""
        if self._on_white is None:
            picture = self.picture
            if picture.getchannel("A").getextrema()[0] < 255:
                picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
            self._on_white = picture.convert("RGB")
        return self._on_white

    def edges(self, region: _Region) -> Edges:
        """The same part in the picture itself."""
        across, down = (whole / small for whole, small in zip(self.picture.size, self.small.size, strict=True))
        return region.left * across, region.top * down, region.right * across, region.bottom * down

    def note(self, edges: Edges, shown: Bytes) -> None:
        width, height = self.picture.size
        left, top, right, bottom = edges
        where = Box(max(0.0, left / width), max(0.0, top / height), min(1.0, right / width), min(1.0, bottom / height))
        colours = self.on_white().crop(_outer(edges))
        colours.thumbnail((2 * SEARCH_SIDE // SIDE * 4,) * 2)
        self.found.append(Panel(where, shown, np.asarray(colours)))


def _reduced(picture: Image.Image, side: int) -> Image.Image:
    """Every second, third, ... pixel, so that the longer side has at most so many: edges stay sharp."""
    factor = -(-max(picture.size) // side)
    size = max(1, picture.width // factor), max(1, picture.height // factor)
    return picture if factor == 1 else picture.resize(size, Image.Resampling.NEAREST)


def _ink(pixels: Bytes, opaque: Mask) -> Mask | None:
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


def _largest(labels: NDArray[np.int32]) -> Iterator[tuple[int, tuple[slice, ...]]]:
    """The largest of the parts that may be a picture, by the area of their boxes: label and window."""
    boxes = []
    for label, window in enumerate(ndimage.find_objects(labels), start=1):
        height, width = (side.stop - side.start for side in window)
        if min(height, width) >= LEAST_SIDE / 2:
            boxes.append((height * width, label, window))
    for _, label, window in sorted(boxes, key=lambda box: -box[0])[:MOST_PARTS]:
        yield label, window


def _rectangle(shape: Mask) -> tuple[int, int, int, int] | None:
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


def _outer(edges: Edges) -> tuple[int, int, int, int]:
    left, top, right, bottom = (round(edge) for edge in edges)
    return left, top, max(right, left + 1), max(bottom, top + 1)


def _without_frame(edges: Edges, picture: Bytes) -> Edges:
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


def _divisions(aspect: float) -> Iterator[tuple[int, int, int]]:
    """How many pictures there may be across and down, and how far apart, few first; `aspect` is width over height."""
    yield 1, 1, 0
    counts = range(1, MOST_IN_A_ROW + 1)
    for across, down in sorted(
        ((a, d) for a in counts for d in counts if a * d > 1), key=lambda count: count[0] * count[1]
    ):
        for separation in (0, SEPARATION):
            columns, rows = (count * (SIDE + separation) + separation for count in (across, down))
            if abs(aspect * rows / columns - 1) < EXACT:
                yield across, down, separation


def _shown(colours: Bytes, kept: float, *, is_whole: bool = False) -> Bytes | None:
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


def _in_order(panels: list[Panel]) -> tuple[Panel, ...]:
    """Those of about the largest size first, line by line; then the smaller ones."""

    def area(panel: Panel) -> float:
        return (panel.where.right - panel.where.left) * (panel.where.bottom - panel.where.top)

    largest = max((area(panel) for panel in panels), default=0.0)

    def place(panel: Panel) -> tuple[bool, float, float]:
        height = panel.where.bottom - panel.where.top
        return area(panel) < largest / 2, round(panel.where.top / max(height, 1e-6)), panel.where.left

    return tuple(sorted(panels, key=place))
