"""Classifiers that all visitors share, by the file that their weights are in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

import streamlit as st

from nin.classify.calibration import card_calibration
from nin.classify.classifier import Classifier
from nin.classify.clothing_detector import Gate, find_gate
from nin.errors import WeightsError
from nin.storage.weights import SHELF
from nin.training.verdict import diagnosis_of_weights
from ui.base.resources import network, written_at
from ui.base.weights import Choice

Found = TypeVar("Found")
_TRIES = 3


def classifier_for(path: Path) -> Classifier:
    """The weights in a file, ready to answer; WeightsError where the file is gone or damaged."""
    checkpoint, model = network(path)
    found = diagnosis_of_weights(path)
    ruin = found and found.now
    return Classifier(checkpoint, model, calibration=card_calibration(path), gate=_gate_for(path), ruin=ruin)


class Loaded(NamedTuple):
    """Chosen weights as they were read, ready to answer: their run may have deleted the file since."""

    origin: str  # the choice that they are from
    name: tuple[str, int]  # the file and when it was written, ns: no other weights have the same
    classifier: Classifier

    @property
    def step(self) -> int:
        return self.classifier.checkpoint.step


def newest(weights: Choice) -> Loaded:
    """The chosen weights, of a run the newest. WeightsError where they are gone or damaged."""
    return with_newest(weights, lambda path: Loaded(weights.key, (str(path), written_at(path)), classifier_for(path)))


def with_newest(weights: Choice, find: Callable[[Path], Found]) -> Found:
    """What `find` makes of the file that the chosen weights are in, with the WeightsError that it raises.

    A run in training replaces its newest checkpoint once a second: one that vanished between
    two looks is looked up again.
    """
    for _ in range(_TRIES):
        try:
            return find(weights.path())
        except WeightsError:
            if not weights.is_training:
                raise
    return find(weights.path())


def _gate_for(path: Path) -> Gate | None:
    # The checkpoints of a run have no card: all of them borrow one gate.
    return _gate(path if path.parent == SHELF else None)


@st.cache_resource(max_entries=4, show_spinner=False)
def _gate(path: Path | None) -> Gate | None:
    return find_gate(path)
