"""The confusion matrix as a table of buttons."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from torch import Tensor

from nin.sources import CLASS_NAMES
from ui.words import t

_HERE = Path(__file__).parent

_component = st.components.v2.component(
    "nin_confusion",
    html='<div class="confusion"><table></table></div>',
    css=(_HERE / "confusion.css").read_text(encoding="utf-8"),
    js=(_HERE / "confusion.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def confusion_matrix(counts: Tensor, *, key: str) -> tuple[int, int] | None:
    """Draws int (10, 10), a row for each true class; returns the cell that was clicked: truth, answer."""
    before = st.session_state.get(key)
    chosen = before["cell"] if before else None
    words = {word: t(f"classify.confusion_{word}") for word in ("label", "cell")}
    data = {"names": CLASS_NAMES, "counts": counts.tolist(), "chosen": chosen, "words": words}
    cell = _component(data=data, key=key, default={"cell": None}, on_cell_change=_nothing).cell
    return None if cell is None else (int(cell[0]), int(cell[1]))


def _nothing() -> None:
    """A state value of a component exists only where it has a callback."""
