"""The training images that the network finds most like the visitor's picture."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from nin.classify.classifier import Answer, Classifier
from nin.data.dataset import Split
from nin.explain.neighbours import Neighbours, count_compared, features, find_neighbours
from ui.base.answers import Loaded
from ui.base.item import Item
from ui.base.jobs import Job, is_ready
from ui.base.request import offer_newest, request
from ui.base.resources import data_name, dataset, inference_engine
from ui.base.text import t
from ui.base.text.classes import class_name
from ui.classify.gallery import Picture, gallery

COUNT = 12
ALIKE = 0.75  # cosine similarity that unseen test images nearly always have to some training image


def nearest_images(item: Item, newest: Loaded, answer: Answer) -> None:
    asked = request("nearest").held(newest)
    data, classifier = dataset(), asked.classifier
    train = data.train
    count = f"{min(count_compared(classifier.checkpoint), len(train.labels)):,}"
    job = _search(asked.name, data_name(data), classifier, train)
    request("nearest").follow(job)
    if not is_ready(job, lambda share: t("classify.nearest_wait", n=count, share=share)) or job.latest is None:
        return
    vector = features(classifier.network, classifier.input(item.tensor()))[0]
    found = job.latest.nearest(vector, COUNT)
    st.caption(t("classify.nearest_note", n=count))
    if (not answer.known and not answer.is_none) or found[0].similarity < ALIKE:
        st.info(t("classify.unlike", similarity=f"{found[0].similarity:.2f}"), icon=":material/help:")
    pictures = [
        Picture(
            train.images[i].numpy(),
            class_name(int(train.labels[i])),
            t("classify.alike", similarity=f"{similarity:.2f}"),
        )
        for i, similarity in found
    ]
    gallery(pictures, key="classify_nearest", side=88)
    offer_newest("nearest", asked, newest)


@st.cache_resource(max_entries=4, show_spinner=False)
def _search(weights: tuple[str, int], data: tuple[str, str], _classifier: Classifier, _train: Split) -> Job[Neighbours]:
    """One search for each weights file, whoever asks."""
    checkpoint = _classifier.checkpoint
    count = min(count_compared(checkpoint), len(_train.labels))

    def work() -> Iterator[tuple[float, Neighbours]]:
        for seen, found in find_neighbours(checkpoint, _classifier.network, _train, inference_engine()):
            yield seen / count, found

    return Job(work)
