"""The confusion matrix as a table of buttons."""

from __future__ import annotations

import streamlit as st
from torch import Tensor

from ui.base.component import component, only_read
from ui.base.text import t
from ui.base.text.classes import class_names

_component = component("confusion", '<div class="confusion"><table></table></div>')


_ASKED = "classify_cell_asked"  # in the session: a cell to open, and how many were asked for before


def ask_for_cell(truth: int, answer: int) -> None:
    """When the matrix is drawn next, this cell is opened and brought into view."""
    _, count = st.session_state.get(_ASKED, (None, 0))
    st.session_state[_ASKED] = ([truth, answer], count + 1)


def confusion_matrix(counts: Tensor, *, key: str) -> tuple[int, int] | None:
    """Draws int (10, 10), a row for each true class; returns the cell that was clicked: truth, answer."""
    before = st.session_state.get(key)
    chosen = before["cell"] if before else None
    words = {word: t(f"classify.confusion_{word}") for word in ("label", "cell")}
    asked, turn = st.session_state.get(_ASKED, (None, 0))
    data = {
        "names": class_names(),
        "counts": counts.tolist(),
        "chosen": chosen,
        "words": words,
        "asked": asked,
        "turn": turn,
    }
    if before and before.get("turn") == turn:
        data["asked"] = None
    cell = _component(
        data=data, key=key, default={"cell": None, "turn": 0}, on_cell_change=only_read, on_turn_change=only_read
    ).cell
    return None if cell is None else (int(cell[0]), int(cell[1]))
