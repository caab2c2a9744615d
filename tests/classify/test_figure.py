"""Figures and screenshots: the images in them come out as the data set has them."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from drawings.evaluation.figures import KINDS, LOOKS, draw_figure
from drawings.evaluation.shapes import TUNING
from drawings.evaluation.styles import STYLES
from nin.classify.figure.colour_map import MAPS, painted, undo
from nin.classify.figure.search import find_panels
from nin.classify.findings import SEVERAL, Box
from nin.classify.picture_file import open_picture
from nin.classify.preprocess import Steps, kept_picture, preprocess
from nin.data.dataset import load

SAVED = sorted((Path(__file__).parent / "figures").iterdir())  # by matplotlib 3.11, of images in data/sample
IMAGES = load("sample").test


def image_of(class_id, number):
    return IMAGES.images[IMAGES.labels == class_id][number].numpy()


def off(shown, image):
    """Mean difference in steps of 255."""
    return np.abs(np.asarray(shown).astype(float) - image).mean()


@pytest.mark.parametrize("file", SAVED, ids=[file.stem for file in SAVED])
def test_figures_that_matplotlib_saved_give_the_image_back(file):
    numbers = [int(number) for number in file.stem.split("-")[2:]]
    wanted = [image_of(*pair) for pair in zip(numbers[::2], numbers[1::2], strict=True)]
    panels = find_panels(open_picture(file))
    assert len(panels) == len(wanted)
    for panel, image in zip(panels, wanted, strict=True):
        assert off(panel.pixels, image) < 6


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["viridis", "gray"])
def test_every_kind_of_figure_gives_its_first_image(kind, name):
    look = LOOKS["design"]
    plain = type(look)((name,), (3.7,), ("png",), look.smooth[:1], ("white",), (3,), 1)
    images = [image_of(class_id, 11) for class_id in ((9, 1, 8) * 3)[: {"row": 3, "grid": 9}.get(kind, 1)]]
    seen = preprocess(draw_figure(images, kind, plain, np.random.default_rng(0)))
    assert off(seen.pixels, images[0]) < 6
    assert not seen.is_drawing


def test_each_image_in_a_row_is_offered_and_the_chosen_one_is_seen():
    file = next(file for file in SAVED if file.stem.startswith("row"))
    picture = open_picture(file)
    doubt = next(doubt for doubt in preprocess(picture).doubts if doubt.code == SEVERAL)
    assert len(doubt.boxes) == 4
    box = doubt.boxes[2]
    around = Box(box.left - 0.01, box.top - 0.01, box.right + 0.01, box.bottom + 0.01)
    chosen = preprocess(picture, frame=around)
    assert off(chosen.pixels, image_of(3, 6)) < 6
    assert not chosen.doubts


def test_a_figure_that_is_kept_small_is_still_a_figure():
    picture = open_picture(SAVED[0]).resize((1920, 1440), Image.Resampling.NEAREST)
    kept = kept_picture(picture)
    assert max(kept.size) <= 1000
    assert off(preprocess(kept).pixels, image_of(0, 3)) < 6


def test_without_the_background_step_a_figure_is_taken_as_it_is():
    seen = preprocess(open_picture(SAVED[0]), Steps(background=False))
    assert off(seen.pixels, image_of(0, 3)) > 20


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_drawings_and_photos_are_no_figures(style):
    for drawings in TUNING.values():
        assert find_panels(style(drawings[0])) == ()


@pytest.mark.parametrize("name", [*MAPS, "gray", "binary"])
def test_a_colour_map_is_undone(name):
    image = image_of(9, 3)
    colours = painted(image / 255, name)
    undone = undo(colours, colours[:2, :2])
    assert undone is not None
    assert undone.misfit < 4
    wrong = np.abs(undone.values * 255 - image) > 12
    assert wrong.mean() < (0.2 if name in ("hsv", "twilight", "bwr", "seismic") else 0.05)


@settings(max_examples=40, deadline=None)
@given(arrays(np.uint8, st.tuples(st.integers(1, 90), st.integers(1, 90), st.just(4))))
def test_any_array_is_a_figure_or_none(pixels):
    for panel in find_panels(Image.fromarray(pixels, "RGBA")):
        assert panel.pixels.shape == (28, 28)
        assert 0 <= panel.where.left < panel.where.right <= 1
        assert 0 <= panel.where.top < panel.where.bottom <= 1


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(28, 400), st.integers(28, 400))
def test_any_heap_of_rectangles_is_a_figure_or_none(seed, width, height):
    random = np.random.default_rng(seed)
    pixels = np.full((height, width, 4), random.integers(0, 256, 4), np.uint8)
    for _ in range(12):
        top, left = random.integers(0, height), random.integers(0, width)
        pixels[top : random.integers(top, height + 1), left : random.integers(left, width + 1)] = random.integers(
            0, 256, 4
        )
    assert all(panel.pixels.shape == (28, 28) for panel in find_panels(Image.fromarray(pixels, "RGBA")))
