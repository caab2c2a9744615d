"""Fork a run: go on from one of its checkpoints with other settings, beside it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from nin.errors import LabError
from nin.presets import AUGMENTATIONS, EPOCHS_RANGE, OPTIMIZERS, SCHEDULES, SHARE_RANGE
from nin.storage.fork import settings_at
from nin.storage.run import Run
from ui.base.choice import select
from ui.base.messages import show_error
from ui.base.text import t
from ui.charts.series import Row, series
from ui.train import actions
from ui.train.next_run import LEARNING_RATES

_MOST_WEIGHT_DECAY = 1.0


def fork_form(run: Run, place: str) -> None:
    """From which step, with what; `place` tells apart where on the page it stands."""
    status = run.status()
    steps_per_epoch = max(1, status.get("steps", 0) // max(1, status.get("epochs", 1)))
    changes = [row for row in series(run, status["state"]).events if row["what"] in ("lr", "epochs")]
    steps = _steps(run, steps_per_epoch, changes, is_active=run.is_active)
    if not steps:
        st.caption(t("runs.fork_no_checkpoint"))
        return
    st.caption(t("runs.fork_about"))
    key = f"fork-{place}-{run.id}"
    step = select(
        t("runs.fork_step"),
        steps,
        index=_likely(steps, changes),
        key=f"{key}-step",
        format_func=lambda step: _words_of_step(run, step, steps_per_epoch, changes),
    )
    try:
        before = settings_at(run, step)
    except LabError as error:  # gone since it was listed, or damaged: the rest of the page stands
        show_error(error)
        return
    key = f"{key}-{step}"  # other values hold at another step
    chosen = _choose(key, before, done=step / steps_per_epoch)
    if not run.has_optimizer(step) or chosen["optimizer"] != before["optimizer"]:
        st.caption(t("runs.fork_optimizer_afresh"))
    changed = {name: value for name, value in chosen.items() if value != before[name]}
    st.button(
        t("runs.fork_start" if changed else "runs.fork_start_same"),
        key=f"{key}-start",
        type="primary",
        icon=":material/fork_right:",
        width="stretch",
        on_click=actions.attempt,
        args=(actions.start_fork, run, step, changed),
    )


def _choose(key: str, before: dict[str, Any], *, done: float) -> dict[str, Any]:
    rates = sorted({*LEARNING_RATES, before["lr"]})
    chosen = {
        "lr": st.select_slider(
            t("runs.fork_lr"),
            rates,
            before["lr"],
            key=f"{key}-lr",
            format_func=lambda lr: f"{lr:.3g}",
            help=t("runs.fork_lr_help"),
        )
    }
    left, right = st.columns(2)
    least = min(int(done) + 1, EPOCHS_RANGE[1])
    with left:
        chosen["epochs"] = st.number_input(
            t("sidebar.epochs"), least, EPOCHS_RANGE[1], max(before["epochs"], least), key=f"{key}-epochs"
        )
        chosen["schedule"] = select(
            t("runs.fork_schedule"),
            SCHEDULES,
            index=SCHEDULES.index(before["schedule"]),
            key=f"{key}-schedule",
            format_func=str,
        )
    with right:
        chosen["optimizer"] = select(
            t("sidebar.optimizer"),
            OPTIMIZERS,
            index=OPTIMIZERS.index(before["optimizer"]),
            key=f"{key}-optimizer",
            format_func=str,
        )
        chosen["weight_decay"] = st.number_input(
            t("runs.fork_weight_decay"),
            0.0,
            _MOST_WEIGHT_DECAY,
            before["weight_decay"],
            step=0.01,
            format="%g",
            key=f"{key}-decay",
        )
    return chosen | _choose_against_overfitting(key, before)


def _choose_against_overfitting(key: str, before: dict[str, Any]) -> dict[str, Any]:
    """What keeps a network from learning its training images by heart; dropout where the network has one."""
    left, right = st.columns(2)
    chosen = {}
    if before["dropout"] is not None:
        chosen["dropout"] = _share(left, t("runs.fork_dropout"), before["dropout"], f"{key}-dropout")
    chosen["label_smoothing"] = _share(
        right, t("runs.fork_label_smoothing"), before["label_smoothing"], f"{key}-smoothing"
    )
    chosen["augment"] = select(
        t("runs.fork_augment"),
        AUGMENTATIONS,
        index=AUGMENTATIONS.index(before["augment"]),
        key=f"{key}-augment",
        format_func=lambda name: t(f"runs.augment_{name}"),
    )
    return chosen


def _share(place: Any, label: str, usual: float, key: str) -> float:
    low, high = SHARE_RANGE
    return place.number_input(label, low, high, usual, step=0.05, format="%g", key=key)


def _steps(run: Run, steps_per_epoch: int, changes: list[Row], *, is_active: bool) -> list[int]:
    """The checkpoints that stay: those of a run in training that are replaced in a moment are left out."""
    changed = {row["step"] for row in changes}

    def stays(step: int) -> bool:
        return step in changed or step % steps_per_epoch == 0 or step & (step - 1) == 0

    return [step for step in run.checkpoints() if stays(step) or not is_active]


def _likely(steps: list[int], changes: list[Row]) -> int:
    """What is asked most: what if I had not changed that? Else from the middle."""
    before = [steps.index(row["step"]) for row in changes if row["step"] in steps]
    return before[-1] if before else len(steps) // 2


def _words_of_step(run: Run, step: int, steps_per_epoch: int, changes: list[Row]) -> str:
    change = next((row for row in changes if row["step"] == step), None)
    if change is not None and change.get("follow_schedule"):
        return t("runs.fork_before_schedule", step=f"{step:,}")
    if change is not None:
        value = f"{change['lr']:.3g}" if change["what"] == "lr" else change["epochs"]
        return t(f"runs.fork_before_{change['what']}", step=f"{step:,}", value=value)
    if step and step % steps_per_epoch == 0:
        return t("runs.fork_epoch_end", step=f"{step:,}", epoch=step // steps_per_epoch)
    return t("runs.fork_at_step", step=f"{step:,}")
