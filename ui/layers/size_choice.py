"""At which size the network is fed: as it was trained, or another, since no dense layer forbids it."""

from __future__ import annotations

import streamlit as st

from nin.model.network import NiN
from nin.model.shapes import stage_shapes
from ui.base.text import t

_SMALLEST, _LARGEST = 28, 224


def choose_size(model: NiN) -> int:
    """Pixels a side. The size of training until the visitor chooses another that suits the network."""
    trained = model.architecture.input_size
    sizes = [size for size in (trained // 2, trained, 2 * trained) if _SMALLEST <= size <= _LARGEST]
    return st.segmented_control(
        t("layers.size"),
        [size for size in sizes if _fits(model, size)],
        default=trained,
        required=True,
        key=f"layers_size_{trained}",
        format_func=lambda size: t("layers.size_trained" if size == trained else "layers.size_other", size=size),
        help=t("layers.size_help"),
        persist_state="session",
    )


def _fits(model: NiN, size: int) -> bool:
    try:
        stage_shapes(model, size)
    except ValueError:
        return False
    return True
