"""What to train and how: the network, the recipe, the images, and what was changed from the recipe."""

from __future__ import annotations

import streamlit as st

from nin.presets import BATCH_SIZE_RANGE, EPOCHS_RANGE, OPTIMIZERS, PRESETS, RECIPES
from ui.base.controls import control
from ui.base.text import listed, t
from ui.train import next_run, session
from ui.train.data_source import choose_data
from ui.train.start_from import choose_start


def settings(*, is_steering: bool) -> None:
    """The controls of the next run; those of the run in hand, where this tab steers one."""
    _choose("preset", list(PRESETS), is_steering=is_steering)
    _choose("recipe", list(RECIPES), is_steering=is_steering)
    choose_data(disabled=is_steering)
    _learning_rate(is_steering=is_steering)
    _epochs()
    with st.expander(t("sidebar.more")):
        _more(is_steering=is_steering)
    _say_what_is_changed(is_steering=is_steering)


def _choose(name: str, options: list[str], *, is_steering: bool) -> None:
    control(
        name,
        st.selectbox,
        t(f"sidebar.{name}"),
        options,
        disabled=is_steering,
        on_change=next_run.apply_recipe,
        format_func=lambda option: t(f"sidebar.{name}_{option}"),
        help=t(f"sidebar.{name}_help"),
    )


def _learning_rate(*, is_steering: bool) -> None:
    label = "lr"
    if next_run.has_schedule():  # what is set by hand holds at once, also where the rate was still climbing
        label = "lr_peak_steered" if is_steering else "lr_peak"
    control(
        "lr",
        st.select_slider,
        t(f"sidebar.{label}"),
        next_run.LEARNING_RATES,
        format_func=lambda lr: f"{lr:g}",
        on_change=lambda: session.steer(lr=st.session_state.lr),
        help=t("sidebar.lr_help"),
    )


def _epochs() -> None:
    control(
        "epochs",
        st.number_input,
        t("sidebar.epochs"),
        *EPOCHS_RANGE,
        step=1,
        on_change=session.steer_epochs,
        help=t("sidebar.epochs_help"),
    )
    if most := st.session_state.pop("epochs_most", None):
        st.caption(t("sidebar.epochs_most", most=most))
    if begun := st.session_state.pop("epochs_begun", None):
        st.caption(t("sidebar.epochs_begun", epoch=begun))


def _more(*, is_steering: bool) -> None:
    common = {"disabled": is_steering}
    control("optimizer", st.selectbox, t("sidebar.optimizer"), OPTIMIZERS, **common)
    control("batch_size", st.number_input, t("sidebar.batch_size"), *BATCH_SIZE_RANGE, step=1, **common)
    control("seed", st.number_input, t("sidebar.seed"), *next_run.SEEDS, step=1, help=t("sidebar.seed_help"), **common)
    choose_start(is_steering=is_steering, take=next_run.start_from_brought)


def _say_what_is_changed(*, is_steering: bool) -> None:
    changes = [
        t("sidebar.changed_one", name=t(f"sidebar.changed_{name}"), value=_short(value), said=_short(said))
        for name, (value, said) in next_run.changed_from_recipe().items()
    ]
    if changes:
        st.caption(t("sidebar.changed", recipe=st.session_state.recipe, changes=listed(changes)))
    elif is_steering and session.is_set_by_hand():
        st.caption(t("sidebar.set_by_hand"))
    if session.differs_from_recipe() if is_steering else changes:
        st.button(
            t("sidebar.back_to_recipe"),
            key="back_to_recipe",
            type="tertiary",
            icon=":material/undo:",
            # What a run in training has begun with stays: the optimizer, the size of a batch.
            help=t("sidebar.back_to_recipe_help") if is_steering else None,
            on_click=session.back_to_recipe if is_steering else next_run.apply_recipe,
        )


def _short(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
