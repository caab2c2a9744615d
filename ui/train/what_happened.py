"""Above the charts: what happened to the runs that are drawn, what to do about it, and the way back."""

from __future__ import annotations

import streamlit as st

from nin.errors import LabError
from nin.presets import PRESETS, recipe_named
from nin.storage.run import FINAL, Run, RunConfig
from nin.training.diagnosis import GUESSING_LOSS, Diagnosis
from nin.training.records import loss_text
from nin.training.verdict import diagnosis_of_run
from ui.base.runs import config_of, run_name
from ui.base.text import plain, t, together
from ui.base.visitor import may_change
from ui.train import actions, session

_ICONS = {"exploded": "north", "forgot": "undo", "flat": "trending_flat", "short": "hourglass_empty"}
_PATIENCE = 300  # steps that a recipe may take to begin


def what_happened(runs: list[Run]) -> None:
    """A message for each of `runs` with which something went wrong; nothing where all is well."""
    for run in runs:
        if (found := diagnosis_of_run(run)) is not None:
            _message(run, found, named=len(runs) > 1)


def _message(run: Run, found: Diagnosis, *, named: bool) -> None:
    config = config_of(run)
    parts = [t("train.named", name=plain(run_name(run)))] if named else []
    parts += _story(found, is_own=run.id == st.session_state.get(session.OWN))
    if not found.is_over and config is not None:
        parts.append(_advice(found, config))
    draw, icon = (st.info, "check_circle") if found.is_over else (st.warning, _ICONS[found.what])
    draw(together(*parts), icon=f":material/{icon}:")
    if not found.is_over and config is not None:
        _way_back(run, found, config)


def _story(found: Diagnosis, *, is_own: bool) -> list[str]:
    story = []
    if found.change is not None:
        key = "train.you_raised" if is_own else "train.was_raised"
        change = {"before": f"{found.change.before:.2g}", "after": f"{found.change.after:g}"}
        story.append(t(key, step=f"{found.change.step:,}", **change))
    elif found.lr is not None and found.what != "short":
        story.append(t("train.rate_was", lr=f"{found.lr:.2g}"))
    before = loss_text(GUESSING_LOSS if found.loss_before is None else found.loss_before, ".3g")
    if found.what == "exploded" and found.loss is None:
        story.append(t("train.became_no_number", step=f"{found.step:,}", before=before))
    elif found.what == "exploded":
        story.append(t("train.exploded", step=f"{found.step:,}", before=before, loss=loss_text(found.loss, ".3g")))
    elif found.what == "forgot":
        story.append(t("train.forgot", step=f"{found.step:,}", before=before))
    else:
        story.append(t(f"train.{found.what}", steps=f"{found.steps:,}", loss=loss_text(found.loss or GUESSING_LOSS)))
    if found.what in ("exploded", "forgot"):
        story.append(t(f"train.now_{found.now}"))
    if found.what == "flat" and found.steps < _PATIENCE:
        story.append(t("train.patience"))
    return story


def _advice(found: Diagnosis, config: RunConfig) -> str:
    if found.what == "short":
        return t("train.try_longer")
    if found.what == "flat":
        usual = _usual_rate(config)
        if found.lr is not None and (found.lr > 3 * usual or found.lr < usual / 30):
            return t("train.try_rate", lr=f"{usual:g}")
        return t("train.try_seed") if config.recipe == "tuned" else t("train.try_tuned")
    return "" if found.change else t("train.try_lower")


def _way_back(run: Run, found: Diagnosis, config: RunConfig) -> None:
    step = found.step_to_go_back_to(run.checkpoints())
    is_steered_here = run.state in FINAL or run.id == st.session_state.get(session.OWN)
    if step is None or not is_steered_here or not may_change(run.path):
        return
    lr = found.rate_to_go_back_with(_usual_rate(config))
    st.button(
        t("train.go_back", step=f"{step:,}", lr=f"{lr:.2g}"),
        key=f"go-back-{run.id}",
        icon=":material/undo:",
        help=t("train.go_back_help"),
        on_click=actions.attempt,
        args=(actions.go_back, run, step, lr),
    )


def _usual_rate(config: RunConfig) -> float:
    try:
        return recipe_named(config.recipe, PRESETS[config.preset]).lr
    except (LabError, KeyError):
        return config.lr or 0.001
