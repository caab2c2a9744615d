"""Which network is looked at, and how it would be trained: the controls on top of the page."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace

import streamlit as st

from nin.model.architecture import HEADS, POINTWISE_RANGE, POOLINGS, Architecture, Variant
from nin.model.cost import NetworkCost, cost_of, unbuilt
from nin.model.network import NiN
from nin.presets import BATCH_SIZE_RANGE, OPTIMIZERS, PRESETS, RECIPES, Preset, Recipe, architecture_for, recipe_named
from ui.base.choice import select
from ui.base.text import t

INPUT_SIZES = (8, 1024)  # pixels a side
_KEPT = {"persist_state": "session"}
_USUAL = "usual"  # how many 1×1 convolutions: as the network has them


@dataclass(frozen=True)
class Chosen:
    """A network and a recipe as the controls say."""

    preset: Preset  # with the input size and the variation that were chosen
    recipe: Recipe  # with the batch size and the optimizer that were chosen

    @property
    def architecture(self) -> Architecture:
        return architecture_for(self.preset, self.recipe)

    @property
    def batch_size(self) -> int:
        return self.recipe.batch_size

    @property
    def cost(self) -> NetworkCost:
        """SettingsError where the input is too small for this network."""
        return known_cost(self.architecture)

    @property
    def network(self) -> NiN:
        """Without values: to be looked at."""
        return _unbuilt(self.architecture)


@functools.lru_cache(maxsize=64)
def known_cost(architecture: Architecture) -> NetworkCost:
    return cost_of(architecture)


@functools.lru_cache(maxsize=16)
def _unbuilt(architecture: Architecture) -> NiN:
    return unbuilt(architecture)


def choose_settings() -> Chosen:
    """The controls; they begin with what the sidebar says and then go their own way."""
    _begin()
    with st.container(key="anatomy-settings"):
        first, second = st.columns(4, gap="medium"), st.columns(4, gap="medium")
        with first[0]:
            _select("preset", list(PRESETS), lambda name: t(f"sidebar.preset_{name}"), _take_preset)
        with first[1]:
            _select("recipe", list(RECIPES), lambda name: t(f"sidebar.recipe_{name}"), _take_recipe)
        with first[2]:
            st.number_input(t("anatomy.size"), *INPUT_SIZES, step=1, key="anatomy_size", **_KEPT)
        with first[3]:
            st.number_input(t("anatomy.batch"), *BATCH_SIZE_RANGE, step=1, key="anatomy_batch", **_KEPT)
        with second[0]:
            _select("optimizer", list(OPTIMIZERS), lambda name: t(f"anatomy.optimizer_{name}"))
        with second[1]:
            low, high = POINTWISE_RANGE
            _select("pointwise", [_USUAL, *range(low, high + 1)], _pointwise_label)
        with second[2]:
            _select("head", list(HEADS), lambda head: t(f"anatomy.head_{head}"))
        with second[3]:
            dense = st.session_state.anatomy_head == "dense"
            _select("pooling", list(POOLINGS), lambda pooling: t(f"anatomy.pooling_{pooling}"), disabled=dense)
    return _chosen()


def _begin() -> None:
    state = st.session_state
    if "anatomy_preset" not in state:
        state.anatomy_preset, state.anatomy_recipe = state.get("preset", "classic"), state.get("recipe", "tuned")
        _take_preset()
        for name, key in (("batch_size", "batch"), ("optimizer", "optimizer")):
            if name in state:
                state[f"anatomy_{key}"] = state[name]
        state.anatomy_pointwise, state.anatomy_head, state.anatomy_pooling = _USUAL, HEADS[0], POOLINGS[0]


def _take_preset() -> None:
    state = st.session_state
    state.anatomy_size = PRESETS[state.anatomy_preset].architecture.input_size
    _take_recipe()


def _take_recipe() -> None:
    state = st.session_state
    recipe = RECIPES[state.anatomy_recipe]
    state.anatomy_batch, state.anatomy_optimizer = recipe.batch_size, recipe.optimizer


def _chosen() -> Chosen:
    state = st.session_state
    preset = PRESETS[state.anatomy_preset]
    pointwise = None if state.anatomy_pointwise == _USUAL else state.anatomy_pointwise
    pooling = POOLINGS[0] if state.anatomy_head == "dense" else state.anatomy_pooling
    varied = Variant(pointwise, state.anatomy_head, pooling).of(preset.architecture)
    recipe = recipe_named(state.anatomy_recipe, preset)
    return Chosen(
        replace(preset, architecture=replace(varied, input_size=state.anatomy_size)),
        replace(recipe, batch_size=state.anatomy_batch, optimizer=state.anatomy_optimizer),
    )


def _select(name, options, label, changed=None, *, disabled=False) -> None:
    select(
        t(f"anatomy.{name}"),
        options,
        key=f"anatomy_{name}",
        format_func=label,
        on_change=changed,
        disabled=disabled,
        **_KEPT,
    )


def _pointwise_label(count: str | int) -> str:
    return t("anatomy.pointwise_usual") if count == _USUAL else str(count)
