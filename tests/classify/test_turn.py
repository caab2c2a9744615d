"""Which way up a picture is: found where it looks like clothes one way alone, left alone where that is in doubt."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from drawings.evaluation.shapes import TUNING
from drawings.evaluation.styles import poster
from drawings.not_clothes import draw_something_else
from nin.classify.turn import quarters_to_upright, turned
from nin.data import dataset


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_a_picture_on_its_side_or_head_is_turned_upright_and_an_upright_one_is_not(quarters: int) -> None:
    pictures = [poster(drawing) for drawings in TUNING.values() for drawing in drawings]
    found = [quarters_to_upright(turned(picture, -quarters)) == quarters for picture in pictures]
    assert sum(found) >= (len(found) if quarters == 0 else 0.75 * len(found))


def test_an_image_of_the_data_set_stays_as_it_is() -> None:
    for image in dataset.load("sample").test.images[:20].numpy():
        upside_down = Image.fromarray(np.ascontiguousarray(image[::-1])).convert("RGBA")
        assert quarters_to_upright(upside_down) == 0


def test_other_things_are_hardly_ever_turned_into_clothes() -> None:
    random = np.random.default_rng(3)
    found = [quarters_to_upright(draw_something_else(random).convert("RGBA")) for _ in range(40)]
    assert sum(quarters > 0 for quarters in found) <= 3


def test_nothing_is_no_way_up() -> None:
    assert quarters_to_upright(Image.new("RGBA", (80, 50), "white")) == 0


@pytest.mark.parametrize("quarters", range(-4, 5))
def test_so_many_quarters_counter_clockwise(quarters: int) -> None:
    pixels = np.arange(6, dtype=np.uint8).reshape(2, 3)
    assert np.array_equal(np.asarray(turned(Image.fromarray(pixels), quarters)), np.rot90(pixels, quarters))
