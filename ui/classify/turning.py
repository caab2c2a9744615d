"""Turn or mirror the picture that was brought: a sideways photo is no garment that the network knows."""

from __future__ import annotations

import streamlit as st
from PIL import Image

from ui.base.item import Item, set_current_item
from ui.base.text import t

_WAYS = {
    "left": (Image.Transpose.ROTATE_90, ":material/rotate_left:"),
    "right": (Image.Transpose.ROTATE_270, ":material/rotate_right:"),
    "mirror": (Image.Transpose.FLIP_LEFT_RIGHT, ":material/flip:"),
}


def turning(item: Item) -> None:
    """Three buttons, for a picture that was uploaded or photographed; on the sheet one draws as one likes."""
    if not item.picture or item.source == "drawing":
        return
    with st.container(horizontal=True, gap="small", key="classify-turning"):
        for name, (how, icon) in _WAYS.items():
            st.button(
                t(f"classify.turn_{name}"),
                icon=icon,
                key=f"classify_turn_{name}",
                on_click=lambda how=how: set_current_item(item.transposed(how)),
            )
