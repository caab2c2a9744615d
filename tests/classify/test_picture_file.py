"""Whatever file people bring: decoded, or refused with a message that says why."""

import contextlib
import io
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from PIL import Image

from nin.classify.picture_file import MAX_PIXELS, open_picture
from nin.errors import PictureError


def encoded(picture, kind="PNG", **options):
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.fixture
def ramp():
    """Dark at the left, light at the right."""
    return Image.fromarray(np.tile(np.linspace(10, 240, 40, dtype=np.uint8), (30, 1)))


MODES = ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"]


@pytest.mark.parametrize("mode", MODES)
def test_every_png_mode_becomes_rgba(ramp, mode):
    picture = Image.fromarray(np.asarray(ramp).astype(np.uint16) * 257) if mode == "I;16" else ramp.convert(mode)
    opened = open_picture(encoded(picture))
    assert (opened.mode, opened.size) == ("RGBA", (40, 30))
    red = np.asarray(opened)[..., 0].astype(int)
    assert red[:, :5].mean() < 90 < 160 < red[:, -5:].mean()


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk(ramp, kind):
    opened = open_picture(encoded(ramp.convert("RGB").convert("CMYK"), kind))
    red = np.asarray(opened)[..., 0].astype(int)
    assert opened.mode == "RGBA"
    assert red[:, 2].mean() < 60 < 200 < red[:, -3].mean()


@pytest.mark.parametrize("dtype", [np.float32, np.int32])
def test_deep_tiff_is_scaled_to_what_is_there(ramp, dtype):
    opened = open_picture(encoded(Image.fromarray(np.asarray(ramp).astype(dtype) * 1000), "TIFF"))
    red = np.asarray(opened)[..., 0]
    assert (red.min(), red.max()) == (0, 255)


def test_16_bit_tiff_with_the_high_byte_first(ramp):
    values = np.asarray(ramp).astype(">u2") * 200
    height, width = values.shape
    # Width, height, bits, uncompressed, black is 0, where the pixels are, channels, rows, how many bytes.
    tags = {256: width, 257: height, 258: 16, 259: 1, 262: 1, 273: 8 + 2 + 9 * 12 + 4, 277: 1, 278: height}
    tags[279] = values.nbytes
    entries = b"".join(struct.pack(">HHII", tag, 4, 1, value) for tag, value in tags.items())
    content = b"MM\0*" + struct.pack(">IH", 8, len(tags)) + entries + bytes(4) + values.tobytes()
    red = np.asarray(open_picture(content))[..., 0]
    assert (red.min(), red.max()) == (0, 255)


def test_flat_16_bit_picture_has_no_range_to_scale():
    assert open_picture(encoded(Image.fromarray(np.full((4, 4), 900, np.uint16)))).size == (4, 4)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "AVIF", "BMP", "PPM", "ICO"])
def test_other_formats(ramp, kind):
    assert open_picture(encoded(ramp.convert("RGB"), kind)).mode == "RGBA"


def test_transparent_palette_keeps_its_transparency():
    picture = Image.new("P", (8, 8), 0)
    picture.putpalette([255, 0, 0, 0, 255, 0])
    picture.paste(1, (0, 0, 4, 8))
    opened = np.asarray(open_picture(encoded(picture, transparency=0)))
    assert (opened[:, 4:, 3] == 0).all()
    assert (opened[:, :4] == [0, 255, 0, 255]).all()


def test_of_an_animation_the_first_frame_is_used():
    frames = [Image.new("RGB", (9, 9), colour) for colour in ("red", "blue")]
    opened = open_picture(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=50))
    assert opened.getpixel((4, 4))[:3] == (255, 0, 0)


@pytest.mark.parametrize(("orientation", "size"), [(1, (40, 30)), (3, (40, 30)), (6, (30, 40)), (8, (30, 40))])
def test_the_camera_s_orientation_is_applied(ramp, orientation, size):
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert open_picture(encoded(ramp, "JPEG", exif=exif)).size == size


def test_a_path_works_as_its_content_does(ramp, tmp_path):
    path = tmp_path / "ramp.png"
    ramp.save(path)
    assert open_picture(path).tobytes() == open_picture(path.read_bytes()).tobytes()
    assert open_picture(str(path)).size == (40, 30)


def test_an_empty_file():
    with pytest.raises(PictureError, match="is empty"):
        open_picture(b"")


@pytest.mark.parametrize("content", [b"hello, I am a letter", b"\x00" * 64, b"<note>svg</note>"])
def test_a_file_that_is_no_picture(content):
    with pytest.raises(PictureError, match="not a picture that can be read here: use PNG, JPEG"):
        open_picture(content)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(99), "is a HEIC photo, which .*: export it as JPEG"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic" + bytes(99), "is a HEIC photo"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0isom" + bytes(99), "is a film, which .*: take a still from it"),
        (b"\x1a\x45\xdf\xa3" + bytes(99), "is a film"),
        (b"\xff\x0a" + bytes(99), "is a JPEG XL picture, which .*: save it as PNG or JPEG"),
        (b"8BPS\0\1" + bytes(99), "is a Photoshop file"),
        (b"%PDF-1.7 ...", "is a PDF, which .*: take a screenshot"),
        (b"<svg></svg>", "is an SVG drawing, which .*: export it as PNG"),
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- a boot -->\n<svg xmlns="...">', "is an SVG drawing"),
        (b"<!DOCTYPE html><html>", "is a web page, which .*: save the picture itself"),
        (b"PK\3\4" + bytes(99), "is an archive or a document"),
        (b"\0\0\0\x18ftypavif\0\0\0\0mif1avif" + bytes(99), "is damaged or incomplete|is not a picture"),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_what_cannot_be_read_is_called_by_its_name_with_a_way_out(content, message):
    with pytest.raises(PictureError, match=message):
        open_picture(content, "IMG_0001")


def test_pillows_own_warnings_do_not_stand_above_our_message(tmp_path):
    (tmp_path / "large.png").write_bytes(png_header_of(9_000, 9_000))
    tiff = encoded(Image.new("RGB", (40, 30)), "TIFF")
    (tmp_path / "cut.tiff").write_bytes(tiff[:-60])
    code = f"""
from nin.classify.picture_file import open_picture
from nin.errors import PictureError
for name in ("large.png", "cut.tiff"):
    try: open_picture({str(tmp_path)!r} + "/" + name, name)
    except PictureError as error: print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("large.png has 9,000×9,000 pixels: make it smaller than 25 megapixels\ncut.tiff is")
    assert done.stderr == ""


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF"])
def test_a_truncated_file(kind):
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8))
    content = encoded(noise, kind)
    with pytest.raises(PictureError, match=r"damaged|not a picture"):
        open_picture(content[: len(content) // 2])


def test_any_damage_is_a_message_and_never_a_crash(ramp):
    random = np.random.default_rng(1)
    whole = encoded(ramp.convert("RGB"), "TIFF")
    for _ in range(60):
        content = bytearray(whole)
        for at in random.integers(0, min(400, len(content)), 6):
            content[at] = random.integers(0, 256)
        with contextlib.suppress(PictureError):
            open_picture(bytes(content))


def png_header_of(width, height):
    """A few bytes that claim to be a huge picture."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = b"IDAT" + zlib.compress(b"\0" * 100)
    chunks = [struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in (header, data, b"IEND")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize("side", [9_000, 15_000, 40_000])
def test_a_bomb_is_refused_by_its_size_before_it_is_decoded(side):
    assert side * side > MAX_PIXELS
    with pytest.raises(PictureError, match=r"pixels"):
        open_picture(png_header_of(side, side))


def test_a_folder_or_a_missing_file(tmp_path):
    for path in (tmp_path, tmp_path / "none.png"):
        with pytest.raises(PictureError, match="cannot be read"):
            open_picture(path)


def test_messages_name_the_file():
    with pytest.raises(PictureError, match=r"holiday\.png is empty"):
        open_picture(b"", "holiday.png")


def test_of_an_animation_the_first_frame_that_shows_something_is_taken():
    blank, drawn = (Image.new("RGB", (40, 40), "white") for _ in range(2))
    drawn.paste("black", (10, 5, 30, 35))
    for first, wanted in ((blank, drawn), (drawn, drawn)):
        content = io.BytesIO()
        first.save(content, "GIF", save_all=True, append_images=[blank, drawn], duration=80)
        assert (
            np.asarray(open_picture(content.getvalue()).convert("L")).tolist()
            == np.asarray(wanted.convert("L")).tolist()
        )
    content = io.BytesIO()
    blank.save(content, "WEBP", save_all=True, append_images=[drawn, blank], duration=80)
    assert open_picture(content.getvalue()).getpixel((20, 20))[0] < 40


def test_an_animation_of_nothing_is_a_blank_picture():
    content = io.BytesIO()
    Image.new("RGB", (40, 40), "white").save(
        content, "GIF", save_all=True, append_images=[Image.new("RGB", (40, 40), "#eee")]
    )
    assert open_picture(content.getvalue()).getextrema()[0] == (255, 255)
