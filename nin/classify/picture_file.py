"""A picture file -> upright 8-bit RGBA, whatever format it came in, and never more than fits in memory."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

from PIL import ExifTags, Image

from nin.classify.other_files import kind_of
from nin.errors import Message, PictureError

# Formats that people bring. Named, so that Pillow tries no obscure decoder on strangers' files.
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "AVIF", "BMP", "TIFF", "PPM", "ICO")
MEGAPIXELS = 25  # at most; decoded they take 100 MB
MAX_PIXELS = MEGAPIXELS * 1_000_000
# A JPEG is reduced while it is decoded. The others' decoders hold a picture twice, as do animations.
OTHER_MEGAPIXELS = {"JPEG": 64, "WEBP": 16, "AVIF": 16, "GIF": 16}
MOST_BYTES = 100_000_000  # of a file
LONGEST_SIDE = 2048  # pixels that are handed on: more than anything that looks at a picture uses
_UNNAMED = Message("the picture")
MOST_FRAMES = 60  # of an animation: so many are looked at for something to see
# An ICO is decoded while it is opened: for that there is Pillow's own limit, which refuses at twice this.
Image.MAX_IMAGE_PIXELS = _BOMB = max(OTHER_MEGAPIXELS.values()) * 1_000_000
# Pillow warns of pictures that are large and of files that are damaged; those that matter are refused here, in words.
for _category in (UserWarning, RuntimeWarning):
    warnings.filterwarnings("ignore", category=_category, module=r"PIL\.")


def open_picture(source: str | Path | bytes, name: str | None = None) -> Image.Image:
    """Decode a picture (a path, or a file's content) to 8-bit RGBA, upright; PictureError if it can't be.

    `name` is what the messages call it; by default the path.
    Of an animation the first frame that shows something is used. 16-bit, CMYK, palette and greyscale pictures work.
    """
    name = name_of(source, name)
    content = read_content(source, name)
    try:
        return _decode(content, name)
    except PictureError:
        raise
    except MemoryError as error:
        raise PictureError(
            "{name} takes more memory than there is for a picture: make it smaller", name=name
        ) from error
    except Image.DecompressionBombError as error:
        raise PictureError(
            "{name} has more than {megapixels} megapixels: make it smaller than {most} megapixels",
            name=name,
            megapixels=2 * _BOMB // 1_000_000,
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


def name_of(source: str | Path | bytes, name: str | Message | None) -> str | Message:
    """What messages call it."""
    return name or (_UNNAMED if isinstance(source, bytes) else str(source))


def read_content(source: str | Path | bytes, name: str | Message) -> bytes:
    """The bytes of a file; PictureError where there are none, or more than any picture has."""
    try:
        size = len(source) if isinstance(source, bytes) else Path(source).stat().st_size
        if size > MOST_BYTES:
            raise PictureError(
                "{name} has {size:,} MB: make it smaller than {most} MB",
                name=name,
                size=size // 1_000_000,
                most=MOST_BYTES // 1_000_000,
            )
        content = source if isinstance(source, bytes) else Path(source).read_bytes()
    except (OSError, ValueError) as error:  # a name may hold a character that no file's name can
        reason = getattr(error, "strerror", None) or error
        raise PictureError("{name} cannot be read: {error}", name=name, error=reason) from error
    if not content:
        raise PictureError("{name} is empty: save or send it again", name=name)
    return content


def _decode(content: bytes, name: str | Message) -> Image.Image:
    with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
        width, height = picture.size
        most = OTHER_MEGAPIXELS.get(picture.format or "", MEGAPIXELS)
        # Before anything is decoded: a few kilobytes can claim to be a gigabyte of pixels.
        if width * height > most * 1_000_000:
            raise PictureError(
                "{name} has {width:,}×{height:,} pixels: make it smaller than {most} megapixels",
                name=name,
                width=width,
                height=height,
                most=most,
            )
        picture.draft(None, (LONGEST_SIDE, LONGEST_SIDE))  # of a JPEG no more is decoded than that
        picture.load()
        _skip_blank_frames(picture)
        turn = _TURNS.get(picture.getexif().get(ExifTags.Base.Orientation))
        opened = _to_rgba(_reduced(picture))
        return opened if turn is None else opened.transpose(turn)


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _reduced(picture: Image.Image) -> Image.Image:
    """By a whole factor, where it is far larger than anybody looks at: its other forms take several times as much."""
    factor = -(-max(picture.size) // LONGEST_SIDE)
    if factor < 2:
        return picture
    if picture.mode.startswith("I;16"):  # of these Pillow reduces none
        return picture.resize([max(1, side // factor) for side in picture.size], Image.Resampling.NEAREST)
    if picture.mode == "1":
        picture = picture.convert("L")
    elif picture.mode in ("P", "PA"):
        picture = picture.convert("RGBA" if "transparency" in picture.info or picture.mode == "PA" else "RGB")
    return picture.reduce(factor)


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
