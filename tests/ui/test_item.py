"""What a visitor looks at, as their browser keeps it and brings it back."""

import numpy as np
import pytest
import streamlit as st
from PIL import Image, ImageDraw

from drawings.evaluation.shapes import TUNING
from drawings.evaluation.styles import poster
from nin.classify.findings import Box
from nin.classify.turn import turned
from nin.data import dataset
from nin.errors import PictureError
from ui.base import recent
from ui.base.item import item_from_kept, item_from_picture, item_from_split, kept_item, set_current_item


def picture() -> Image.Image:
    drawn = Image.new("RGBA", (280, 280), "white")
    ImageDraw.Draw(drawn).rectangle((90, 40, 190, 250), fill="navy")
    return drawn


@pytest.mark.parametrize("source", ["drawing", "upload", "camera"])
def test_a_picture_that_was_kept_is_the_same(source):
    item = item_from_picture(picture(), source, "a *name*.png", drawing="abc" if source == "drawing" else "")
    assert item_from_kept(kept_item(item)) == item


def test_the_part_that_is_meant_is_kept_and_one_that_is_none_is_not():
    item = item_from_picture(picture(), "upload", "a.png").framed(Box(0.2, 0.1, 0.7, 0.9))
    assert item_from_kept(kept_item(item)) == item
    for sides in ([0.7, 0, 0.2, 1], [0, 0, 1], "abcd", [0, 0, float("nan"), 1], [0, 0, 2, 1]):
        assert item_from_kept(kept_item(item) | {"frame": sides}).frame is None


def test_a_test_image_that_was_kept_is_looked_up():
    item = item_from_split(dataset.load().test, 25)
    assert item_from_kept(kept_item(item)) == item
    assert item_from_kept(kept_item(item) | {"name": "3"}) == item  # known by its pixels


def test_a_drawing_is_one_picture_from_the_first_stroke_to_the_last():
    one = item_from_picture(picture(), "drawing", "Your drawing", "abc")
    two = item_from_picture(picture().rotate(30), "drawing", "Your drawing", "abc")
    other = item_from_picture(picture(), "drawing", "Your drawing", "def")
    assert one.id == two.id != other.id


@pytest.mark.parametrize(
    "broken",
    [
        {"src": "data:image/png;base64,%%%"},
        {"src": ""},
        {"source": "nowhere"},
        {"source": "test"},
        {"source": "test", "name": "-1"},
    ],
)
def test_anything_else_that_is_sent_is_refused(broken):
    kept = kept_item(item_from_picture(picture(), "upload", "a.png"))
    with pytest.raises(PictureError):
        item_from_kept(kept | broken)


@pytest.mark.parametrize("sent", [None, "text", 7, [], {}, {"source": "upload"}])
def test_what_is_no_item_at_all_is_refused(sent):
    with pytest.raises(PictureError):
        item_from_kept(sent)


def test_a_picture_that_claims_to_be_a_test_image_brings_no_pixels_of_its_own():
    forged = item_from_picture(Image.fromarray(np.full((28, 28), 200, np.uint8)).convert("RGBA"), "upload", "7")
    assert item_from_kept(kept_item(forged) | {"source": "test"}).label is not None


@pytest.mark.parametrize(("source", "is_kept"), [("upload", True), ("camera", True), ("drawing", False)])
def test_a_picture_with_nothing_in_it_is_there_again_after_a_reload_but_not_in_the_strip(monkeypatch, source, is_kept):
    sent = {}
    monkeypatch.setattr(st, "session_state", {})
    monkeypatch.setattr(recent, "_component", lambda **arguments: sent.update(arguments["data"]))
    set_current_item(item_from_picture(Image.new("RGBA", (200, 200), "white"), source, "white.png", "abc"))
    recent.recent_pictures(key="recent")
    assert sent["cards"] == []
    assert (sent["aside"] is not None) == is_kept
    if is_kept:
        assert item_from_kept(sent["aside"]).id == sent["current"]


def test_a_picture_that_came_upside_down_is_turned_and_one_turned_by_hand_stays_so():
    upright = poster(TUNING[9][0])
    item = item_from_picture(turned(upright, 2), "upload", "boot.png")
    assert item.quarters == 2
    apart = item.array().astype(int) - item_from_picture(upright, "upload", "boot.png").array()
    assert abs(apart).mean() < 4  # of 255: pixels are rounded the other way

    on_its_head = item.transposed(Image.Transpose.ROTATE_180)
    assert (on_its_head.id, on_its_head.quarters) == (item.id, 0)
    assert on_its_head.pixels != item.pixels
    assert item_from_kept(kept_item(on_its_head)) == on_its_head


def test_a_drawing_is_left_as_it_is_drawn():
    assert item_from_picture(turned(poster(TUNING[9][0]), 2), "drawing", "", "abc").quarters == 0
