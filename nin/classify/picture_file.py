"""A picture file -> upright 8-bit RGBA, whatever format it came in, and never more than fits in memory."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image, ImageOps

from nin.errors import PictureError

# Formats that people bring. Named, so that Pillow tries no obscure decoder on strangers' files.
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "PPM", "ICO")
MAX_PIXELS = 64_000_000  # a 64-megapixel photo; decoded it takes 256 MB, and twice that while it is converted
# An ICO is decoded while it is opened: for that there is Pillow's own limit, which refuses at twice this.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS


def open_picture(source: str | Path | bytes, name: str | None = None) -> Image.Image:
    """Decode a picture (a path, or a file's content) to 8-bit RGBA, upright; PictureError if it can't be.

    `name` is what the messages call it; by default the path.
    Of an animation the first frame is used. 16-bit, CMYK, palette and greyscale pictures work.
    """
    name = name or ("the picture" if isinstance(source, bytes) else str(source))
    try:
        content = source if isinstance(source, bytes) else Path(source).read_bytes()
    except OSError as error:
        raise PictureError(f"{name} cannot be read: {error.strerror or error}") from error
    if not content:
        raise PictureError(f"{name} is empty: save or send it again")
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
            width, height = picture.size
            # Before anything is decoded: a few kilobytes can claim to be a gigabyte of pixels.
            if width * height > MAX_PIXELS:
                raise PictureError(
                    f"{name} has {width:,} x {height:,} pixels: make it smaller than {MAX_PIXELS // 1_000_000} megapixels"
                )
            picture.load()
            ImageOps.exif_transpose(picture, in_place=True)
            return _to_rgba(picture)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureError(f"{name} has far too many pixels: make it smaller") from error
    except Image.UnidentifiedImageError as error:
        raise PictureError(f"{name} is no picture that can be read here: use {', '.join(FORMATS)}") from error
    except PictureError:
        raise
    except Exception as error:  # decoders raise anything from struct.error to ValueError
        raise PictureError(f"{name} is damaged or incomplete ({error}): save or send it again") from error


def _to_rgba(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I") or picture.mode == "F":
        # 16 and 32 bits: scaled to what is there, since the range in use is anybody's guess.
        picture = picture.convert("F")  # Pillow knows the extremes of that, and not of every order of bytes
        low, high = picture.getextrema()
        scale = 255 / (high - low) if high > low else 0
        picture = picture.point(lambda value: (value - low) * scale).convert("L")
    return picture if picture.mode == "RGBA" else picture.convert("RGBA")
