"""The stages in figures: shapes as the book prints them, parameters, work, what a value sees. A row opens its stage."""

from __future__ import annotations

import streamlit as st

from ui.base.component import component
from ui.base.text import t
from ui.layers.place import Place
from ui.layers.subject import Subject

_component = component("layer_table", '<div class="layer-table"><table></table></div>')
_COLUMNS = ("index", "name", "shape", "parameters", "macs", "field")


def layer_table(subject: Subject, place: Place, *, key: str) -> None:
    def opened() -> None:
        if (index := st.session_state[key]["opened"]) is not None:
            place.lead(str(index))

    total = subject.figures(subject.stages)
    data = {
        "head": [t(f"layers.column_{column}") for column in _COLUMNS],
        "rows": [_row(subject, stage) for stage in subject.stages],
        "foot": [t("layers.column_all"), "", "", total["parameters"], total["macs"], ""],
        "open": place.layer.partition(".")[0],
        "words": {"open": t("layers.open_stage")},
    }
    with st.container(key="layer-table"):
        _component(data=data, key=key, on_opened_change=opened)


def _row(subject: Subject, stage: str) -> list[str]:
    figures = subject.figures([stage])
    field = t("layers.field", size=figures["field"])
    return [stage, subject.name(stage), book_shape(subject.shape(stage)), figures["parameters"], figures["macs"], field]


def book_shape(shape: tuple[int, ...]) -> str:
    """What `layer_summary` of the book prints."""
    return f"torch.Size({list(shape)})"
