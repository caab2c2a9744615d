"""How the answer to the visitor's picture changed while a run was learning."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pandas as pd
import streamlit as st

from nin.classify.classifier import Classifier
from nin.errors import WeightsError
from nin.explain.timelapse import thinned
from nin.storage.checkpoint import load_checkpoint
from nin.storage.run import Run
from ui.base.colours import CLASS_COLOURS
from ui.base.images import image_tensor
from ui.base.item import Item
from ui.base.text import t
from ui.base.text.classes import class_names

WORTH_SHOWING = 0.1  # classes that never got this probability are left out
MOST_LINES = 5
MOST_MOMENTS = 32  # each of them a network that has to be read and asked


def answer_history(item: Item, run: Run | None) -> None:
    """`run` is None for shipped weights, of which only the last moment is there."""
    if run is None:
        st.info(t("classify.history_none"), icon=":material/timeline:")
        return
    rows = {}
    for step, path in thinned(run.checkpoints(), MOST_MOMENTS).items():
        # The newest is replaced once a second while the run trains: it may be gone by now.
        with suppress(FileNotFoundError, WeightsError):
            rows[step] = _probabilities(str(path), path.stat().st_mtime_ns, item.pixels)
    if not rows:
        st.info(t("classify.history_soon"), icon=":material/timeline:")
        return
    names = class_names()
    table = pd.DataFrame.from_dict(rows, orient="index", columns=list(names))
    highest = table.max().sort_values(ascending=False)
    often = {name for name in highest.index[:MOST_LINES] if highest[name] >= WORTH_SHOWING}
    shown = [name for name in names if name in often]
    st.caption(t("classify.history_note", steps=len(table)))
    chart = table[shown].rename_axis(t("classify.history_step")).sort_index()
    colours = [CLASS_COLOURS[names.index(name)] for name in chart.columns]
    st.line_chart(chart, color=colours, y_label=t("classify.history_share"), height=280, width="stretch")


@st.cache_data(max_entries=4000, show_spinner=False)
def _probabilities(path: str, modified: int, pixels: bytes) -> tuple[float, ...]:
    checkpoint = load_checkpoint(Path(path))
    return Classifier(checkpoint, checkpoint.network()).classify(image_tensor(pixels)).probabilities
