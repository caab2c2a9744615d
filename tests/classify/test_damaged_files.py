"""Whatever a file holds, it is answered or refused in words: every format, mutated anywhere, through decoder and finder."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from nin.classify.background import difference_from_background
from nin.classify.picture_file import FORMATS, open_picture
from nin.classify.preprocess import preprocess
from nin.errors import PictureError


def _file(format_name, mode="RGB"):
    picture = Image.new("RGB", (64, 48), "#f4f1ea")
    pen = ImageDraw.Draw(picture)
    pen.polygon([(12, 6), (50, 8), (44, 44), (18, 42)], fill="#334")
    pen.line([(20, 12), (40, 38)], fill="#c55", width=3)
    buffer = io.BytesIO()
    picture.convert(mode).save(buffer, format_name)
    return buffer.getvalue()


FILES = {name: _file(name) for name in FORMATS} | {
    "PNG palette": _file("PNG", "P"), "PNG alpha": _file("PNG", "RGBA"), "PNG 16 bits": _file("PNG", "I;16"),
    "TIFF float": _file("TIFF", "F"), "JPEG CMYK": _file("JPEG", "CMYK"), "GIF grey": _file("GIF", "L"),
}  # fmt: skip


@st.composite
def mutated(draw, content):
    """A few bytes changed, put in or taken out; often in the head, where the sizes and types stand."""
    content = bytearray(content)
    for _ in range(draw(st.integers(1, 6))):
        reach = draw(st.sampled_from([64, len(content)]))
        place = draw(st.integers(0, max(0, min(reach, len(content)) - 1)))
        match draw(st.sampled_from(["change", "cut", "insert", "end"])):
            case "change":
                content[place : place + 1] = draw(st.binary(min_size=1, max_size=1))
            case "cut":
                del content[place : place + draw(st.integers(1, 8))]
            case "insert":
                content[place:place] = draw(st.binary(min_size=1, max_size=8))
            case "end":
                del content[max(1, place) :]
    return bytes(content)


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_damaged_file_is_answered_or_refused_in_words(name, data):
    content = data.draw(mutated(FILES[name]))
    try:
        picture = open_picture(content)
    except PictureError:
        return
    assert preprocess(picture).pixels.shape == (28, 28)


def test_values_too_close_for_a_histogram_are_one_value():
    """A mutated PNG whose garment had one colour but for the last bit of its floats."""
    colours = np.ones((64, 64, 3), np.float32)
    colours[20:40, 20:40] = 0.5
    colours[25, 25] = np.nextafter(np.float32(0.5), np.float32(1))
    assert difference_from_background(colours)[20:40, 20:40].all()
