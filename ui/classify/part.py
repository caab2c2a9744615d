"""Which part of the picture is meant: click a thing that was found in it, or drag a frame around one."""

from __future__ import annotations

import streamlit as st

from nin.classify.findings import SEVERAL, Box
from nin.classify.preprocess import Steps
from ui.base.component import component
from ui.base.images import data_uri
from ui.base.item import Item, seen_by, set_current_item
from ui.base.text import t

MARGIN = 0.01  # of the picture, around a thing that is clicked: its blurred edge belongs to it
_WORDS = ("part_hint", "part_thing", "part_whole", "part_picture")

_component = component(
    "part",
    """
<div class="part">
  <div class="part-sheet">
    <img class="part-picture" draggable="false">
    <div class="part-marks"></div>
    <div class="part-frame" hidden></div>
  </div>
  <div class="part-hint"></div>
  <button type="button" class="part-whole"></button>
</div>
""",
)


def choose_part(item: Item, *, key: str) -> None:
    """For an item that has a picture."""

    def chosen() -> None:
        asked = st.session_state[key]["frame"]
        if asked is not None:
            set_current_item(item.framed(_box(asked.get("box"))))

    things = [box for doubt in seen_by(item.picture, Steps()).doubts if doubt.code == SEVERAL for box in doubt.boxes]
    marks = [box for doubt in item.doubts if doubt.code != SEVERAL for box in doubt.boxes]
    data = {
        "picture": data_uri(item.picture),
        "things": [_sides(box) for box in things],
        "marks": [_sides(box) for box in marks],
        "frame": None if item.frame is None else _sides(item.frame),
        "margin": MARGIN,
        "words": {word: t(f"classify.{word}") for word in _WORDS},
    }
    _component(data=data, key=key, on_frame_change=chosen)


def _sides(box: Box) -> list[float]:
    return [box.left, box.top, box.right, box.bottom]


def _box(sides: list[float] | None) -> Box | None:
    """What the browser sent; the whole picture for anything that is no part of it."""
    if sides is None or len(sides) != 4 or not (0 <= sides[0] < sides[2] <= 1 and 0 <= sides[1] < sides[3] <= 1):
        return None
    return Box(*(float(side) for side in sides))
