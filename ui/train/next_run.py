"""The settings that the controls show: those of the run that Start would start, or of the one in hand."""

from __future__ import annotations

import math
import platform
import shutil
from collections.abc import Callable
from typing import Any

import streamlit as st

from nin.data.fashion_mnist import find_source
from nin.presets import BATCH_SIZE_RANGE, EPOCHS_RANGE, OPTIMIZERS, PRESETS, RECIPES, recipe_named
from nin.process import speed
from nin.storage.brought_weights import brought_weights
from nin.storage.run import RunConfig
from nin.storage.weights import shelf
from ui.base import address
from ui.base.controls import show
from ui.base.navigation import SHARED
from ui.train.start_from import FRESH, fitting

IMAGES = ("full", "sample")  # all images of the best source there is, or the bundled sample
SEEDS = (0, 2**31 - 1)

_MANTISSAS = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8)
LEARNING_RATES = [float(f"{m}e{e}") for e in range(-5, 0) for m in _MANTISSAS] + [1.0]


def nearest_lr(lr: float) -> float:
    """The slider's position for a learning rate."""
    return min(LEARNING_RATES, key=lambda position: abs(position - lr) / position)


def likely_device() -> str:
    """Where a run would train, told without importing torch: as last measured, else by a look."""
    measured = speed.devices()
    if measured:
        return measured[-1]
    if shutil.which("nvidia-smi"):
        return "cuda"
    return "mps" if (platform.system(), platform.machine()) == ("Darwin", "arm64") else "cpu"


def of_recipe(preset: str, recipe: str) -> dict[str, Any]:
    """What the recipe says, for this network."""
    said = recipe_named(recipe, PRESETS[preset])
    return {
        "lr": nearest_lr(said.lr),
        "epochs": said.epochs,
        "optimizer": said.optimizer,
        "batch_size": said.batch_size,
    }


def _untouched(preset: str | None = None, recipe: str | None = None) -> dict[str, Any]:
    """What a new tab shows, for this network and recipe where they are given."""
    preset = preset or ("pocket" if likely_device() == "cpu" else "classic")
    recipe = recipe or "tuned"
    fresh = {"seed": 0, "images": "full", "start_from": FRESH}
    return {"preset": preset, "recipe": recipe, **of_recipe(preset, recipe), **fresh}


def settings() -> dict[str, Any]:
    """What the controls show now."""
    return {name: st.session_state[name] for name in _READERS}


def open_with_address() -> None:
    """In a new tab, or after a reload: what the address says, and for the rest what its recipe does."""
    said = _from_address()
    show(**_untouched(said.get("preset"), said.get("recipe")) | said)


def move_to_address() -> None:
    """After a reload, to a run that is over: what had been set since."""
    show(**_from_address())


def settings_in_address(run: str | None, settings_of_run: dict[str, Any] | None, *, is_active: bool) -> None:
    """Have the address say the run in hand, and what is set otherwise than in it, or than a new tab shows.

    A run in training says itself what holds.
    """
    now = settings()
    base = settings_of_run or _untouched() | of_recipe(now["preset"], now["recipe"])
    is_said = {name: not is_active and value != base[name] for name, value in now.items()}
    address.show(SHARED, run=run, **{name: f"{now[name]}" if said else None for name, said in is_said.items()})


def apply_recipe() -> None:
    """What the chosen recipe says, for the chosen network; weights of another network cannot be started from."""
    state = st.session_state
    show(**of_recipe(state.preset, state.recipe))
    if state.start_from not in fitting(state.preset):
        show(start_from=FRESH)


def changed_from_recipe() -> dict[str, tuple[Any, Any]]:
    """The settings that are not as the chosen recipe says: what they are, and what it says."""
    state = st.session_state
    said = of_recipe(state.preset, state.recipe)
    return {name: (state[name], value) for name, value in said.items() if state[name] != value}


def start_from_brought(name: str) -> None:
    """Weights that were brought a moment ago: the network is theirs, and one that they fit."""
    preset = brought_weights()[name]["preset"]
    if preset != st.session_state.preset:
        show(preset=preset)
        apply_recipe()
    if name in fitting(preset):
        show(start_from=name)


def has_schedule() -> bool:
    return RECIPES[st.session_state.recipe].schedule != "constant"


def next_config() -> RunConfig:
    """The run that Start would start."""
    now = settings()
    uses_sample = now.pop("images") == "sample" and find_source() != "sample"
    weights = now.pop("start_from") or None
    return RunConfig(**now, weights=weights, data="sample" if uses_sample else None)


def _one_of(choices: object) -> Callable[[str], str | None]:
    return lambda text: text if text in choices else None  # type: ignore[operator]


def _whole(low: int, high: int) -> Callable[[str], int | None]:
    def read(text: str) -> int | None:
        return int(text) if text.isascii() and text.isdigit() and low <= int(text[:12]) <= high else None

    return read


def _rate(text: str) -> float | None:
    try:
        lr = float(text)
    except ValueError:
        return None
    return nearest_lr(lr) if math.isfinite(lr) and lr > 0 else None


# What the controls show, each with the reader of what an address says of it: None where that is of no use.
_READERS: dict[str, Callable[[str], Any]] = {
    "preset": _one_of(PRESETS),
    "recipe": _one_of(RECIPES),
    "lr": _rate,
    "epochs": _whole(*EPOCHS_RANGE),
    "optimizer": _one_of(OPTIMIZERS),
    "batch_size": _whole(*BATCH_SIZE_RANGE),
    "seed": _whole(*SEEDS),
    "images": _one_of(IMAGES),
    "start_from": lambda text: text if text in (*shelf(), *brought_weights()) else None,
}


def _from_address() -> dict[str, Any]:
    read = {name: reader(address.given(name) or "") for name, reader in _READERS.items()}
    return {name: value for name, value in read.items() if value is not None}
