"""A picture file -> upright 8-bit RGBA, whatever format it came in, and never more than fits in memory."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

from PIL import Image, ImageOps

from nin.classify.other_files import kind_of
from nin.errors import Message, PictureError

# Formats that people bring. Named, so that Pillow tries no obscure decoder on strangers' files.
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "AVIF", "BMP", "TIFF", "PPM", "ICO")
MEGAPIXELS = 64  # at most; decoded they take 256 MB, and twice that while they are converted
MAX_PIXELS = MEGAPIXELS * 1_000_000
_UNNAMED = Message("the picture")
MOST_FRAMES = 60  # of an animation: so many are looked at for something to see
# An ICO is decoded while it is opened: for that there is Pillow's own limit, which refuses at twice this.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
# Pillow warns of pictures that are large and of files that are damaged; those that matter are refused here, in words.
for _category in (UserWarning, RuntimeWarning):
    warnings.filterwarnings("ignore", category=_category, module=r"PIL\.")


def open_picture(source: str | Path | bytes, name: str | None = None) -> Image.Image:
    """Decode a picture (a path, or a file's content) to 8-bit RGBA, upright; PictureError if it can't be.

    `name` is what the messages call it; by default the path.
    Of an animation the first frame that shows something is used. 16-bit, CMYK, palette and greyscale pictures work.
    """
    name = name or (_UNNAMED if isinstance(source, bytes) else str(source))
    try:
        content = source if isinstance(source, bytes) else Path(source).read_bytes()
    except OSError as error:
        raise PictureError("{name} cannot be read: {error}", name=name, error=error.strerror or error) from error
    if not content:
        raise PictureError("{name} is empty: save or send it again", name=name)
    try:
        return _decode(content, name)
    except PictureError:
        raise
    except Image.DecompressionBombError as error:
        raise PictureError(
            "{name} has more than {megapixels} megapixels: make it smaller than {most} megapixels",
            name=name,
            megapixels=2 * MEGAPIXELS,
            most=MEGAPIXELS,
        ) from error
    except Exception as error:  # decoders raise anything from struct.error to ValueError
        if kind := kind_of(content):
            raise PictureError(
                "{name} is {kind}, which cannot be read here: {remedy}", name=name, kind=kind.name, remedy=kind.remedy
            ) from error
        if isinstance(error, Image.UnidentifiedImageError):
            raise PictureError(
                "{name} is not a picture that can be read here: use {formats}", name=name, formats=", ".join(FORMATS)
            ) from error
        raise PictureError(
            "{name} is damaged or incomplete ({error}): save or send it again", name=name, error=error
        ) from error


def _decode(content: bytes, name: str | Message) -> Image.Image:
    with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
        width, height = picture.size
        # Before anything is decoded: a few kilobytes can claim to be a gigabyte of pixels.
        if width * height > MAX_PIXELS:
            raise PictureError(
                "{name} has {width:,}×{height:,} pixels: make it smaller than {most} megapixels",
                name=name,
                width=width,
                height=height,
                most=MEGAPIXELS,
            )
        picture.load()
        _skip_blank_frames(picture)
        ImageOps.exif_transpose(picture, in_place=True)
        return _to_rgba(picture)


def _skip_blank_frames(picture: Image.Image) -> None:
    """Of an animation go to the first frame that is not all of one colour; the first, where all of them are."""
    frames = min(getattr(picture, "n_frames", 1), MOST_FRAMES)
    if frames == 1 or not _is_blank(picture):
        return
    for frame in range(1, frames):
        try:
            picture.seek(frame)
            if not _is_blank(picture):
                return
        except (EOFError, OSError, SyntaxError, ValueError):  # what comes later is cut off: the first is there
            break
    picture.seek(0)
    picture.load()


def _is_blank(picture: Image.Image) -> bool:
    extrema = picture.convert("RGBA").getextrema()
    return all(low == high for low, high in extrema) or extrema[3][1] == 0


def _to_rgba(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I") or picture.mode == "F":
        # 16 and 32 bits: scaled to what is there, since the range in use is anybody's guess.
        picture = picture.convert("F")  # Pillow knows the extremes of that, and not of every order of bytes
        low, high = picture.getextrema()
        scale = 255 / (high - low) if high > low else 0
        picture = picture.point(lambda value: (value - low) * scale).convert("L")
    return picture if picture.mode == "RGBA" else picture.convert("RGBA")
