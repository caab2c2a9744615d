"""How the charts are drawn: against what, on which scale, how smooth, beside what. In the address, so that a reload keeps it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import streamlit as st

from ui.base import address
from ui.base.choice import select
from ui.base.live import draw_again
from ui.base.text import t
from ui.charts.axis import AXES
from ui.charts.published import references

SMOOTHING, SMOOTHING_RANGE = 20, (1, 100)  # steps
SCALES = ("linear", "log")
NO_REFERENCE = "none"  # with None Streamlit takes it that nothing was chosen
_FRAGMENT = "chart-address"


class ChartSettings(NamedTuple):
    axis: str  # one of AXES
    logarithmic: bool
    whole: bool  # the horizontal axis goes to the end of a run in training
    smoothing: int  # steps
    reference: str | None  # a published table


def _one_of(choices: Any) -> Callable[[str], Any]:
    return lambda text: text if text in choices else None


def _smoothing(text: str) -> int | None:
    low, high = SMOOTHING_RANGE
    return int(text) if text.isascii() and text.isdigit() and low <= int(text[:6]) <= high else None


# By the key of its widget: its name in the address, what it is unless it is set, and the reader of an address.
_KEPT: dict[str, tuple[str, Any, Callable[[str], Any]]] = {
    "axis": ("x", AXES[0], _one_of(AXES)),
    "loss-scale": ("scale", SCALES[0], _one_of(SCALES)),
    "whole-run": ("whole", False, lambda text: text == "True"),
    "smoothing": ("smoothing", SMOOTHING, _smoothing),
    "reference": ("book", NO_REFERENCE, lambda text: text if text in references() else None),
}


def chart_settings() -> ChartSettings:
    """As they are set now."""
    state = st.session_state
    reference = None if state["reference"] == NO_REFERENCE else state["reference"]
    return ChartSettings(state["axis"], state["loss-scale"] == "log", state["whole-run"], state["smoothing"], reference)


def charts_in_address() -> None:
    """On every page: take the settings from the address of a new tab, and keep it true from then on."""
    for key, (name, usual, read) in _KEPT.items():
        if key not in st.session_state:
            found = read(address.given(name) or "")
            st.session_state[key] = usual if found is None else found
    _write_address()


@st.fragment(key=_FRAGMENT)
def _write_address() -> None:
    now = {name: (st.session_state[key], usual) for key, (name, usual, _) in _KEPT.items()}
    address.show("charts", **{name: None if value == usual else f"{value}" for name, (value, usual) in now.items()})


def _changed() -> None:
    draw_again(_FRAGMENT)


@st.fragment
def choose_axes() -> None:
    """In a fragment of its own, like all that is switched here: the charts follow it, the page stands."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="chart-axes"):
        for key, options in (("axis", AXES), ("loss-scale", SCALES)):
            word = key.replace("loss-", "")
            st.segmented_control(
                t(f"train.{word}"),
                options,
                required=True,
                key=key,
                on_change=_changed,
                help=t(f"train.{word}_help"),
                format_func=lambda option, word=word: t(f"train.{word}_{option}"),
                persist_state="session",
            )
        st.toggle(
            t("train.whole_run"),
            key="whole-run",
            on_change=_changed,
            help=t("train.whole_run_help"),
            persist_state="session",
        )


@st.fragment
def choose_smoothing() -> None:
    st.slider(
        t("train.smoothing"),
        *SMOOTHING_RANGE,
        key="smoothing",
        on_change=_changed,
        help=t("train.smoothing_help"),
        persist_state="session",
    )


@st.fragment
def choose_reference() -> None:
    select(
        t("train.reference"),
        [NO_REFERENCE, *references()],
        key="reference",
        on_change=_changed,
        help=t("train.reference_help"),
        persist_state="session",
        format_func=lambda name: t("train.no_reference") if name == NO_REFERENCE else t(f"train.reference_{name}"),
    )
