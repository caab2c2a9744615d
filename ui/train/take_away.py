"""A run taken away as files: weights in other forms, a script that uses them, a card."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from nin.errors import LabError, WeightsError
from nin.export.packages import ONNX, are_installed
from nin.storage.run import Run
from nin.storage.weights import newest_checkpoint
from ui.base.messages import show_error
from ui.base.resources import written_at
from ui.base.text import language, speaking, t
from ui.base.text.errors import said

if TYPE_CHECKING:
    from nin.export.onnx_model import Onnx
    from nin.export.source import Source

# What it is, in nin.export.formats; the file's kind for the browser; the word that helps.
_FORMS = (
    ("weights", "{stem}.safetensors", "application/octet-stream", "weights"),
    ("params", "{stem}.params", "application/octet-stream", "params"),
    ("predict", "predict.py", "text/x-python", "predict"),
    ("card", "card.md", "text/markdown", "card"),
    ("card-json", "card.json", "application/json", "card"),
)
_TRIES = 3


def take_away(run: Run) -> None:
    """Buttons, each of which writes its file when it is pressed: a run in training has others a second later."""
    if not run.checkpoints():
        st.caption(t("runs.take_none"))
        return
    st.caption(t("runs.take_about"))
    _download(run, "all", f"{run.id}.zip", "application/zip", type="primary")
    for what, file, kind, word in _FORMS:
        _download(run, what, file.format(stem=run.id), kind, help=t(f"runs.take_{word}_help"))
    _onnx(run)
    st.caption(t("runs.take_tensorboard", run=run.id))


def _download(run: Run, what: str, file: str, kind: str, **options: object) -> None:
    st.download_button(
        t(f"runs.take_{what}"),
        partial(_written, run, what, language()),
        file,
        kind,
        key=f"take-{what}",
        icon=":material/download:",
        on_click="ignore",
        width="stretch",
        **options,
    )


def _written(run: Run, what: str, speech: str) -> bytes:
    """The file's content, its words in the visitor's language."""
    from nin.export.formats import FORMATS, as_archive

    source = _newest(run)
    with speaking(speech):
        card = {"card": _card}
        return as_archive(source, card) if what == "all" else card.get(what, FORMATS[what].write)(source)


def _newest(run: Run) -> Source:
    """A run in training replaces its newest checkpoint: one that vanished between two looks is looked up again."""
    from nin.export.source import Source

    for _ in range(_TRIES):
        try:
            return Source.of_run(run)
        except WeightsError:
            if not run.is_active:
                raise
    return Source.of_run(run)


def _card(source: Source) -> bytes:
    from nin.export.run_card import as_markdown, run_card

    return as_markdown(run_card(source), said).encode()


def _onnx(run: Run) -> None:
    if not are_installed(ONNX):
        st.caption(t("runs.take_onnx_missing"))
        return
    if not st.button(t("runs.take_onnx_make"), key="take-onnx-make", width="stretch"):
        return
    try:
        path = newest_checkpoint(run)
        with st.spinner(t("runs.take_onnx_making")):
            made = _made_onnx(str(path), written_at(path), run)
    except LabError as error:
        show_error(error)
        return
    st.caption(t("runs.take_onnx_checked", n=made.checked_on, difference=f"{made.largest_difference:.1e}"))
    st.download_button(
        t("runs.take_onnx"),
        made.content,
        f"{run.id}.onnx",
        "application/octet-stream",
        key="take-onnx",
        icon=":material/download:",
        on_click="ignore",
        width="stretch",
    )


@st.cache_resource(max_entries=2, show_spinner=False)
def _made_onnx(path: str, modified: int, _run: Run) -> Onnx:
    from nin.export.onnx_model import write_onnx

    return write_onnx(_newest(_run))
