"""The training images that the network finds most like the visitor's picture."""

from __future__ import annotations

import streamlit as st

from nin.classify.classifier import Answer, Classifier
from nin.data.dataset import Split
from nin.data.fashion_mnist import CLASS_NAMES
from nin.explain.neighbours import Neighbours, features
from ui.base.item import Item
from ui.base.pinned import offer_newer, pinned
from ui.base.resources import data_name, dataset, inference_engine
from ui.base.text import t
from ui.base.weights import Choice
from ui.classify.gallery import Picture, gallery

COUNT = 12
ALIKE = 0.75  # cosine similarity that unseen test images nearly always have to some training image


def nearest_images(item: Item, weights: Choice, answer: Answer) -> None:
    used = pinned(weights)
    name, classifier = used
    data = dataset()
    train = data.train
    with st.spinner(t("classify.nearest_wait")):
        neighbours = _neighbours(name, data_name(data), classifier, train)
    vector = features(classifier.network, classifier.input(item.tensor()))[0]
    found = neighbours.nearest(vector, COUNT)
    st.caption(t("classify.nearest_note", n=f"{len(neighbours.directions):,}"))
    if not answer.known or found[0].similarity < ALIKE:
        st.info(t("classify.unlike", similarity=f"{found[0].similarity:.2f}"), icon=":material/help:")
    pictures = [
        Picture(
            train.images[i].numpy(), CLASS_NAMES[train.labels[i]], t("classify.alike", similarity=f"{similarity:.2f}")
        )
        for i, similarity in found
    ]
    gallery(pictures, key="classify_nearest", side=88)
    offer_newer(weights, used, key="classify_measure")


@st.cache_resource(max_entries=4, show_spinner=False)
def _neighbours(weights: tuple[str, int], data: tuple[str, str], _classifier: Classifier, _train: Split) -> Neighbours:
    return Neighbours.of(_classifier.checkpoint, _classifier.network, _train, inference_engine())
