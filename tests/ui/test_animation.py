"""Pictures of maps: right pixels, right order, right number of frames."""

import io

import numpy as np
import pytest
from PIL import Image, ImageSequence

from nin.data.fashion_mnist import CLASS_NAMES
from nin.explain.timelapse import Moment
from ui.base.colours import levels, table
from ui.layers.tools.animation import FORMATS, FRAME_MS, LAST_MS, film, mosaic_picture
from ui.layers.tools.player import strongest_that_fit


def moments(count=3, channels=5, side=4):
    rng = np.random.default_rng(0)
    return [
        Moment(step, rng.normal(size=(channels, side, side)).astype(np.float32), np.zeros((10, 2, 2)), np.full(10, 0.1))
        for step in range(count)
    ]


def test_zero_is_dark_on_both_scales_and_the_middle_of_the_signed_one():
    assert levels(np.array([-2.0, 0.0, 2.0]), -2, 2).tolist() == [0, 128, 255]
    assert table(signed=True)[128].max() < 32
    assert table(signed=False)[0].max() < 96
    assert len(np.unique(table(signed=True), axis=0)) > 200
    assert levels(np.zeros(3), 0, 0).tolist() == [0, 0, 0]


def test_every_value_is_a_square_of_its_own_colour():
    maps = np.arange(5 * 2 * 3, dtype=np.float32).reshape(5, 2, 3)
    picture = np.asarray(mosaic_picture(maps, 0.0, 29.0, list("01234")))
    colours = table(signed=False)[levels(maps, 0, 29)].reshape(-1, 3)
    seen = [tuple(colour) for colour in picture.reshape(-1, 3)]
    assert {tuple(colour) for colour in colours} <= set(seen)
    first = np.flatnonzero((picture == colours[0]).all(-1))
    zoom = round(len(first) ** 0.5)
    assert zoom**2 == len(first)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_film_has_a_frame_for_each_moment(kind):
    made = film(moments(), ["one", "two", "three"], kind, title="a run", labels=list("01234"))
    with Image.open(io.BytesIO(made)) as picture:
        assert picture.n_frames == 3
        assert picture.info["loop"] == 0
        frames = [np.asarray(frame.convert("RGB")) for frame in ImageSequence.Iterator(picture)]
        assert picture.info["duration"] == pytest.approx(LAST_MS, abs=10)
        picture.seek(0)
        picture.load()
        assert picture.info["duration"] == pytest.approx(FRAME_MS, abs=10)
    assert not np.array_equal(frames[0], frames[1])


def test_a_lossless_film_has_the_pictures_own_pixels():
    shown = moments(2)
    with Image.open(io.BytesIO(film(shown, ["", ""], "webp", title="", labels=list("01234")))) as picture:
        frame = np.asarray(picture.convert("RGB"))
    top = max(np.abs(moment.maps).max() for moment in shown)
    expected = np.asarray(mosaic_picture(shown[0].maps, -top, top, list("01234")))
    above = 22  # the title's line
    np.testing.assert_array_equal(frame[above : above + len(expected), : expected.shape[1]], expected)


def test_tiles_are_named_and_told_apart_even_where_they_are_all_dark():
    maps = np.zeros((10, 5, 5), np.float32)
    picture = np.asarray(mosaic_picture(maps, 0.0, 1.0, CLASS_NAMES), float)
    dark = (picture == table(signed=False)[0]).all(-1)
    assert (np.diff(dark.any(0).astype(int)) == 1).sum() == 4  # as many columns of tiles as there are
    assert luminance(picture.max((0, 1))) > 4.5 * luminance(picture[0, 0])  # the names on the ground
    assert luminance(picture[0, 0]) > 2.9 * luminance(table(signed=False)[0])
    unnamed = np.asarray(mosaic_picture(maps, 0.0, 1.0, ["Ankle boot"] * 10), float)
    assert not np.array_equal(picture, unnamed)


def luminance(colour):
    """Relative luminance as WCAG 2 defines it, with its 0.05 of stray light."""
    linear = np.where(colour <= 10, colour / 255 / 12.92, ((colour / 255 + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722] + 0.05


def test_all_channels_are_sent_where_they_fit_and_else_the_strongest():
    assert strongest_that_fit(moments()).tolist() == [0, 1, 2, 3, 4]
    many = moments(count=10, channels=40, side=150)
    kept = strongest_that_fit(many)
    strength = np.abs(many[-1].maps).max((1, 2))
    assert len(kept) == 3_000_000 // (10 * 150 * 150)
    assert set(kept) == set(np.argsort(-strength)[: len(kept)])
