"""Memory to train and to predict: what is worked out from the layers, beside what a real step takes here."""

from __future__ import annotations

import json

import streamlit as st
import torch

from nin.anatomy.measurement import MeasuredMemory, MemoryQuestion, known_memory, memory_at_hand
from nin.model.memory import prediction_memory, training_memory
from ui.anatomy.bars import SEEN, Bar, amounts
from ui.anatomy.measuring import memory_job, on_request
from ui.anatomy.settings import Chosen
from ui.base.text import t
from ui.base.text.size import size


def memory(chosen: Chosen) -> None:
    columns = st.columns(2, gap="large")
    with columns[0], st.container(key="anatomy-memory-train"):
        st.subheader(t("anatomy.memory_train"))
        _training(chosen)
    with columns[1], st.container(key="anatomy-memory-predict"):
        st.subheader(t("anatomy.memory_predict"))
        _prediction(chosen)


def device() -> str:
    """Where steps are measured."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def question(chosen: Chosen, what: str) -> MemoryQuestion:
    """Of the step that the controls describe: "train" or "predict"."""
    architecture, recipe = chosen.architecture, chosen.recipe
    if what == "predict":
        return MemoryQuestion(what, architecture, architecture.input_size, chosen.batch_size)
    momentum = recipe.momentum if recipe.optimizer == "sgd" else 0.0
    return MemoryQuestion(what, architecture, architecture.input_size, chosen.batch_size, recipe.optimizer, momentum)


def _training(chosen: Chosen) -> None:
    asked = question(chosen, "train")
    worked_out = training_memory(
        chosen.cost, chosen.batch_size, asked.optimizer, momentum=asked.momentum, device=device()
    )
    fullest = worked_out.fullest
    parts = {
        "parameters": worked_out.parameters,
        "gradients": worked_out.gradients,
        "optimizer": worked_out.optimizer,
        "kept": worked_out.kept,
        "passing": fullest.passing,
    }
    _measure(asked, parts, worked_out.peak, able_bytes=worked_out.peak)
    values = {
        "layer": fullest.layer,
        "kept": size(fullest.kept),
        "gradients": size(fullest.gradients),
        "passing": size(fullest.passing),
    }
    st.caption(t(f"anatomy.fullest_{fullest.phase}", **values))


def _prediction(chosen: Chosen) -> None:
    worked_out = prediction_memory(chosen.cost, chosen.batch_size, device=device())
    parts = {"parameters": worked_out.parameters, "images": worked_out.images, "pair": worked_out.passing}
    _measure(question(chosen, "predict"), parts, worked_out.peak, able_bytes=worked_out.peak)
    st.caption(t("anatomy.pair_of", layer=worked_out.layer))


def _measure(asked: MemoryQuestion, parts: dict[str, int], peak: int, *, able_bytes: int) -> None:
    """The bars, the measured one among them as soon as there is one, and the button that brings it."""
    chart = st.container()
    measured = known_memory(asked)
    fits = able_bytes <= memory_at_hand() or device() != "cpu"
    if measured is None:
        name = json.dumps(asked.to_dict(), sort_keys=True)
        measured = on_request(
            asked.what,
            asked,
            t("anatomy.measure"),
            lambda attempt: memory_job(name, attempt, asked),
            able=fits,
        )
    bars = [Bar(t(f"anatomy.memory_{name}"), value, size(value)) for name, value in parts.items()]
    bars.append(Bar(t("anatomy.memory_peak"), peak, size(peak)))
    if measured is not None and measured.bytes is not None:
        bars.append(Bar(t("anatomy.memory_measured"), measured.bytes, size(measured.bytes), SEEN))
    with chart:
        amounts(bars, key=f"anatomy_memory_{asked.what}")
    _say(measured, peak, fits=fits)


def _say(measured: MeasuredMemory | None, peak: int, *, fits: bool) -> None:
    if measured is None:
        if not fits:
            st.caption(t("anatomy.too_large", hand=size(memory_at_hand())))
    elif measured.bytes is None:
        st.warning(t("anatomy.did_not_fit", limit=size(measured.limit_bytes)), icon=":material/memory:")
    else:
        off = peak / measured.bytes - 1
        values = {"predicted": size(peak), "measured": size(measured.bytes), "off": f"{off:+.1%}"}
        st.caption(t("anatomy.measured", **values, hardware=measured.hardware))
