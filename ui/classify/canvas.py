"""A sheet of paper to draw on, with mouse, finger or pen."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from typing import Any

import streamlit as st

from ui.base.component import component
from ui.base.text import t

PEN_SIZE = 7  # pixels of a sheet 280 wide: a felt-tip

_component = component(
    "canvas",
    """
<div class="sheet">
  <canvas class="sheet-paper" role="img"></canvas>
  <div class="sheet-tools">
    <button type="button" data-tool="pen" data-word="pen"></button>
    <button type="button" data-tool="eraser" data-word="eraser"></button>
    <button type="button" data-tool="undo" data-word="undo"></button>
    <button type="button" data-tool="redo" data-word="redo"></button>
    <button type="button" data-tool="clear" data-word="clear"></button>
    <label class="sheet-size"><span data-word="size"></span><input type="range" min="2" max="40"></label>
  </div>
</div>
""",
    keeps=True,
)

_WORDS = ("pen", "eraser", "undo", "redo", "clear", "size", "paper")


def canvas(*, key: str, opened: dict[str, str] | None, on_drawn: Callable[[str, bytes | None], None]) -> None:
    """The sheet, which the visitor's browser keeps with all that was done to it.

    Each time the pen is lifted `on_drawn` gets the drawing's name, which changes when the sheet is
    cleared, and the drawing as a PNG, or None when it is blank. `opened` is a drawing to put on the
    sheet, as `opened_drawing` tells it.
    """

    def drawn() -> None:
        value: dict[str, Any] = st.session_state[key]["drawing"]
        on_drawn(str(value["drawing"]), _decode(value["png"]))

    data = {"words": {word: t(f"classify.{word}") for word in _WORDS}, "size": PEN_SIZE, "open": opened}
    _component(data=data, key=key, default={"drawing": None}, on_drawing_change=drawn)


def _decode(uri: str | None) -> bytes | None:
    return None if uri is None else b64decode(uri.partition(",")[2])
