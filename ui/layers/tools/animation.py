"""A time-lapse as an animated picture: a layer's maps, one frame a checkpoint."""

from __future__ import annotations

import io
from collections.abc import Sequence
from math import ceil, sqrt

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from nin.explain.channels import Array
from nin.explain.timelapse import Moment, shared_range
from ui.base.colours import levels, table

FORMATS = {"gif": "image/gif", "webp": "image/webp"}
FRAME_MS, LAST_MS = 350, 1800
_GAP, _LINE, _WIDEST = 2, 22, 760  # pixels
_GROUND, _INK = (16, 17, 22), (235, 235, 240)


def film(moments: Sequence[Moment], captions: Sequence[str], kind: str) -> bytes:
    """The moments as an endless animation; `kind` is a key of FORMATS, a caption stands under each frame."""
    low, high = shared_range([moment.maps for moment in moments])
    frames = [
        _captioned(mosaic_picture(moment.maps, low, high), caption)
        for moment, caption in zip(moments, captions, strict=True)
    ]
    durations = [FRAME_MS] * (len(frames) - 1) + [LAST_MS]
    content = io.BytesIO()
    options = {"lossless": True} if kind == "webp" else {"optimize": False}
    frames[0].save(content, kind, save_all=True, append_images=frames[1:], duration=durations, loop=0, **options)
    return content.getvalue()


def mosaic_picture(maps: Array, low: Array | float, high: Array | float) -> Image.Image:
    """(C, H, W) as RGB: tiles in rows, whole pixels enlarged without smoothing.

    `low` and `high` are the values at the two ends of the colours, for all channels or for each.
    """
    count, height, width = maps.shape
    columns = ceil(sqrt(count * height / width))
    rows = ceil(count / columns)
    zoom = max(1, min(_WIDEST // (columns * (width + _GAP)), 320 // max(height, width)))
    bounds = [np.broadcast_to(np.asarray(bound, float).reshape(-1, 1, 1), (count, 1, 1)) for bound in (low, high)]
    colours = table(signed=bool(bounds[0].min() < 0))[levels(maps, *bounds)]
    colours = colours.repeat(zoom, axis=1).repeat(zoom, axis=2)
    high_tile, wide_tile = height * zoom + _GAP, width * zoom + _GAP
    sheet = np.full((rows * high_tile + _GAP, columns * wide_tile + _GAP, 3), _GROUND, np.uint8)
    for channel, tile in enumerate(colours):
        top, left = _GAP + channel // columns * high_tile, _GAP + channel % columns * wide_tile
        sheet[top : top + height * zoom, left : left + width * zoom] = tile
    return Image.fromarray(sheet)


def _captioned(picture: Image.Image, caption: str) -> Image.Image:
    font = ImageFont.load_default(13)
    width = max(picture.width, ceil(font.getlength(caption)) + 12)
    frame = Image.new("RGB", (width, picture.height + _LINE), _GROUND)
    frame.paste(picture)
    ImageDraw.Draw(frame).text((6, picture.height + 3), caption, fill=_INK, font=font)
    return frame
