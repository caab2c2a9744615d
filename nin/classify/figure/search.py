"""Figures and screenshots: the pictures inside, each as the 28x28 that it shows.

`plt.imshow(image)` saved or on a screen: a rectangle in the colours of a map, on paper, with axes,
a title, a bar of colours, perhaps beside others, perhaps in a notebook. The rectangles are looked for on
a picture reduced by a whole factor; what is in them is read from the picture itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from nin.classify.figure.fashion_image import GRID, shown_image
from nin.classify.figure.panel import Panel, in_order
from nin.classify.figure.pixel_grid import Edges, cells, difference, gridness, steps_of
from nin.classify.figure.rectangle import LEAST_SIDE, ink_on_paper, largest_parts, rectangle, without_frame
from nin.classify.findings import Box
from nin.data.fashion_mnist import SIDE

Mask = NDArray[np.bool_]
Bytes = NDArray[np.uint8]

SEARCH_SIDE = 900  # pixels of the longer side while rectangles are looked for
MOST_PANELS = 40  # offered
MOST_SPECKS = 4000  # with more of them it is a photo's grain, no page
EVERY = 8  # lines of which one is looked at
EVEN = 3  # of 255: neighbours that differ less are alike
LEAST_EVEN = 0.3  # of the pixels: fewer like their neighbours has a photo
DEEPEST = 3  # a panel in a figure in a notebook's page in a window
RIM = 9  # pixels: compression spreads a rectangle's edge over its blocks, which are of 8
LARGE_PART = 0.05  # of a region: such a rectangle may hold others
SEPARATION = 2  # what torchvision's make_grid leaves between pictures
MOST_IN_A_ROW = 10
SQUARE, EXACT = 0.1, 0.03  # of a side: how far a single picture, and several without a gap, may be off their shape
FREE_SIDE = 4 * SIDE  # pixels: smaller than that a garment without a frame is left to the finder


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
    return in_order(search.found)


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
        ink = ink_on_paper(self.pixels[part], self.opaque[part])
        if ink is None:
            return
        labels, count = ndimage.label(ink)
        if count > MOST_SPECKS:
            return
        for label, window in largest_parts(labels):
            if len(self.found) >= MOST_PANELS:
                return
            shape = labels[window] == label
            place, inner = region.part(window), rectangle(shape)
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
        edges = without_frame(edges, crop)
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
            all_shown = [shown_image(colours[y : y + SIDE, x : x + SIDE], kept, is_whole=is_whole) for y, x in corners]
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
        shown = shown_image(sheet, kept)
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


def _outer(edges: Edges) -> tuple[int, int, int, int]:
    left, top, right, bottom = (round(edge) for edge in edges)
    return left, top, max(right, left + 1), max(bottom, top + 1)


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
