"""The whole network as one picture, from the input to the ten answers; click a stage or a layer to open it."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from nin.explain.ablation import Ablation
from nin.explain.channels import colour_ranges, statistics
from nin.explain.class_maps import shares
from ui.base.colours import GREY, encode, levels, table
from ui.base.component import component, only_read
from ui.base.text import language, listed, t
from ui.base.text.classes import class_names
from ui.layers.place import Place
from ui.layers.subject import Subject

_SHOWN = 5  # maps a card, at most
_SIDES = (22, 50)  # pixels of a card's maps on the screen, for one value and for the largest maps

_component = component(
    "journey",
    """
    <div class="journey">
     <div class="journey-top">
      <div class="journey-scroll">
        <div class="journey-input">
          <canvas></canvas><span class="journey-index" data-word="input"></span>
          <span class="journey-name"></span><span class="journey-shape journey-input-shape"></span>
        </div>
        <div class="journey-stages"></div>
      </div>
      <div class="journey-answer" role="list"></div>
     </div>
      <div class="journey-block">
        <div class="journey-block-title"></div>
        <div class="journey-scroll"><div class="journey-inside"></div></div>
      </div>
    </div>""",
    paints=True,
)


def journey(subject: Subject, place: Place, *, key: str) -> str:
    """Draw the network and return the index of the open stage ("0") or layer ("0.2").

    Where the network has not got what is open, its first stage is.
    """
    picture = _picture(subject.weights, subject.pixels, subject.ablations, language(), subject)
    layers = picture["layers"]
    data = {**picture, "initial": place.initial_layer, "opening": place.turn}
    answer = _component(data=data, key=key, default={"open": None}, on_open_change=only_read).open
    chosen = answer["layer"] if answer and answer["opening"] == place.turn else place.initial_layer
    return chosen if chosen in layers else next(iter(layers))


def overview(subject: Subject, *, key: str) -> str | None:
    """Draw the network with nothing opened in it; returns the stage that was clicked."""
    picture = _picture(subject.weights, subject.pixels, subject.ablations, language(), subject)
    data = {**picture, "initial": None, "opening": 0, "closed": True}
    answer = _component(data=data, key=key, default={"open": None}, on_open_change=only_read).open
    return answer["layer"] if answer else None


# The same for every click on a page that shows the same item, and long to make.
@st.cache_resource(max_entries=32, show_spinner=False)
def _picture(
    weights: tuple[str, int, int], item: bytes, ablations: tuple[Ablation, ...], language: str, _subject: Subject
) -> dict[str, Any]:
    subject = _subject
    blocks = {stage: subject.inside(stage) for stage in subject.stages if len(subject.inside(stage)) > 1}
    layers = [*subject.stages, *(index for inside in blocks.values() for index in inside)]
    pixels = subject.input_map()
    probabilities = subject.probabilities()
    best = int(probabilities.argmax())
    return {
        "layers": dict.fromkeys(layers, True),
        "input": encode(levels(pixels, pixels.min(), pixels.max())),
        "input_size": len(pixels),
        "input_shape": str(list(subject.features.input.shape)),
        "grey": encode(GREY),
        "tables": {"signed": encode(table(signed=True)), "positive": encode(table(signed=False))},
        "stages": [_card(subject, index) for index in subject.stages],
        "inside": {stage: [_card(subject, index) for index in inside] for stage, inside in blocks.items()},
        # A blank picture has ten numbers, too; but they are no answer to anything.
        "nothing": "" if any(subject.pixels) else t("layers.journey_nothing"),
        "answer": [
            {"label": name, "text": text, "share": float(share), "best": class_id == best}
            for class_id, (name, share, text) in enumerate(
                zip(class_names(), probabilities, shares(probabilities), strict=True)
            )
            if any(subject.pixels)
        ],
        "words": {"input": t("layers.item"), "inside": t("layers.journey_inside")},
    }


def _card(subject: Subject, index: str) -> dict[str, Any]:
    maps = subject.maps(index)
    if maps.shape[1:] == (1, 1):
        maps = maps.reshape(1, -1, 1)  # ten numbers are shown as one column
    found = statistics(maps)
    ranges = colour_ranges(found, "layer" if subject.has_class_maps(index) else "channel", (0, 0))
    strongest = np.argsort(-found.strength, kind="stable")[: min(_SHOWN, len(maps))]
    low, high = ranges[strongest].T[:, :, None, None]
    # Sizes on a logarithmic scale: true ones would leave nothing to see of the last stages.
    share = np.log(maps.shape[-2]) / np.log(len(subject.input_map()))
    return {
        "index": index,
        "name": subject.name(index),
        "shape": str(list(subject.shape(index))),
        "side": round(_SIDES[0] + float(share) * (_SIDES[1] - _SIDES[0])),
        "count": len(strongest),
        "off": _switched_off(subject, index),
        "height": maps.shape[1],
        "width": maps.shape[2],
        "signed": found.is_signed,
        "levels": encode(levels(maps[strongest], low, high)),
    }


def _switched_off(subject: Subject, index: str) -> str:
    """What is off in a stage or layer, in a word; empty where nothing is."""
    layers = subject.inside(index) if index in subject.features.stages else [index]
    count = sum(len(subject.silenced(layer)) for layer in layers)
    words = [t("layers.journey_out")] if any(map(subject.is_bypassed, layers)) else []
    return listed([*words, t("layers.journey_off", count=count)] if count else words)
