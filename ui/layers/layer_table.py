"""The table of stages with the shapes of their outputs, as the book prints them."""

from __future__ import annotations

import streamlit as st

from ui.base.text import t
from ui.layers.subject import Subject


def layer_table(subject: Subject) -> None:
    rows = [
        {
            t("layers.column_index"): stage,
            t("layers.column_name"): subject.name(stage),
            t("layers.column_shape"): book_shape(subject.shape(stage)),
        }
        for stage in subject.stages
    ]
    with st.container(key="layer-table"):
        st.table(rows, hide_index=True)


def book_shape(shape: tuple[int, ...]) -> str:
    """What `layer_summary` of the book prints."""
    return f"torch.Size({list(shape)})"
