"""Weights that stay put for what takes seconds to measure, while the run that they are from goes on."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from ui.weights_choice import Choice
from ui.words import t

_KEY = "classify_pinned"


def pinned_path(weights: Choice) -> Path:
    """The chosen weights; those of a run in training as they were when first asked for."""
    key, path = st.session_state.get(_KEY, (None, ""))
    if key != weights.key or not weights.is_training or not Path(path).exists():
        path = str(weights.path())
        st.session_state[_KEY] = (weights.key, path)
    return Path(path)


def offer_newer(weights: Choice) -> None:
    """A button that takes the run's newest weights, while there are newer ones to come."""
    if weights.is_training:
        st.button(t("classify.measure_again"), icon=":material/refresh:", key="classify_measure", on_click=_forget)


def _forget() -> None:
    st.session_state.pop(_KEY, None)
