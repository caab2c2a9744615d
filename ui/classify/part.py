"""Which part of the picture is meant: click a thing that was found in it, or put a frame around one."""

from __future__ import annotations

import streamlit as st

from nin.classify.findings import SEVERAL, WHOLE, Box
from nin.classify.preprocess import Steps
from ui.base.component import component
from ui.base.images import data_uri
from ui.base.item import Item, frame_from, seen_by, set_current_item
from ui.base.text import t

MARGIN = 0.01  # of the picture, around a thing that is clicked: its blurred edge belongs to it
_WORDS = ("part_hint", "part_thing", "part_whole", "part_picture", "part_frame", "part_frame_keys")

_component = component(
    "part",
    """
<div class="part">
  <div class="part-sheet">
    <img class="part-picture" draggable="false">
    <div class="part-things"></div>
    <div class="part-marks"></div>
    <div class="part-frame" role="group" tabindex="0" hidden></div>
  </div>
  <div class="part-words">
    <div class="part-hint"></div>
    <div class="part-buttons">
      <button type="button" class="part-toggle"></button>
      <button type="button" class="part-whole"></button>
    </div>
  </div>
</div>
""",
)


def things_in(item: Item) -> list[Box]:
    """The things in an item's picture where there are several, the largest first, each with a margin."""
    doubts = seen_by(item.picture, Steps()).doubts if item.picture else ()
    return [_grown(box) for doubt in doubts if doubt.code == SEVERAL for box in doubt.boxes]


def taken_thing(item: Item, things: list[Box]) -> int | None:
    """Which of them the answer is about: the largest until another is chosen; None for any other frame."""
    if item.frame is None:
        return 0 if things else None
    return things.index(item.frame) if item.frame in things else None


def choose_part(item: Item, *, key: str) -> None:
    """For an item that has a picture."""

    def chosen() -> None:
        asked = st.session_state[key]["frame"]
        if asked is not None:
            set_current_item(item.framed(frame_from(asked.get("box"))))

    things = things_in(item)
    marks = [box for doubt in item.doubts if doubt.code != SEVERAL for box in doubt.boxes]
    # Of several things the largest is taken: that all are meant is a frame, too.
    whole = WHOLE if things else None
    data = {
        "picture": data_uri(item.picture),
        "things": [box.sides for box in things],
        "taken": taken_thing(item, things),
        "marks": [box.sides for box in marks],
        "frame": item.frame and item.frame.sides,
        "whole": whole and whole.sides,
        "is_whole": item.frame == whole,
        "words": {word: t(f"classify.{word}") for word in _WORDS},
    }
    _component(data=data, key=key, on_frame_change=chosen)


def _grown(box: Box) -> Box:
    left, top = max(0.0, box.left - MARGIN), max(0.0, box.top - MARGIN)
    return Box(left, top, min(1.0, box.right + MARGIN), min(1.0, box.bottom + MARGIN))
