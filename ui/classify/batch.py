"""Several pictures at once: a list of answers that open their pictures, and the same as a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import streamlit as st

from nin.classify.classifier import Answer, Classifier
from nin.classify.findings import SEVERAL
from nin.data.fashion_mnist import CLASS_NAMES
from nin.errors import LabError, Message
from nin.explain.class_maps import shares
from ui.base.answers import Loaded
from ui.base.component import component
from ui.base.csv_text import csv_text
from ui.base.images import data_uri, image_tensor
from ui.base.item import current_item, set_current_item
from ui.base.request import offer_newest, request
from ui.base.text import t
from ui.base.text.classes import class_name
from ui.base.text.errors import said
from ui.classify.picture_input import BroughtFile, brought_files, forget_files
from ui.classify.prediction import without_class
from ui.classify.preprocessing import with_steps

_KEY = "classify_many"

_component = component("batch", '<ul class="batch"></ul>')


class Row(NamedTuple):
    """A file and the answer to it, or why there is none."""

    file: BroughtFile
    answer: Answer | None
    error: Message | str = ""


def table_of_answers(newest: Loaded, file_stem: str) -> None:
    """With weights that stay as they were when it was first shown, while a run in training goes on."""
    weights = request("many").held(newest)
    files = brought_files()
    rows = [_row(file, weights) for file in files.values()]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(t("classify.many", count=len(rows)), width="stretch")
        st.download_button(
            t("classify.csv"),
            answers_csv(rows),
            f"answers-{file_stem}.csv",
            "text/csv",
            icon=":material/download:",
            key="classify_csv",
            on_click="ignore",
        )
        st.button(
            t("classify.remove_all"),
            icon=":material/delete:",
            key="classify_remove_all",
            on_click=forget_files,
            args=tuple(files),
        )
    _list(rows)
    offer_newest("many", weights, newest)


def answers_csv(rows: Sequence[Row]) -> str:
    """A line for each file: the answer, and the ten probabilities as the network gave them; the same in every language."""
    lines = []
    for file, answer, error in rows:
        values = ["", "", "", str(error), *("" for _ in CLASS_NAMES)]
        if answer is not None and answer.is_empty:
            values[3] = "nothing was found in it"
        elif answer is not None:
            values = [answer.label, answer.confidence, answer.known, "", *answer.probabilities]
        lines.append((file.item.name, *values))
    return csv_text(["file", "label", "confidence", "known", "error", *CLASS_NAMES], lines)


def _list(rows: Sequence[Row]) -> None:
    current = current_item().id

    def opened() -> None:
        if file := brought_files().get(st.session_state[_KEY]["opened"]):
            set_current_item(file.item)

    def removed() -> None:
        forget_files(st.session_state[_KEY]["removed"])

    data = {
        "rows": [_shown(row) | {"current": row.file.item.id == current} for row in rows],
        "words": {"list": t("classify.many_list"), "remove": t("classify.remove")},
    }
    _component(data=data, key=_KEY, on_opened_change=opened, on_removed_change=removed)


def _shown(row: Row) -> dict[str, object]:
    file, answer, error = row
    shown = {"id": file.id, "src": data_uri(file.item.picture), "name": file.item.name}
    if answer is None:
        return shown | {"label": "", "share": 0, "text": "", "note": said(error), "known": False}
    if answer.is_empty:
        return shown | {
            "label": t(f"classify.nothing_{file.item.nothing or 'plain'}"),
            "share": 0,
            "text": "",
            "note": "",
            "known": False,
        }
    label = class_name(answer.class_id) if answer.known else without_class(answer)
    share = answer.confidence if answer.known else 0
    text = shares(answer.probabilities)[answer.class_id] if answer.known else ""
    count = sum(len(doubt.boxes) for doubt in file.item.doubts if doubt.code == SEVERAL)
    note = t("classify.many_things", count=count) if count else ""
    return shown | {"label": label, "share": share, "text": text, "note": note, "known": answer.known}


def _row(file: BroughtFile, weights: Loaded) -> Row:
    item = with_steps(file.item)
    try:
        return Row(
            file,
            _answer(
                item.pixels, item.scattered, item.is_drawing, weights.name, weights.classifier.ruin, weights.classifier
            ),
        )
    except LabError as error:  # of one file: the others have their answers
        return Row(file, None, error.message)


@st.cache_data(max_entries=2000, show_spinner=False)
def _answer(
    pixels: bytes,
    scattered: bool,
    is_drawing: bool,
    weights: tuple[str, int],
    ruin: str | None,
    _classifier: Classifier,
) -> Answer:
    return _classifier.classify(image_tensor(pixels), scattered=scattered, is_drawing=is_drawing)
