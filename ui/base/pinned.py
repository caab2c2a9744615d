"""Weights that stay put for what takes seconds to measure, while the run that they are from goes on."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from nin.classify.classifier import Classifier
from nin.errors import WeightsError
from ui.base.answers import classifier_for, with_newest
from ui.base.resources import written_at
from ui.base.text import t
from ui.base.weights import Choice

_KEY = "classify_pinned"  # in the session: the choice, and which weights were its newest then


class Pinned(NamedTuple):
    """Weights as they were read: the run that they are from may have deleted their file since."""

    name: tuple[str, int]  # the file and when it was written, ns: no other weights have the same
    classifier: Classifier


def pinned(weights: Choice) -> Pinned:
    """The chosen weights; those of a run in training as they were when first asked for."""
    key, name = st.session_state.get(_KEY, (None, None))
    if key == weights.key and weights.is_training:
        with suppress(WeightsError):  # neither held any more nor on the disk: the newest take their place
            return Pinned(name, _held(*name))
    found = with_newest(weights, _read)
    st.session_state[_KEY] = (weights.key, found.name)
    return found


def _read(path: Path) -> Pinned:
    name = (str(path), written_at(path))
    return Pinned(name, _held(*name))


@st.cache_resource(max_entries=8, show_spinner=False)
def _held(path: str, written: int) -> Classifier:
    return classifier_for(Path(path))


def offer_newer(choice: Choice, weights: Pinned, *, key: str) -> None:
    """Says which weights were used, with a button for the run's newest, while there are newer ones to come."""
    with st.container(horizontal=True, vertical_alignment="center"):  # there, with or without something in it
        if choice.is_training:
            st.caption(t("classify.measured_at", step=weights.classifier.checkpoint.step), width="content")
            st.button(t("classify.measure_again"), icon=":material/refresh:", key=key, on_click=_forget)


def _forget() -> None:
    st.session_state.pop(_KEY, None)
