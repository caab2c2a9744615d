"""What the finder says of what it found: how many things, what is cut off, where an outline is open, or why there is nothing."""

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from nin.classify.findings import WHOLE, Box, find_doubts
from nin.classify.preprocess import preprocess


def sheet(*lines, width=7, size=280):
    picture = Image.new("RGBA", (size, size), "white")
    pen = ImageDraw.Draw(picture)
    for line in lines:
        pen.line(line, fill="black", width=width, joint="curve")
    return picture


def codes(picture, **options):
    return [doubt.code for doubt in preprocess(picture, **options).doubts]


BLOCK = [(60, 60), (220, 60), (220, 220), (60, 220), (60, 60)]


def test_one_whole_thing_leaves_no_doubt():
    assert codes(sheet(BLOCK)) == []


def two_blocks():
    picture = Image.new("RGBA", (300, 150), "white")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((20, 20, 80, 130), fill="black")
    pen.rectangle((180, 50, 270, 110), fill="black")
    return picture


def test_two_things_are_found_where_they_are_and_a_frame_chooses_one():
    whole = preprocess(two_blocks())
    (doubt,) = whole.doubts
    assert doubt.code == "several"
    assert len(doubt.boxes) == 2
    tall = next(box for box in doubt.boxes if box.right < 0.5)
    assert (tall.left, tall.top, tall.right, tall.bottom) == pytest.approx(
        (20 / 300, 20 / 150, 81 / 300, 131 / 150), abs=0.02
    )
    chosen = preprocess(two_blocks(), frame=tall)
    assert chosen.doubts == ()
    columns = chosen.pixels.float().mean(0)
    assert columns.nonzero().numel() < 20  # a tall thing alone in the middle of its frame
    assert (chosen.where.left, chosen.where.right) == pytest.approx((tall.left, tall.right), abs=0.02)


def test_of_several_things_the_largest_is_taken_until_all_are_asked_for():
    largest, all_of_it = preprocess(two_blocks()), preprocess(two_blocks(), frame=WHOLE)
    tall, _ = largest.doubts[0].boxes
    assert torch.equal(largest.pixels, preprocess(two_blocks(), frame=tall).pixels)
    assert largest.where.right < 0.5 < all_of_it.where.right
    assert all_of_it.doubts == ()


def test_a_surface_beside_other_things_is_no_line_drawing():
    """Legs are thin beside all that lies in a wide picture, and broad on their own."""
    picture = Image.new("RGBA", (400, 200), "white")
    pen = ImageDraw.Draw(picture)
    pen.polygon([(40, 20), (100, 20), (106, 180), (82, 180), (70, 60), (58, 180), (34, 180)], fill="black")
    alone = preprocess(picture)
    pen.rectangle((300, 60, 390, 120), fill="black")
    seen = preprocess(picture)
    assert [doubt.code for doubt in seen.doubts] == ["several"]
    assert not seen.is_line_drawing
    assert torch.equal(seen.pixels, alone.pixels)


@pytest.mark.parametrize(
    "frame",
    [Box(0, 0, 1, 1), Box(0.5, 0.5, 0.5, 0.5), Box(-1, -1, 2, 2), Box(0.99, 0.99, 1, 1), Box(0.9, 0.1, 0.2, 0.2)],
)
def test_any_frame_is_answered(frame):
    assert preprocess(two_blocks(), frame=frame).pixels.shape == (28, 28)


def test_what_runs_off_the_sheet_is_said_and_filled_on_the_side_of_the_garment():
    lines = [(90, -5), (70, 285)], [(190, -5), (210, 285)], [(140, 120), (120, 285)], [(140, 120), (160, 285)]
    seen = preprocess(sheet(*lines))
    assert [doubt.code for doubt in seen.doubts] == ["touches_edge"]
    filled = seen.stages["fill"] > 0
    height, width = filled.shape
    assert filled[height // 3, width // 2]  # the hips
    assert not filled[height // 2, width // 10]  # the paper beside them
    assert not filled[-3, width // 2]  # and between the legs
    assert filled[-3, int(0.35 * width)]
    assert filled[-3, int(0.65 * width)]


def test_an_open_outline_is_shown_where_it_is_open():
    wide_open = [(220, 120), (220, 220), (60, 220), (60, 60), (180, 60)]
    (doubt,) = preprocess(sheet(wide_open)).doubts
    assert doubt.code == "open_outline"
    (box,) = doubt.boxes
    assert box.right > 0.6
    assert box.top < 0.45


def test_small_gaps_are_closed_without_a_word():
    seen = preprocess(sheet([(80, 60), (220, 60), (220, 220), (60, 220), (60, 74)]))
    assert seen.doubts == ()
    assert (seen.stages["fill"] > 0).mean() > 0.3


def test_what_was_hatched_is_a_surface():
    strokes = [[(60 + x, 62), (60 + x, 218)] for x in range(0, 160, 14)]
    seen = preprocess(sheet(BLOCK, *strokes, width=6))
    assert seen.is_drawing
    assert not seen.is_line_drawing
    inside = seen.stages["seen"][3:-3, 3:-3]
    assert inside.min() > 200


def test_a_garment_on_all_of_the_border_is_a_background_that_was_not_separated():
    everything = np.ones((60, 80), dtype=bool)
    assert [doubt.code for doubt in find_doubts(everything, everything, lines=False)] == ["background"]
    assert find_doubts(everything, everything, lines=False, cut_out=True) == ()


def dot():
    picture = sheet()
    ImageDraw.Draw(picture).ellipse((138, 138, 142, 142), fill="black")
    return picture


@pytest.mark.parametrize(
    ("picture", "nothing"),
    [
        (Image.new("RGBA", (280, 280), "white"), "plain"),
        (Image.new("RGBA", (1, 1), "black"), "plain"),
        (Image.new("RGBA", (28, 28), "black"), "plain"),
        (Image.new("RGBA", (90, 90), (0, 0, 0, 0)), "transparent"),
        (dot(), "speck"),
        (Image.linear_gradient("L").convert("RGBA"), "unclear"),
    ],
)
def test_why_there_is_nothing(picture, nothing):
    assert preprocess(picture).nothing == nothing
