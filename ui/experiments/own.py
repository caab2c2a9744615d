"""An experiment of the reader's own: what varies, over which values, with how many seeds."""

from __future__ import annotations

from typing import Any

import streamlit as st

from nin.data.fashion_mnist import find_source, image_counts
from nin.errors import LabError
from nin.experiments.description import SEEDS_RANGE, Experiment, own_experiment, parse_value
from nin.experiments.folder import all_experiments
from nin.model.architecture import HEADS, INITIALISATIONS, POOLINGS
from nin.presets import OPTIMIZERS, PRESETS, RECIPES, SCHEDULES
from ui.base.messages import show_error
from ui.base.text import t
from ui.experiments.labels import settings_label

_CHOICES: dict[str, list[Any]] = {
    "pointwise": [0, 1, 2, 3],
    "head": list(HEADS),
    "pooling": list(POOLINGS),
    "init": list(INITIALISATIONS),
    "logit_head": [False, True],
    "optimizer": list(OPTIMIZERS),
    "schedule": list(SCHEDULES),
    "recipe": list(RECIPES),
    "preset": list(PRESETS),
}
_NUMBERS = {"lr": "0.001, 0.004, 0.016", "batch_size": "32, 128", "dropout": "0, 0.25, 0.5", "weight_decay": "0, 0.02",
            "momentum": "0, 0.9", "epochs": "1, 2, 4", "train_size": "1000, 4000"}  # fmt: skip
_NONE = "none"
_SIZE = {"preset": "pocket", "recipe": "tuned", "train_size": 6000, "test_size": 2000, "epochs": 4, "batch_size": 32}


def choose_own() -> tuple[Experiment | None, int]:
    """None where what was chosen is no experiment yet."""
    _offer_earlier()
    varied: dict[str, list[Any]] = {}
    try:
        for number in (1, 2):
            name, values = _variable(number, taken=tuple(varied))
            if name != _NONE:
                varied[name] = values
        base, seeds = _base(varied)
        return own_experiment(varied, base, seeds), seeds
    except LabError as error:
        show_error(error)
        return None, 1


def _variable(number: int, taken: tuple[str, ...]) -> tuple[str, list[Any]]:
    left, right = st.columns([2, 3])
    options = [name for name in (*_CHOICES, *_NUMBERS) if name not in taken]
    if number > 1:
        options = [_NONE, *options]
    usual = options.index("lr") if number == 1 else 0
    name = left.selectbox(
        t(f"experiments.vary_{number}"), options, usual, key=f"own_vary_{number}", persist_state="session",
        format_func=lambda option: t("experiments.vary_none") if option == _NONE else t(f"experiments.setting_{option}"),
    )  # fmt: skip
    if name in _CHOICES:
        values = right.multiselect(
            t("experiments.values"), _CHOICES[name], _CHOICES[name][:2], key=f"own_values_{number}_{name}",
            format_func=lambda value: settings_label({name: value}), persist_state="session",
        )  # fmt: skip
        return name, values
    if name in _NUMBERS:
        text = right.text_input(
            t("experiments.values_numbers"), _NUMBERS[name], key=f"own_values_{number}_{name}", persist_state="session"
        )
        return name, [parse_value(name, value.strip()) for value in text.split(",") if value.strip()]
    return name, []


def _base(varied: dict[str, list[Any]]) -> tuple[dict[str, Any], int]:
    """What all runs share: the size, and network and recipe where they do not vary."""
    images, _ = image_counts(find_source())
    columns = st.columns(5)
    chosen = {
        name: columns[place].selectbox(
            t(f"experiments.setting_{name}"), options, options.index(_SIZE[name]), key=f"own_{name}", persist_state="session",
        )
        for place, (name, options) in enumerate((("preset", list(PRESETS)), ("recipe", list(RECIPES))))
    }  # fmt: skip
    for place, (name, bounds) in enumerate((("train_size", (64, images)), ("epochs", (1, 30))), start=2):
        usual = min(_SIZE[name], bounds[1])
        chosen[name] = columns[place].number_input(
            t(f"experiments.setting_{name}"), *bounds, usual, step=1, key=f"own_{name}", persist_state="session"
        )
    seeds = columns[4].number_input(
        t("experiments.setting_seeds"), *SEEDS_RANGE, 1, step=1, key="own_seeds", persist_state="session"
    )
    return {name: value for name, value in (_SIZE | chosen).items() if name not in varied}, seeds


def _offer_earlier() -> None:
    """One click to an experiment of before: its choices are made again."""
    earlier = [folder for folder in all_experiments() if folder.experiment().name == "own"][:10]
    if not earlier:
        return
    with st.popover(t("experiments.earlier"), icon=":material/history:"):
        for folder in earlier:
            experiment = folder.experiment()
            label = f"{folder.created[:16].replace('T', ' ')} · {'; '.join(settings_label(arm.settings) for arm in experiment.arms)[:90]}"
            st.button(label, key=f"earlier_{folder.id}", on_click=_choose_again, args=(experiment,))


def _choose_again(experiment: Experiment) -> None:
    state, names = st.session_state, list(experiment.arms[0].settings)
    for number, name in enumerate([*names, _NONE][:2], start=1):
        state[f"own_vary_{number}"] = name
        if name == _NONE:
            continue
        values = list(dict.fromkeys(arm.settings[name] for arm in experiment.arms))
        state[f"own_values_{number}_{name}"] = values if name in _CHOICES else ", ".join(map(str, values))
    for name in ("preset", "recipe", "train_size", "epochs"):
        if name in experiment.base:
            state[f"own_{name}"] = experiment.base[name]
