"""The confusion matrix as a table of buttons."""

from __future__ import annotations

import streamlit as st
from torch import Tensor

from nin.data.fashion_mnist import CLASS_NAMES
from ui.base.component import component, only_read
from ui.base.text import t

_component = component("confusion", '<div class="confusion"><table></table></div>')


def confusion_matrix(counts: Tensor, *, key: str) -> tuple[int, int] | None:
    """Draws int (10, 10), a row for each true class; returns the cell that was clicked: truth, answer."""
    before = st.session_state.get(key)
    chosen = before["cell"] if before else None
    words = {word: t(f"classify.confusion_{word}") for word in ("label", "cell")}
    data = {"names": CLASS_NAMES, "counts": counts.tolist(), "chosen": chosen, "words": words}
    cell = _component(data=data, key=key, default={"cell": None}, on_cell_change=only_read).cell
    return None if cell is None else (int(cell[0]), int(cell[1]))
