"""What the next run starts from: fresh weights, or trained ones of the same network."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from nin.presets import PRESETS, RECIPES
from nin.storage.brought_weights import brought_weights
from nin.storage.weights import shelf
from ui.base.bring_weights import bring_weights
from ui.base.controls import control
from ui.base.text import plain, t

FRESH = ""  # as a setting: no weights are named


def fitting(preset: str) -> dict[str, tuple[bool, bool]]:
    """Named weights that a run of this network can start from, shipped ones first.

    With each: whether it is for normalised images, and whether there is no ReLU behind its last convolution.
    """
    stages = PRESETS[preset].architecture.stages  # the input's size makes no difference to any weight
    found = {}
    for name, card in shelf().items():
        values = card.values
        if values.get("preset") in PRESETS and PRESETS[values["preset"]].architecture.stages == stages:
            found[name] = RECIPES[values["recipe"]].normalise, values["logit_head"]
    for name, values in brought_weights().items():
        known = PRESETS.get(values.get("preset", ""))
        if known is not None and known.architecture.stages == stages and not values.get("is_variant"):
            found[name] = values["normalise"], values["logit_head"]
    return found


def choose_start(*, is_steering: bool, take: Callable[[str], None]) -> None:
    """The control, and a way to bring weights; `take` is given the name of those that were brought."""
    state = st.session_state
    found = fitting(state.preset)
    # A run that was started from a terminal may have begun with any file.
    options = list(dict.fromkeys([FRESH, *found, state.start_from]))
    control(
        "start_from",
        st.selectbox,
        t("sidebar.start_from"),
        options,
        disabled=is_steering,
        format_func=lambda name: name or t("sidebar.start_from_fresh"),
        help=t("sidebar.start_from_help"),
    )
    if is_steering:
        return
    bring_weights("sidebar", take)
    if state.start_from in found and (others := _better_recipes(found[state.start_from])):
        st.caption(t("sidebar.start_from_recipe", recipe=plain(state.recipe), others=", ".join(map(plain, others))))


def _better_recipes(weights: tuple[bool, bool]) -> list[str]:
    """Recipes that go on as the weights have begun; none where the chosen one does."""
    found = [name for name, recipe in RECIPES.items() if (recipe.normalise, recipe.logit_head) == weights]
    return [] if st.session_state.recipe in found else found
