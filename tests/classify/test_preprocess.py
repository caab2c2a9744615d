"""From any picture to the 28x28 that the network knows."""

import io

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from drawings.evaluation.shapes import TUNING
from drawings.evaluation.styles import STYLES, marker, pen, poster
from nin.classify.background import find_frame
from nin.classify.picture_file import open_picture
from nin.classify.preprocess import WORKING_SIDE, Steps, preprocess, see, shrink
from nin.data import dataset

SHIRT = TUNING[0][0]


def overlap(one, other):
    """Intersection over union of what is brighter than a tenth."""
    a, b = (np.asarray(x) > 25 for x in (one, other))
    return (a & b).sum() / (a | b).sum()


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_every_style_shows_the_same_garment(style):
    reference = see(poster(SHIRT))
    assert overlap(see(style(SHIRT)), reference) > 0.85


def test_the_longer_side_fills_the_frame_and_the_garment_is_centred():
    pixels = np.asarray(see(pen(TUNING[1][0]))) > 25
    rows, columns = np.flatnonzero(pixels.any(1)), np.flatnonzero(pixels.any(0))
    assert (rows[0], rows[-1]) == (0, 27)
    assert abs(columns[0] - (27 - columns[-1])) <= 1


@pytest.mark.parametrize(("paper", "ink"), [("white", "black"), ("black", "white"), ("#224", "#fd8"), ("#fdb", "#613")])
def test_bright_on_black_whatever_the_colours(paper, ink):
    picture = Image.new("RGB", (120, 120), paper)
    ImageDraw.Draw(picture).rectangle((40, 20, 80, 100), fill=ink)
    pixels = see(picture.convert("RGBA"))
    assert pixels[14, 14] > 150
    assert pixels[:, :4].max() == 0
    assert pixels[:, -4:].max() == 0


def test_the_picture_s_own_shading_is_kept_and_negated_on_white_as_in_the_data_set():
    shaded = np.full((100, 100, 3), 255, np.uint8)
    shaded[20:80, 30:70] = np.linspace(20, 200, 40, dtype=np.uint8)[None, :, None]
    pixels = see(Image.fromarray(shaded).convert("RGBA")).int()
    middle = pixels[14]
    lit = middle[middle > 0]
    assert lit[0] > lit[-1] + 100  # dark cloth is bright
    assert (lit.diff() <= 3).all()


def test_an_outline_is_filled_even_where_it_has_a_gap():
    seen = preprocess(marker(SHIRT))
    assert seen.is_line_drawing
    assert seen.pixels[16, 14] > 100
    unfilled = preprocess(marker(SHIRT), Steps(fill=False))
    assert unfilled.pixels[18, 14] == 0


def test_the_handle_of_a_solid_bag_stays_open():
    picture = Image.new("RGBA", (200, 200), "white")
    pen_ = ImageDraw.Draw(picture)
    pen_.arc((60, 20, 140, 140), 180, 360, fill="navy", width=24)
    pen_.rectangle((30, 80, 170, 180), fill="navy")
    pixels = see(picture)
    top = pixels[:10, 14]
    assert (top == 0).any()


def test_transparent_pictures_need_no_background():
    picture = Image.new("RGBA", (100, 100), (255, 0, 0, 0))
    ImageDraw.Draw(picture).ellipse((30, 10, 70, 90), fill=(250, 250, 250, 255))
    pixels = see(picture)
    assert pixels[14, 14] > 100
    assert pixels[0, 0] == 0


@pytest.mark.parametrize("side", [28, 100, 300])
@pytest.mark.parametrize("diameter", range(1, 16))
def test_a_dot_on_a_transparent_ground_is_a_picture_like_any_other(side, diameter):
    picture = Image.new("RGBA", (side, side))
    place = side // 2
    ImageDraw.Draw(picture).ellipse((place, place, place + diameter - 1, place + diameter - 1), fill="black")
    assert see(picture).shape == (28, 28)


def test_a_shadow_is_not_garment():
    drawing = TUNING[7][0]
    assert overlap(see(STYLES["photo"](drawing)), see(poster(drawing))) > 0.8


def test_a_caption_and_specks_are_left_out():
    picture = poster(SHIRT)
    with_caption = picture.copy()
    pen_ = ImageDraw.Draw(with_caption)
    pen_.text((60, 300), "my favourite", fill="#222")
    for x in range(10, 290, 40):
        pen_.ellipse((x, 10, x + 3, 13), fill="#444")
    assert overlap(see(with_caption), see(picture)) > 0.97


def test_frames_and_bars_are_peeled_off():
    picture = Image.new("RGBA", (200, 160), "#e8e8e8")
    ImageDraw.Draw(picture).rectangle((70, 50, 120, 120), fill="#933")
    for border in ((10, 10, 10, 10), (0, 30, 0, 30), (0, 25, 0, 0)):
        left, top, right, bottom = border
        framed = Image.new("RGBA", (200 + left + right, 160 + top + bottom), "black")
        framed.paste(picture, (left, top))
        assert overlap(see(framed), see(picture)) > 0.95
    assert find_frame(picture) == (0, 0, *picture.size)


def outlined(paper, line, *, cloth=None, size=300, width=6, gap=0.0):
    """The shirt in outline; `gap` is the share of the picture's side that is missing from the outline."""
    picture = Image.new("RGB", (2 * size, 2 * size), paper)
    pen_ = ImageDraw.Draw(picture)
    corners = [((0.1 + 0.008 * x) * 2 * size, (0.1 + 0.008 * y) * 2 * size) for x, y in SHIRT[0]]
    if cloth:
        pen_.polygon(corners, fill=cloth)
    pen_.line([*corners, *corners[:2]], fill=line, width=2 * width, joint="curve")
    if gap:  # somewhere along the hem
        (left, hem), half = (size, max(y for _, y in corners)), gap * size
        pen_.rectangle((left - half, hem - 2 * width, left + half, hem + 2 * width), fill=paper)
    return picture.resize((size, size), Image.Resampling.BOX).convert("RGBA")


def test_black_ink_on_a_dark_page():
    on_white, on_dark = (see(outlined(paper, "#000")) for paper in ("white", "#1e2430"))
    assert overlap(on_dark, on_white) > 0.95
    assert (on_dark.float() - on_white.float()).abs().mean() < 12


def test_a_cartoon_has_the_same_tones_on_a_dark_page_as_on_white():
    on_white, on_dark = (see(outlined(paper, "#000", cloth="#d8432f")) for paper in ("white", "#1e2430"))
    assert overlap(on_dark, on_white) > 0.95
    assert (on_dark.float() - on_white.float()).abs().mean() < 12


def test_a_dark_outline_is_kept_beside_a_bright_part():
    picture = outlined("#1e2430", "#000")
    ImageDraw.Draw(picture).rectangle((120, 120, 180, 150), fill="#2f88ff")
    assert overlap(see(picture), see(outlined("white", "#000"))) > 0.95


def test_a_thin_outline_without_a_ground():
    drawn = outlined("white", "#000", width=3)
    clear = Image.new("RGBA", drawn.size, "#000")
    clear.putalpha(Image.eval(drawn.convert("L"), lambda level: 255 - level))
    assert (see(clear).float() - see(drawn).float()).abs().mean() < 12


@pytest.mark.parametrize("gap", [0.02, 0.04, 0.06, 0.09])
@pytest.mark.parametrize(("paper", "ink"), [("white", "black"), ("#202020", "#eee")])
def test_an_outline_with_a_gap_of_some_percent_is_filled(gap, paper, ink):
    assert overlap(see(outlined(paper, ink, gap=gap)), see(outlined(paper, ink))) > 0.95


def test_white_on_off_white():
    assert overlap(see(outlined("#f4f2ee", "#fff", cloth="#fff")), see(outlined("white", "#222", cloth="#222"))) > 0.95


def test_a_white_coat_with_a_grey_outline_on_white():
    assert overlap(see(outlined("#fff", "#c9ced6", cloth="#fafafa")), see(outlined("white", "#222"))) > 0.95


@pytest.mark.parametrize("box", [(0, 0, 300, 200), (0, 70, 300, 300), (90, 0, 300, 300), (60, 0, 240, 300)])
def test_a_garment_that_the_picture_s_border_cuts(box):
    cut = outlined("#dddad2", "#36507a", cloth="#36507a").crop(box)
    blue = np.asarray(cut.convert("L"), dtype=int) < 150
    seen = preprocess(cut)
    assert abs((seen.stages["fill"] > 0).mean() - blue.mean()) < 0.03
    rows, columns = np.flatnonzero(blue.any(axis=1)), np.flatnonzero(blue.any(axis=0))
    shape = [np.flatnonzero((np.asarray(seen.pixels) > 25).any(axis=axis)) for axis in (1, 0)]
    high, wide = (indices[-1] - indices[0] + 1 for indices in shape)
    assert abs(high / wide - len(rows) / len(columns)) < 0.1


def test_one_shoe_of_a_pair_is_taken_and_lines_of_motion_are_not():
    picture, one = Image.new("RGBA", (300, 300), "white"), Image.new("RGBA", (300, 300), "white")
    for left, top, sheets in ((10, 20, [picture, one]), (150, 150, [picture])):
        for sheet in sheets:
            shoe = [(left + 1.3 * x, top + 1.3 * y) for x, y in TUNING[7][0][0]]
            ImageDraw.Draw(sheet).polygon(shoe, fill="#335")
    assert overlap(see(picture), see(one)) > 0.97
    running = outlined("white", "black")
    for y in (120, 150, 180):
        ImageDraw.Draw(running).line([(2, y), (22, y)], fill="black", width=5)
    assert overlap(see(running), see(outlined("white", "black"))) > 0.97


@pytest.mark.parametrize("size", [16, 24, 32])
@pytest.mark.parametrize(("paper", "ink"), [("white", "black"), ("#111", "white")])
def test_a_thin_line_in_a_tiny_icon(size, paper, ink):
    seen = preprocess(outlined(paper, ink, size=8 * size, width=4).resize((size, size), Image.Resampling.BOX))
    assert seen.is_line_drawing
    assert overlap(seen.pixels, see(outlined(paper, ink))) > 0.8
    assert seen.pixels[16, 14] > 100


@pytest.mark.parametrize("blank", ["white", "black", "#8899aa"])
def test_an_empty_picture_is_empty(blank):
    seen = preprocess(Image.new("RGBA", (90, 70), blank))
    assert seen.is_empty
    assert not seen.pixels.any()


def test_a_gradient_alone_is_empty():
    gradient = np.tile(np.linspace(90, 180, 200, dtype=np.uint8)[None, :, None], (150, 1, 3))
    assert preprocess(Image.fromarray(gradient).convert("RGBA")).is_empty


def test_grain_alone_is_empty():
    random = np.random.default_rng(0)
    pixels = random.normal(128, 5, (224, 224, 1)).clip(0, 255).astype(np.uint8).repeat(3, axis=2)
    pixels[100, 100] = 200  # one grain far brighter than the rest
    assert preprocess(Image.fromarray(pixels).convert("RGBA")).is_empty


def test_images_of_the_data_set_pass_untouched():
    images = dataset.load().test.images[:50]
    for image in images:
        assert torch.equal(see(Image.fromarray(image.numpy()).convert("RGBA")), image)


def test_enlarged_images_of_the_data_set_come_back_much_as_they_were():
    images = dataset.load().test.images[:30]
    overlaps = [overlap(see(Image.fromarray(i.numpy()).resize((280, 280)).convert("RGBA")), i) for i in images]
    assert np.mean(overlaps) > 0.75


@given(
    st.integers(1, 400),
    st.integers(1, 400),
    st.sampled_from(["noise", "line", "flat", "alpha"]),
    st.integers(0, 2**16),
)
def test_any_size_and_shape(width, height, kind, seed):
    random = np.random.default_rng(seed)
    pixels = np.full((height, width, 4), 255, np.uint8)
    if kind == "noise":
        pixels[..., :3] = random.integers(0, 256, (height, width, 3))
    elif kind == "line":
        pixels[random.integers(0, height), :, :3] = 0
    elif kind == "alpha":
        pixels[..., 3] = random.integers(0, 2, (height, width)) * 255
    seen = preprocess(Image.fromarray(pixels))
    assert seen.pixels.shape == (28, 28)
    assert seen.pixels.dtype == torch.uint8
    assert seen.is_empty == (not seen.pixels.any())


@pytest.mark.parametrize("name", Steps.names())
def test_each_step_can_be_switched_off_and_changes_what_is_seen(name):
    picture = pen(SHIRT)
    changed = preprocess(picture, Steps(**{name: False}))
    assert changed.pixels.shape == (28, 28)
    assert not torch.equal(changed.pixels, see(picture))


def test_all_steps_off_is_the_usual_way():
    picture = pen(SHIRT)
    plain = preprocess(picture, Steps(**dict.fromkeys(Steps.names(), False))).pixels.float()
    assert plain.mean() > 80  # white paper, squeezed into the frame


def test_reducing_first_changes_nothing():
    picture = STYLES["photo"](SHIRT)
    assert torch.equal(see(picture), see(shrink(picture)))


def test_a_stored_working_copy_gives_the_same_answer():
    picture = shrink(STYLES["chalk"](SHIRT))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    assert torch.equal(see(open_picture(buffer.getvalue())), see(picture))


def test_twelve_megapixels_are_worked_on_small():
    """The cost hardly depends on the size of the original: `python -m bench.pages.classify` measures it."""
    photo = STYLES["photo"](SHIRT).resize((4000, 3000))
    seen = preprocess(photo)
    assert max(stage.shape[0] for stage in seen.stages.values()) <= WORKING_SIDE
    assert overlap(seen.pixels, see(photo.resize((400, 300)))) > 0.95
