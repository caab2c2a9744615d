"""A layer's maps as a picture to take home, and a time-lapse as an animated one: one frame a checkpoint."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cache
from math import ceil, sqrt

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from nin.explain.channels import Array
from nin.explain.timelapse import Moment, shared_range
from ui.base.colours import levels, table

FORMATS = {"gif": "image/gif", "webp": "image/webp"}
FRAME_MS, LAST_MS = 350, 1800
_GAP, _LABEL, _LINE, _WIDEST, _LARGEST_TILE = 6, 13, 22, 760, 320  # pixels
# Three times as light as the darkest tile, and text on it has a contrast of 5 to 1.
_GROUND, _INK = (104, 110, 122), (255, 255, 255)


def film(moments: Sequence[Moment], captions: Sequence[str], kind: str, *, title: str, labels: Sequence[str]) -> bytes:
    """The moments as an endless animation; `kind` is a key of FORMATS.

    `title` stands above every frame, the moment's caption below it, and a label below each tile.
    """
    low, high = shared_range([moment.maps for moment in moments])
    frames = [
        _framed(mosaic_picture(moment.maps, low, high, labels), title, caption)
        for moment, caption in zip(moments, captions, strict=True)
    ]
    durations = [FRAME_MS] * (len(frames) - 1) + [LAST_MS]
    content = io.BytesIO()
    options = {"lossless": True} if kind == "webp" else {"optimize": False}
    frames[0].save(content, kind, save_all=True, append_images=frames[1:], duration=durations, loop=0, **options)
    return content.getvalue()


def mosaic_picture(maps: Array, low: Array | float, high: Array | float, labels: Sequence[str]) -> Image.Image:
    """(C, H, W) as RGB: tiles in rows, whole pixels enlarged without smoothing, a label below each.

    `low` and `high` are the values at the two ends of the colours, for all channels or for each.
    """
    count, height, width = maps.shape
    columns = ceil(sqrt(count * height / width))
    font = _font_for(10, labels)
    label_width = max(ceil(font.getlength(label)) for label in labels)
    zoom = max(1, min((_WIDEST // columns - _GAP) // width, _LARGEST_TILE // max(height, width)))
    wide, high_ = max(width * zoom, label_width) + _GAP, height * zoom + _LABEL + _GAP
    bounds = [np.broadcast_to(np.asarray(bound, float).reshape(-1, 1, 1), (count, 1, 1)) for bound in (low, high)]
    colours = table(signed=bool(bounds[0].min() < 0))[levels(maps, *bounds)]
    colours = colours.repeat(zoom, axis=1).repeat(zoom, axis=2)
    sheet = Image.new("RGB", (columns * wide + _GAP, ceil(count / columns) * high_ + _GAP), _GROUND)
    pen = ImageDraw.Draw(sheet)
    for channel, (tile, label) in enumerate(zip(colours, labels, strict=True)):
        row, column = divmod(channel, columns)
        left, top = _GAP + column * wide, _GAP + row * high_
        sheet.paste(Image.fromarray(tile), (left, top))
        pen.text((left, top + height * zoom), label, fill=_INK, font=font)
    return sheet


def _framed(picture: Image.Image, title: str, caption: str) -> Image.Image:
    font = _font_for(13, (title, caption))
    width = max(picture.width, *(ceil(font.getlength(text)) + 2 * _GAP for text in (title, caption)))
    frame = Image.new("RGB", (width, picture.height + 2 * _LINE), _GROUND)
    frame.paste(picture, (0, _LINE))
    pen = ImageDraw.Draw(frame)
    for text, top in ((title, 4), (caption, _LINE + picture.height)):
        # Pillow's own font has no ×.
        pen.text((_GAP, top), text.replace("×", "x"), fill=_INK, font=font)
    return frame


# Pillow's own font has no Chinese; these come with Linux, macOS and Windows.
_CHINESE = (
    "NotoSansCJK-Regular.ttc", "NotoSansSC-Regular.otf", "SourceHanSansSC-Regular.otf", "wqy-microhei.ttc",
    "PingFang.ttc", "Hiragino Sans GB.ttc", "msyh.ttc", "simhei.ttf",
)  # fmt: skip


def language_of_pictures(wanted: str) -> str:
    """The language that can be written into a picture on this machine: the one `wanted`, else English."""
    return "en" if wanted == "zh" and _chinese_font() is None else wanted


@cache
def _chinese_font() -> str | None:
    for name in _CHINESE:
        with suppress(OSError):
            ImageFont.truetype(name, 10)
            return name
    return None


def _font_for(size: int, texts: Iterable[str]) -> ImageFont.FreeTypeFont:
    return _font(size, chinese=any("\u4e00" <= sign <= "\u9fff" for text in texts for sign in text))


@cache
def _font(size: int, *, chinese: bool) -> ImageFont.FreeTypeFont:
    name = _chinese_font() if chinese else None
    return ImageFont.load_default(size) if name is None else ImageFont.truetype(name, size)
