"""Any picture -> the 28x28 that the network knows: find the garment and show it as the data set would.

Fashion-MNIST was made from product photos on white: trimmed, the longer side scaled to 28
pixels, centred, and negated, so that dark cloth is bright and the background black (arXiv
1708.07747, figure 1). People bring pen outlines, icons, transparent PNGs, photos on a table.
Each step here undoes one of those differences, and each can be switched off to see what it is
worth. All of it works on a picture reduced to WORKING_SIDE pixels, so its cost hardly depends
on the size of the original.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from nin.classify.background import LUMA, arrays, find_frame, find_ink
from nin.classify.figure.panel import chosen_panel
from nin.classify.figure.search import SEARCH_SIDE, find_panels
from nin.classify.findings import SEVERAL, WHOLE, Box, Doubt, box_of, find_doubts, find_things
from nin.classify.outline import bounding_box, drop_specks, fill, find_hatching, hangs_together, is_line_drawing
from nin.classify.tones import in_one_colour, is_flat, negate, stretch
from nin.data.fashion_mnist import SIDE

Floats = NDArray[np.float32]  # (height, width), mostly in [0, 1]
Mask = NDArray[np.bool_]  # (height, width)

WORKING_SIDE = 224
TINY = 96  # pixels of the longer side, below which a picture is enlarged first
SPECK = 0.001  # of the picture's area: what is smaller is grain or dust, and no garment
AROUND = 0.25  # of a frame's sides: what is looked at around it, to know the background
GROUND = 0.7  # of what is around a frame: where more of it stands out, it is no background
PLAIN = 0.1  # of the whole range: a picture whose colours differ less is of one colour


# Why there is no garment: the picture is of one colour, wholly transparent, holds a mere speck,
# or nothing in it stands out from the rest.
Nothing = Literal["plain", "transparent", "speck", "unclear"]


@dataclass(frozen=True)
class Steps:
    """What is done to a picture; all of it unless switched off."""

    background: bool = True  # what is not garment becomes black
    fill: bool = True  # the inside of an outline counts as garment
    polarity: bool = True  # dark on light becomes bright on black
    tone: bool = True  # the garment's own range of brightness is stretched to the whole scale
    crop: bool = True  # the garment's longer side fills the frame
    centre: bool = True  # the garment sits in the middle of it

    @classmethod
    def names(cls) -> tuple[str, ...]:
        return tuple(field.name for field in fields(cls))


@dataclass(frozen=True)
class Seen:
    """What became of a picture on its way to the network."""

    pixels: Tensor  # uint8 (28, 28), bright on black
    stages: dict[str, NDArray[np.uint8]]  # (h, w) or (h, w, 3) after each step that was done, in order
    is_line_drawing: bool
    is_drawing: bool  # lines, or surfaces of a few flat tones: drawn rather than photographed
    nothing: Nothing | None  # why there is no garment, where there is none
    is_scattered: bool  # what stood out is many small things, as the words on a page
    where: Box = WHOLE  # where the garment lies in the picture
    doubts: tuple[Doubt, ...] = ()
    is_ready: bool = False  # it is an image of the data set, bare or in a figure: nothing was done to it

    @property
    def is_empty(self) -> bool:
        return self.nothing is not None


def see(picture: Image.Image) -> Tensor:
    """RGBA picture of any size -> uint8 (28, 28), bright on black, as the network knows it."""
    return preprocess(picture).pixels


def preprocess(picture: Image.Image, steps: Steps | None = None, frame: Box | None = None) -> Seen:
    """RGBA picture of any size -> what the network sees of it, with every step on the way.

    `steps` switches some of them off; `frame` is the part of the picture that is meant: all that is in it.
    Without one, of several things the largest is taken, and a doubt says where the others are.
    """
    steps = steps or Steps()
    if (ready := _ready(picture, steps, frame)) is not None:
        return ready
    view = _view(shrink(picture), frame)
    surface = _find_surface(view.found, steps, view.pixel)
    things = find_things(surface.garment) if steps.background and steps.fill and frame is None else ()
    if len(things) > 1:  # the network knows pictures of one thing: the largest, unless a frame says which
        surface = _find_surface(view.found & things[0], steps, view.pixel)
    garment, nothing = surface.garment, None
    if garment.mean() < SPECK:
        garment, nothing = np.zeros_like(garment), _why_nothing(view)
    doubts = find_doubts(
        surface.ink,
        garment,
        things,
        lines=surface.is_lines,
        cut_out=view.alpha is not None,
        chosen=frame is not None,
    )
    colours = in_one_colour(view.colours, surface.hatched, view.found)
    shown = garment if steps.background and nothing is None else np.ones_like(garment)
    stages = _as_the_data_set(colours, view, surface._replace(garment=shown), steps, is_empty=nothing is not None)
    is_drawing = surface.is_lines or bool(surface.hatched.any()) or is_flat(colours @ LUMA, shown)
    return Seen(
        torch.from_numpy(stages["seen"]),
        stages,
        is_line_drawing=surface.is_lines,
        is_drawing=nothing is None and is_drawing,
        nothing=nothing,
        is_scattered=nothing is None and not hangs_together(view.found),
        where=WHOLE if nothing is not None else box_of(garment).within(view.place),
        doubts=tuple(Doubt(doubt.code, tuple(box.within(view.place) for box in doubt.boxes)) for doubt in doubts),
    )


class _View(NamedTuple):
    """The part of a picture that is worked on."""

    colours: Floats  # (height, width, 3)
    alpha: Floats | None  # None where nothing is transparent
    found: Mask  # what stands out from the background
    place: Box  # of this part in the whole picture
    pixel: int  # so many of its pixels across stand for one of the picture's


def _view(picture: Image.Image, frame: Box | None) -> _View:
    picture, place, kept = _part_to_look_at(picture, frame)
    pixel = -(-TINY // max(kept.pixels(*picture.size)[2:]))
    if pixel > 1:  # the edges of an icon are blurred over a pixel: only enlarged they can be cut in the middle
        picture = picture.resize(tuple(pixel * side for side in picture.size), Image.Resampling.BICUBIC)
    colours, alpha = arrays(picture)
    found = find_ink(colours, alpha)
    if frame is not None:
        colours, alpha, found = _cropped(colours, alpha, found, kept)
    return _View(colours, alpha, found, place, pixel)


def _as_the_data_set(
    colours: Floats, view: _View, surface: _Surface, steps: Steps, *, is_empty: bool
) -> dict[str, NDArray[np.uint8]]:
    """The garment as the data set would show it: the picture after each step, "seen" (28, 28) last."""
    stages = {"picture": _to_bytes(view.colours)}
    garment, luminance = surface.garment, colours @ LUMA
    subject = surface.ink if surface.is_lines else garment
    tone = negate(luminance, subject, garment, view.alpha) if steps.polarity else luminance
    if steps.background:
        # On grey: black ink and white cloth both stay visible.
        stages["background"] = _to_bytes(np.where(surface.ink[..., None], colours, 0.6))
    if steps.background and steps.fill:
        stages["fill"] = _to_bytes(garment)
    if steps.polarity:
        stages["polarity"] = _to_bytes(tone * garment)
    if steps.tone and not is_empty:
        tone = stretch(tone, garment, lines=surface.is_lines and steps.fill)
        stages["tone"] = _to_bytes(tone * garment)
    if is_empty:
        tone = np.zeros_like(tone)
    top, left, bottom, right = bounding_box(garment) if steps.crop else (0, 0, *garment.shape)
    if steps.crop:
        stages["crop"] = _to_bytes((tone * garment)[top:bottom, left:right])
    stages["seen"] = _frame(tone * garment, (top, left, bottom, right), centre=steps.centre)
    return stages


class _Surface(NamedTuple):
    """What was put on the background, and what that stands for."""

    hatched: Mask  # was scribbled in
    ink: Mask  # with what was scribbled in
    is_lines: bool
    garment: Mask  # with what it encloses


def _find_surface(found: Mask, steps: Steps, pixel: int) -> _Surface:
    hatched = find_hatching(found) if steps.fill and is_line_drawing(found, pixel) else np.zeros_like(found)
    ink = found | hatched
    lines = is_line_drawing(ink, pixel)
    return _Surface(hatched, ink, lines, drop_specks(fill(ink, lines=lines, pixel=pixel) if steps.fill else ink))


def _part_to_look_at(picture: Image.Image, frame: Box | None) -> tuple[Image.Image, Box, Box]:
    """The part of a picture that is worked on, where the garment is looked for in it, both as boxes.

    Without bars around it; with a frame, that and some of what is around, for the background's sake.
    Returns the part, the place in the whole picture of what is kept, and the same as a box of the part.
    """
    width, height = picture.size
    if frame is None:
        left, top, right, bottom = find_frame(picture)
        return picture.crop((left, top, right, bottom)), _shares(left, top, right, bottom, picture.size), WHOLE
    wide, high = (frame.right - frame.left) * AROUND, (frame.bottom - frame.top) * AROUND
    around = Box(frame.left - wide, frame.top - high, frame.right + wide, frame.bottom + high).pixels(width, height)
    left, top, right, bottom = frame.pixels(width, height)
    size = around[2] - around[0], around[3] - around[1]
    kept = _shares(left - around[0], top - around[1], right - around[0], bottom - around[1], size)
    return picture.crop(around), _shares(left, top, right, bottom, picture.size), kept


def _shares(left: int, top: int, right: int, bottom: int, size: tuple[int, int]) -> Box:
    return Box(left / size[0], top / size[1], right / size[0], bottom / size[1])


def _cropped(colours: Floats, alpha: Floats | None, ink: Mask, kept: Box) -> tuple[Floats, Floats | None, Mask]:
    left, top, right, bottom = kept.pixels(ink.shape[1], ink.shape[0])
    part = np.s_[top:bottom, left:right]
    around = np.ones_like(ink)
    around[part] = False
    is_ground = not around.any() or ink[around].mean() < GROUND
    colours, alpha, ink = colours[part], None if alpha is None else alpha[part], ink[part]
    if not is_ground or not ink.any():  # what is around the frame is no background; its own rim may be
        ink = find_ink(colours, alpha)
    return colours, alpha, ink


def _why_nothing(view: _View) -> Nothing:
    if view.alpha is not None and not (view.alpha > 0.4).any():
        return "transparent"
    if view.found.any():
        return "speck"
    return "plain" if np.ptp(view.colours, axis=(0, 1)).max() < PLAIN else "unclear"


def shrink(picture: Image.Image) -> Image.Image:
    """The picture with its longer side at most WORKING_SIDE pixels; smaller ones stay as they are."""
    longest = max(picture.size)
    if longest <= WORKING_SIDE:
        return picture
    # Every k-th pixel of a huge picture will do: a line that this could break is too thin to be seen.
    if (factor := longest // (8 * WORKING_SIDE)) > 1:
        picture = picture.resize(tuple(-(-side // factor) for side in picture.size), Image.Resampling.NEAREST)
    size = tuple(max(1, round(side * WORKING_SIDE / max(picture.size))) for side in picture.size)
    return picture.resize(size, Image.Resampling.BOX)


def kept_picture(picture: Image.Image) -> Image.Image:
    """As much of a picture as it takes to come to the same answer again: of a figure more than of a photo."""
    longest = max(picture.size)
    if longest <= WORKING_SIDE or not find_panels(picture):
        return shrink(picture)
    return picture.reduce(-(-longest // SEARCH_SIDE)) if longest > SEARCH_SIDE else picture


def _ready(picture: Image.Image, steps: Steps, frame: Box | None) -> Seen | None:
    """What needs no finder: an image of the data set, bare or in a figure."""
    ready = _already_prepared(picture) if frame is None else None
    return _from_figure(picture, frame) if ready is None and steps.background else ready


def _from_figure(picture: Image.Image, frame: Box | None) -> Seen | None:
    """One of the pictures in a figure, as it is: the one that is meant, else the first."""
    panels = find_panels(picture)
    panel = chosen_panel(panels, frame)
    if panel is None:
        return None
    is_open = frame is None and len(panels) > 1
    colours, _ = arrays(shrink(picture))
    return Seen(
        torch.from_numpy(panel.pixels.copy()),
        {"picture": _to_bytes(colours), "panel": panel.colours, "seen": panel.pixels.copy()},
        is_line_drawing=False,
        is_drawing=False,
        nothing=None,
        is_scattered=False,
        where=panel.where,
        doubts=(Doubt(SEVERAL, tuple(panel.where for panel in panels)),) if is_open else (),
        is_ready=True,
    )


def _already_prepared(picture: Image.Image) -> Seen | None:
    """A grey 28x28 picture with black corners is one of the data set's own: nothing is to be done."""
    if picture.size != (SIDE, SIDE):
        return None
    rgba = np.asarray(picture)
    grey = rgba[..., 0]
    corners = grey[[0, 0, -1, -1], [0, -1, 0, -1]]
    if (rgba[..., 3] < 255).any() or (rgba[..., :3] != grey[..., None]).any() or (corners > 0).sum() > 2:
        return None
    pixels = torch.from_numpy(grey.copy())
    nothing: Nothing | None = None if grey.any() else "plain"
    return Seen(
        pixels,
        {"seen": grey.copy()},
        is_line_drawing=False,
        is_drawing=False,
        nothing=nothing,
        is_scattered=False,
        is_ready=True,
    )


def _frame(tone: Floats, box: tuple[int, int, int, int], *, centre: bool) -> NDArray[np.uint8]:
    """The box scaled until its longer side is 28 pixels, on a black frame of 28x28."""
    top, left, bottom, right = box
    height, width = bottom - top, right - left
    scale = SIDE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    crop = Image.fromarray(tone[top:bottom, left:right])
    small = np.asarray(crop.resize(size, Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR))
    down, along = (SIDE - size[1]) // 2, (SIDE - size[0]) // 2
    if not centre:  # as far from the middle as it was in the picture; what sticks out is cut off
        down += round(SIDE * ((top + bottom) / 2 / tone.shape[0] - 0.5))
        along += round(SIDE * ((left + right) / 2 / tone.shape[1] - 0.5))
    # A frame with a margin as wide as itself, of which the middle is kept.
    wide = np.zeros((3 * SIDE, 3 * SIDE), dtype=np.float32)
    wide[SIDE + down : SIDE + down + size[1], SIDE + along : SIDE + along + size[0]] = small
    frame = wide[SIDE : 2 * SIDE, SIDE : 2 * SIDE]
    return _to_bytes(frame)


def _to_bytes(values: NDArray[np.floating] | Mask) -> NDArray[np.uint8]:
    return np.rint(np.clip(np.asarray(values, dtype=np.float32), 0, 1) * 255).astype(np.uint8)
