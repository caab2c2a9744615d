"""The visitor's picture and the network's answer to it, side by side and always in step."""

from __future__ import annotations

import streamlit as st

from nin.classify.classifier import Answer
from ui.base import address
from ui.base.answers import Loaded, newest
from ui.base.item import Item, item_in_address
from ui.base.messages import errors_as_messages
from ui.base.recent import recent_pictures
from ui.base.text import plain, t
from ui.base.weights import Choice
from ui.classify.answer_bar import answer_bar
from ui.classify.batch import table_of_answers
from ui.classify.confusion_explorer import test_set_explorer
from ui.classify.evidence import evidence
from ui.classify.history import answer_history
from ui.classify.neighbours import nearest_images
from ui.classify.picture_input import bring_picture, brought_files, draw_picture, keep_brought_files
from ui.classify.prediction import bars
from ui.classify.preprocessing import item_as_seen, seen_by_network

ANSWER_SECONDS = 2.0  # how often the answer of a network in training is asked for anew

DEEPER = ("nearest", "history", "test")
_ADDRESS = "tool"


def studio(weights: Choice) -> None:
    """A fragment: a stroke of the pen draws this part of the page anew and nothing else."""
    run_every = ANSWER_SECONDS if weights.is_training else None
    st.fragment(_studio, run_every=run_every)(weights)


def _studio(weights: Choice) -> None:
    with errors_as_messages():
        above = st.container(key="answer-bar")
        with st.container(key="classify-top"):
            left, right = st.columns([2, 3], gap="large")
        with left:
            draw_picture()
        item = item_as_seen()
        item_in_address()
        loaded = newest(weights)
        classifier = loaded.classifier
        answer = classifier.classify(item.tensor(), scattered=item.scattered, is_drawing=item.is_drawing)
        with right:
            with st.container(key="prediction"):
                bars(answer, item, key="classify_answer")
            with st.container(key="classify-step"):
                if weights.is_training:
                    st.caption(t("classify.in_training", name=plain(weights.name), step=f"{loaded.step:,}"))
        with above:
            answer_bar(answer, item)
        recent_pictures(key="recent")
        bring_picture()
        # What comes and goes has a place of its own: what follows is never taken for it by the browser.
        with st.container(key="classify-table"):
            keep_brought_files(item)
            if len(brought_files()) > 1:
                table_of_answers(loaded, weights.file_stem)
        seen_by_network(item, classifier)
        evidence(item, classifier, answer)
        _deeper(item, answer, loaded, weights)


def _deeper(item: Item, answer: Answer, loaded: Loaded, weights: Choice) -> None:
    """What takes longer to compute: nothing of it until it is asked for."""
    st.header(t("classify.deeper"))
    given = address.given(_ADDRESS)
    chosen = st.segmented_control(
        t("classify.deeper"),
        DEEPER,
        default=given if given in DEEPER else None,
        format_func=lambda name: t(f"classify.deeper_{name}"),
        key="classify_deeper",
        label_visibility="collapsed",
        persist_state="session",
    )
    address.show(_ADDRESS, tool=chosen)
    nearest, history, test = (st.container(key=f"classify-{name}") for name in DEEPER)
    match chosen:
        case "nearest":
            with nearest:
                nearest_images(item, loaded, answer)
        case "history":
            with history:
                answer_history(item, weights.run)
        case "test":
            with test:
                test_set_explorer(loaded)
