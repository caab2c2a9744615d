"""A sheet of paper to draw on, with mouse, finger or pen."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable

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
    <button type="button" data-tool="clear" data-word="clear"></button>
    <label class="sheet-size"><span data-word="size"></span><input type="range" min="2" max="40"></label>
  </div>
</div>
""",
)


def canvas(*, key: str, initial: str | None, on_drawn: Callable[[bytes | None], None]) -> None:
    """The sheet. Each time the pen is lifted `on_drawn` gets it as a PNG, or None when it is blank.

    `initial` is a data URI of what lies on the sheet when it is first shown.
    """

    def drawn() -> None:
        on_drawn(_decode(st.session_state[key]["drawing"]))

    words = {word: t(f"classify.{word}") for word in ("pen", "eraser", "undo", "clear", "size", "paper")}
    data = {"words": words, "size": PEN_SIZE, "initial": initial}
    _component(data=data, key=key, default={"drawing": None}, on_drawing_change=drawn)


def _decode(uri: str | None) -> bytes | None:
    return None if uri is None else b64decode(uri.partition(",")[2])
