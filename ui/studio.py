"""The visitor's picture and the network's answer to it, side by side and always in step."""

from __future__ import annotations

import streamlit as st

from nin.inference import Classifier
from ui.bars import bars
from ui.bring import bring_picture, draw_picture
from ui.item import current_item
from ui.resources import network
from ui.seen import seen_by_network
from ui.shell import errors_as_messages
from ui.weights_choice import Choice

LIVE_SECONDS = 2.0  # how often the answer of a network in training is asked for anew


def studio(weights: Choice) -> None:
    """A fragment: a stroke of the pen draws this part of the page anew and nothing else."""
    run_every = LIVE_SECONDS if weights.is_training else None
    st.fragment(_studio, run_every=run_every)(weights)


def _studio(weights: Choice) -> None:
    with errors_as_messages():
        left, right = st.columns([2, 3], gap="large")
        with left:
            draw_picture()
        item = current_item()
        checkpoint, model = network(weights.path())
        answer = Classifier(checkpoint, model).classify(item.tensor())
        with right, st.container(key="prediction"):
            bars(answer, item, key="classify_answer")
        bring_picture()
        seen_by_network(item, checkpoint)
