"""Which weights answer: shipped ones, a finished run's, or those of the run training right now."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from nin.errors import WeightsError
from nin.storage.brought_weights import brought_directory, brought_path, brought_weights
from nin.storage.run import ACTIVE, Run, all_runs
from nin.storage.weights import SHELF, newest_checkpoint, shelf
from nin.training.verdict import diagnosis_of_weights
from ui.base import address
from ui.base.bring_weights import bring_weights
from ui.base.choice import chosen_of, select
from ui.base.runs import run_name, usual_name
from ui.base.text import t

KEY = "weights"
_BROUGHT = "brought"
_RUNS_LISTED = 20
_FOLLOW_SECONDS = 2.0
_PREFERRED = ("shipped:pocket-sketch", "shipped:pocket")  # the first has seen drawings, too


@dataclass(frozen=True)
class Choice:
    key: str  # "shipped:pocket", "brought:<name>" or "run:<id>"
    label: str
    run: Run | None  # None for weights that lie in a file of their own

    @property
    def name(self) -> str:
        """What the weights are called: on the shelf, by who brought them, or as the table names their run."""
        return self.file_stem if self.run is None else run_name(self.run)

    @property
    def file_stem(self) -> str:
        """What a file is called that was made with these weights."""
        return self.key.partition(":")[2]

    @property
    def state(self) -> str | None:
        """Of the run; None where there is none."""
        return None if self.run is None else self.run.state

    @property
    def is_training(self) -> bool:
        return self.state in ACTIVE

    def path(self) -> Path:
        """The weights' file; of a run the newest one. WeightsError where there is none yet."""
        if self.run is not None:
            return newest_checkpoint(self.run)
        kind, _, name = self.key.partition(":")
        return brought_path(name) if kind == _BROUGHT else SHELF / f"{name}.safetensors"


def name_of(path: Path) -> str:
    """What the weights in a file are called: on the shelf, by who brought them, or the run that they are from."""
    run = Run(path.parent.parent)
    return path.stem if _is_alone(path) else run_name(run)


def _is_alone(path: Path) -> bool:
    """Whether it is no checkpoint of a run."""
    return path.parent in (SHELF, brought_directory())


def file_stem_of(path: Path) -> str:
    """What a file is called that was made with the weights in another, of a run with their step."""
    return path.stem if _is_alone(path) else f"{path.parent.parent.name}-{path.stem}"


def choices() -> dict[str, Choice]:
    """All that can be chosen now: shipped weights first, then brought ones and runs with weights, the newest first."""
    found, names = {}, set()
    for name, card in shelf().items():
        accuracy = card.test_accuracy
        label = t("weights.shipped", name=name, accuracy=f"{accuracy:.1%}") if accuracy else name
        if (ruin := diagnosis_of_weights(SHELF / f"{name}.safetensors")) is not None:
            label = t("weights.ruined", label=label, what=t(f"weights.now_{ruin.now}"))
        found[f"shipped:{name}"] = Choice(f"shipped:{name}", label, None)
    for name, card in list(brought_weights().items())[:_RUNS_LISTED]:
        label = t("weights.brought", name=name, network=card.get("preset", "?"))
        found[f"{_BROUGHT}:{name}"] = Choice(f"{_BROUGHT}:{name}", label, None)
    for run in all_runs()[:_RUNS_LISTED]:
        if checkpoints := run.checkpoints():
            status = run.status()
            step = f"{status.get('step', 0):,}"
            name = run_name(run)
            if name in names:  # a browser knows an option by its label: two runs may have been given the same name
                name = f"{name} · {usual_name(run)}"
            names.add(name)
            label = t("weights.run", run=name, state=t(f"state.{status['state']}"), step=step)
            if (ruin := diagnosis_of_weights(checkpoints[max(checkpoints)])) is not None:
                label = t("weights.ruined", label=label, what=t(f"weights.now_{ruin.now}"))
            found[f"run:{run.id}"] = Choice(f"run:{run.id}", label, run)
    return found


def choose_weights() -> Choice:
    """A select box whose value follows the visitor from page to page. WeightsError when there are none."""
    available = choices()
    if not available:
        raise WeightsError(
            "there are no weights yet: train a network from the sidebar; its weights can be used from the first step on"
        )
    default = next((key for key in _PREFERRED if key in available), next(iter(available)))
    given = address.given(KEY)
    st.session_state[KEY] = chosen_of(KEY, list(available), given if given in available else default)
    weights = available[st.session_state[KEY]]
    address.show(KEY, weights=None if weights.key == default else weights.key)
    state = weights.state
    follow = _FOLLOW_SECONDS if weights.is_training else None
    st.fragment(_select, run_every=follow)(weights.key, state)
    bring_weights("page", _choose_brought)
    return weights


def _choose_brought(name: str) -> None:
    st.session_state[KEY] = f"{_BROUGHT}:{name}"


def _select(chosen: str, state: str | None) -> None:
    """The labels of runs in training follow them; another choice, or a run that has ended, concerns the whole page."""
    available = choices()
    select(
        t("weights.label"),
        list(available),
        key=KEY,
        format_func=lambda key: available[key].label,
        persist_state="session",
    )
    now = available.get(st.session_state[KEY])
    if now is None or now.key != chosen or now.state != state:
        st.rerun()
