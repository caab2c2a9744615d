"""What the network sees: each step from the picture to 28x28, with a switch, and the network's input."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st
import torch

from nin.classify.classifier import Classifier
from nin.classify.preprocess import Steps
from nin.explain.class_maps import shares
from nin.storage.checkpoint import Checkpoint, prepare
from ui.base.controls import control, show
from ui.base.item import Item, current_item, seen_by, set_current_item
from ui.base.remember import remember
from ui.base.text import t
from ui.base.text.classes import class_name
from ui.classify.gallery import Picture, gallery
from ui.classify.part import choose_part
from ui.classify.prediction import without_class
from ui.classify.turning import turning

SHOWN_SIDE = 106  # pixels on the screen
_STEPS = "classify_steps"
_CHOSEN = "classify_steps_chosen"  # in the session: the visitor has switched steps
_NAMES = Steps.names()


def item_as_seen() -> Item:
    """The visitor's item, prepared with the steps that are switched on."""
    item, steps = current_item(), _steps()
    if steps != Steps() or st.session_state.get("classify_steps_were", steps) != steps:
        item = with_steps(item)
        set_current_item(item)
    st.session_state["classify_steps_were"] = steps
    return item


def with_steps(item: Item) -> Item:
    """Any item prepared with the steps that are on; a test image is as the network knows it already."""
    return item.prepared(_steps()) if item.picture else item


def seen_by_network(item: Item, classifier: Classifier) -> None:
    with st.container(key="seen-by-network"):
        remember("steps", _steps_on() if _CHOSEN in st.session_state else None, _restore)
        st.header(t("classify.seen_title"))
        st.caption(t("classify.seen_note" if item.picture else "classify.seen_test_note"))
        with st.container(key="classify-part"):
            if item.picture:
                choose_part(item, key="classify_part")
        with st.container(key="classify-turn"):
            turning(item)
        with st.container(key="classify-steps"):
            if item.picture:
                control(
                    _STEPS,
                    st.pills,
                    t("classify.steps"),
                    _NAMES,
                    selection_mode="multi",
                    format_func=lambda name: t(f"classify.step_{name}"),
                    help=t("classify.steps_help"),
                    on_change=lambda: st.session_state.update({_CHOSEN: True}),
                )
        gallery(_stages(item, classifier.checkpoint), key="classify_seen", side=SHOWN_SIDE)
        with st.container(key="classify-without"):
            if item.picture and not item.is_blank:
                st.caption("  \n".join(_what_each_is_worth(item, classifier)))


def _restore(kept: Any) -> None:
    if isinstance(kept, list):
        st.session_state[_CHOSEN] = True
        show(**{_STEPS: [name for name in _NAMES if name in kept]})


def _steps_on() -> list[str]:
    return st.session_state.setdefault(_STEPS, list(_NAMES))


def _steps() -> Steps:
    return Steps(**{name: name in _steps_on() for name in _NAMES})


def _what_each_is_worth(item: Item, classifier: Classifier) -> list[str]:
    """For each step what the answer would be if that one were switched."""
    steps, lines = _steps(), []
    for name in _NAMES:
        is_on = getattr(steps, name)
        other = item.prepared(replace(steps, **{name: not is_on}))
        answer = classifier.classify(other.tensor(), scattered=other.scattered, is_drawing=other.is_drawing)
        if answer.is_empty:
            said = t("classify.switched_nothing")
        elif not answer.known:
            said = without_class(answer)
        else:
            share = shares(answer.probabilities)[answer.class_id]
            said = t("classify.switched_answer", label=class_name(answer.class_id), share=share)
        key = "classify.switched_off" if is_on else "classify.switched_on"
        lines.append(t(key, step=t(f"classify.step_{name}"), answer=said))
    return lines


def _stages(item: Item, checkpoint: Checkpoint) -> list[Picture]:
    pictures = []
    if item.picture:
        seen = seen_by(item.picture, _steps(), item.frame)
        pictures = [
            Picture(pixels, t(f"classify.stage_{name}"), smooth=name != "seen") for name, pixels in seen.stages.items()
        ]
    else:
        pictures = [Picture(item.array(), t("classify.stage_seen"))]
    size = checkpoint.architecture.input_size
    return [*pictures, Picture(_input_pixels(item, checkpoint), t("classify.resized", size=size))]


def _input_pixels(item: Item, checkpoint: Checkpoint) -> np.ndarray:
    """The network's input as a picture, uint8 (S, S): enlarged, but not yet normalised."""
    image = item.tensor()[None, None].float() / 255
    resized = prepare(image, checkpoint.architecture, normalise=False)
    return (resized[0, 0] * 255).round().clamp(0, 255).to(torch.uint8).numpy()
