"""The test set explorer: what was taken for what, and the images behind each number."""

from __future__ import annotations

import streamlit as st
import torch

from nin.classify.classifier import Classifier
from nin.data.dataset import Split
from nin.data.fashion_mnist import CLASS_NAMES
from nin.engine.evaluate import Evaluation, evaluate
from ui.base.item import item_from_split, set_current_item
from ui.base.pinned import offer_newer, pinned
from ui.base.resources import data_name, dataset, inference_engine
from ui.base.text import t
from ui.base.weights import Choice
from ui.classify.confusion import confusion_matrix
from ui.classify.gallery import Picture, gallery

SHOWN = 48  # images of a cell
MOST_PIXELS = 10_000 * 112 * 112  # fed to the network: all test images up to 112 px, fewer above
_MATRIX = "classify_matrix"


def test_set_explorer(weights: Choice) -> None:
    used = pinned(weights)
    name, classifier = used
    data = dataset()
    with st.spinner(t("classify.measuring")):
        evaluation = _evaluate(name, data_name(data), classifier, data.test)
    st.markdown(t("classify.accuracy", accuracy=f"{evaluation.accuracy:.2%}", n=f"{evaluation.n:,}"))
    offer_newer(weights, used, key="classify_measure")
    st.caption(t("classify.confusion_note"))
    cell = confusion_matrix(evaluation.confusion, key=_MATRIX)
    _images(evaluation, data.test, cell, classifier.temperature)


def _images(evaluation: Evaluation, test: Split, cell: tuple[int, int] | None, temperature: float) -> None:
    """Those of a cell, or all mistakes; the most confident first."""
    confidence, answers = (evaluation.logits / temperature).softmax(1).max(1)
    if cell is None:
        chosen = answers != evaluation.labels
        title = t("classify.worst", count=int(chosen.sum()))
    else:
        truth, answer = cell
        chosen = (evaluation.labels == truth) & (answers == answer)
        names = {"truth": CLASS_NAMES[truth], "answer": CLASS_NAMES[answer]}
        title = t("classify.cell_title", count=int(chosen.sum()), **names)
    indices = torch.where(chosen, confidence, -1.0).argsort(descending=True)[: min(SHOWN, int(chosen.sum()))].tolist()
    st.markdown(title)
    st.caption(t("classify.cell_note"))
    pictures = [
        Picture(
            test.images[i].numpy(),
            CLASS_NAMES[answers[i]],
            f"{confidence[i]:.0%} · {CLASS_NAMES[evaluation.labels[i]]}",
            mood="good" if answers[i] == evaluation.labels[i] else "bad",
        )
        for i in indices
    ]
    gallery(
        pictures,
        key="classify_cell",
        side=76,
        on_chosen=lambda place: set_current_item(item_from_split(test, indices[place])),
    )


@st.cache_resource(max_entries=8, show_spinner=False)
def _evaluate(weights: tuple[str, int], data: tuple[str, str], _classifier: Classifier, _test: Split) -> Evaluation:
    checkpoint = _classifier.checkpoint
    count = max(500, MOST_PIXELS // checkpoint.architecture.input_size**2)
    return evaluate(checkpoint, _test.first(count), inference_engine())
