"""The test set explorer: what was taken for what, and the images behind each number."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st
import torch

from nin.classify.classifier import Classifier
from nin.data.dataset import Split
from nin.engine.evaluate import Evaluation, evaluate_in_parts
from ui.base.answers import Loaded
from ui.base.item import item_from_split, set_current_item
from ui.base.jobs import Job, is_ready
from ui.base.request import offer_newest, request
from ui.base.resources import data_name, dataset, inference_engine
from ui.base.text import t
from ui.base.text.classes import class_name
from ui.classify.confusion import confusion_matrix
from ui.classify.gallery import Picture, gallery

SHOWN = 200  # images of a cell; the rest at the press of a button
FEWEST = 500
MOST_PIXELS = 10_000 * 112 * 112  # fed to the network: all test images up to 112 px, fewer above
_MATRIX, _MORE = "classify_matrix", "classify_more"


def test_set_explorer(newest: Loaded) -> None:
    asked = request("test").held(newest)
    data, classifier = dataset(), asked.classifier
    count = max(FEWEST, MOST_PIXELS // classifier.checkpoint.architecture.input_size**2)
    test = data.test.first(count)
    job = _evaluation(asked.name, data_name(data), classifier, test)
    request("test").follow(job)
    n = f"{len(test.labels):,}"
    if not is_ready(job, lambda share: t("classify.measuring", n=n, share=share)) or job.latest is None:
        return
    evaluation = job.latest
    st.markdown(t("classify.accuracy", accuracy=f"{evaluation.accuracy:.1%}", n=n))
    offer_newest("test", asked, newest)
    st.caption(t("classify.confusion_note"))
    cell = confusion_matrix(evaluation.confusion, key=_MATRIX)
    _images(evaluation, test, cell, classifier.temperature)


def _images(evaluation: Evaluation, test: Split, cell: tuple[int, int] | None, temperature: float) -> None:
    """Those of a cell, or all mistakes; the most confident first."""
    confidence, answers = (evaluation.logits / temperature).softmax(1).max(1)
    if cell is None:
        chosen = answers != evaluation.labels
        title = t("classify.worst", count=f"{int(chosen.sum()):,}")
    else:
        truth, answer = cell
        chosen = (evaluation.labels == truth) & (answers == answer)
        names = {"truth": class_name(truth), "answer": class_name(answer)}
        title = t("classify.cell_title", count=f"{int(chosen.sum()):,}", **names)
    total = int(chosen.sum())
    wanted_of, wanted = st.session_state.get(_MORE, (None, SHOWN))
    count = min(total, wanted if wanted_of == cell else SHOWN)
    indices = torch.where(chosen, confidence, -1.0).argsort(descending=True)[:count].tolist()
    st.markdown(title)
    st.caption(t("classify.cell_note"))
    pictures = [
        Picture(
            test.images[i].numpy(),
            class_name(int(answers[i])),
            f"{confidence[i]:.1%} · {class_name(int(evaluation.labels[i]))}",
            mood="good" if answers[i] == evaluation.labels[i] else "bad",
        )
        for i in indices
    ]
    gallery(
        pictures,
        key="classify_cell",
        side=76,
        on_chosen=lambda place: set_current_item(item_from_split(test, indices[place])),
        reveals="prediction",
    )
    if count < total:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(t("classify.cell_shown", shown=f"{count:,}", count=f"{total:,}"), width="content")
            st.button(
                t("classify.cell_more", count=f"{min(SHOWN, total - count):,}"),
                key="classify_cell_more",
                on_click=lambda: st.session_state.update({_MORE: (cell, count + SHOWN)}),
            )


@st.cache_resource(max_entries=8, show_spinner=False)
def _evaluation(
    weights: tuple[str, int], data: tuple[str, str], _classifier: Classifier, _test: Split
) -> Job[Evaluation]:
    """One evaluation for each weights file, whoever asks."""

    def work() -> Iterator[tuple[float, Evaluation]]:
        for found in evaluate_in_parts(_classifier.checkpoint, _test, inference_engine()):
            yield found.n / len(_test.labels), found

    return Job(work)
