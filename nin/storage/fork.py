"""Forks: "what if I had not raised the learning rate here?"

A fork is a run that goes on from a checkpoint of another one, with other settings. It takes along
all that it needs: that step's weights, the optimizer's state, and what had been reported up to there. So
the two have nothing in common from then on: the parent may train on, go back, or be deleted. Where
nothing is changed, a fork does what its parent did: on a CPU to the bit, if the optimizer's state of
that step is still there (`Run.has_optimizer`).

Asking what could be forked needs no torch.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from nin.errors import LabError, RunError, SettingsError
from nin.model.architecture import Dropout
from nin.presets import architecture_for
from nin.storage.checkpoint_description import read_description
from nin.storage.files import read_json, write_json
from nin.storage.run import Run, RunConfig, new_directory, no_checkpoint
from nin.storage.status import PROGRESS

# What a fork may have otherwise. The rest says which images come when, and of which network the weights are.
CHANGEABLE = (
    "lr", "epochs", "optimizer", "schedule", "weight_decay", "momentum", "dropout", "label_smoothing", "augment",
)  # fmt: skip


def settings_at(run: Run, step: int) -> dict[str, Any]:
    """What held when the checkpoint of `step` was written, of what a fork may have otherwise; RunError if it is gone."""
    config = run.config().resolved()
    try:
        extra = read_description(run.checkpoint_path(step))["extra"]
        steered = {"lr": extra["schedule"]["lr"], "epochs": extra["epochs"]}
    except (LabError, KeyError, TypeError) as error:
        raise no_checkpoint(run, step) from error
    return {name: getattr(config, name) for name in CHANGEABLE} | {"dropout": _dropout(config)} | steered


def _dropout(config: RunConfig) -> float | None:
    """The probability in all of the network's dropout layers; None where there is none, or where they differ."""
    preset, recipe = config.network_recipe()
    stages = architecture_for(preset, recipe).built_stages
    found = {stage.p for stage in stages if isinstance(stage, Dropout)}
    return found.pop() if len(found) == 1 else None


def fork(parent: Run, step: int, changes: dict[str, Any], path: Path | None = None) -> Run:
    """A new run in `path` that goes on from the checkpoint of `step` of `parent`, with these `changes` of CHANGEABLE.

    It is stopped at that step: whoever trains it resumes it. RunError where there is no such checkpoint,
    SettingsError for a change that cannot be.
    """
    from nin.storage.resume_point import copy_resume_point, rows_until, write_rows  # needs torch

    for name in changes.keys() - set(CHANGEABLE):
        raise SettingsError(
            "a fork has the {name} of its parent: only {changeable} can be changed",
            name=name,
            changeable=", ".join(CHANGEABLE),
        )
    before = settings_at(parent, step)
    held = {name: before[name] for name in ("lr", "epochs")}
    config = replace(parent.config().resolved(), **{**held, **changes}, fork_of=parent.id, fork_step=step)
    rows = rows_until(parent, step)
    progress = _progress(parent, rows, step, config)
    path = path or new_directory(config)
    if Run(path).exists:
        raise RunError("{path} already holds a run: name another directory", path=path)
    child = Run(path)
    copy_resume_point(parent, step, child, with_optimizer=config.optimizer == before["optimizer"])
    write_rows(child, [*rows, {"kind": "event", "step": step, "what": "forked"}])
    write_json(path / "status.json", {**progress, "state": "stopped"})
    return Run.create(config, path)  # the last file makes it a run, when all is there


def _progress(parent: Run, rows: list[dict[str, Any]], step: int, config: RunConfig) -> dict[str, Any]:
    """What the status of a fork says before it trains."""
    status = read_json(parent.path / "status.json")
    progress = {name: status[name] for name in PROGRESS if name in status}
    steps_per_epoch = status.get("steps", 0) // max(1, status.get("epochs", 1))
    epochs = [row for row in rows if row["kind"] == "epoch"]
    for name in ("test_accuracy", "test_n"):
        progress.pop(name, None)
        if epochs and name in epochs[-1]:
            progress[name] = epochs[-1][name]
    progress |= {"step": step, "epochs": config.epochs, "seconds": _seconds_at(parent, step)}
    if steps_per_epoch:
        if config.epochs * steps_per_epoch <= step:
            raise SettingsError(
                "epochs is {epochs}, and at step {step} {done} are done: choose more",
                epochs=config.epochs,
                step=step,
                done=f"{step / steps_per_epoch:g}",
            )
        progress |= {"steps": config.epochs * steps_per_epoch, "epoch": step // steps_per_epoch + 1}
    return progress


def _seconds_at(run: Run, step: int) -> float:
    return read_description(run.checkpoint_path(step))["extra"].get("seconds", 0.0)
