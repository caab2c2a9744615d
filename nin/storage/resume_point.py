"""What a run is taken up from: the weights and the optimizer's state of one step.

    checkpoints/step-000123.safetensors        the weights, a checkpoint like any other
    checkpoints/optimizer-000123.safetensors   the optimizer's state, written after them

Two are kept: the latest, and one before it whose weights are known to be sound, for when those
of the latest turn out to be ruined.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from nin.errors import RunError
from nin.storage.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from nin.storage.files import read_json, write_bytes, write_json
from nin.storage.run import Run


@dataclass(frozen=True)
class ResumePoint:
    checkpoint: Checkpoint
    optimizer: dict[str, Tensor]  # by parameter, e.g. "exp_avg/0.0.weight"


def latest_resume_point(run: Run) -> ResumePoint | None:
    """Where the run left off; None if it never came to its first checkpoint, RunError if it is damaged."""
    files = _optimizer_files(run)
    if not files:
        if max(run.checkpoints(), default=0) > 0:  # to begin anew would wipe out what it did
            raise RunError(
                "run {run} has weights, but no state of the optimizer to go on with: start a new run", run=run.id
            )
        return None
    step = max(files)
    try:
        with safe_open(files[step], framework="pt") as file:
            optimizer = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise RunError("{path} is damaged ({error}): start a new run", path=files[step], error=error) from error
    return ResumePoint(load_checkpoint(run.checkpoint_path(step)), optimizer)


def save_resume_point(run: Run, state: ResumePoint, sound: int | None, is_kept: Callable[[int], bool]) -> None:
    """Write weights and optimizer. Of the older states only that of step `sound` stays, or the newest where that
    is None; of the others the optimizer goes, and the weights unless they are kept.
    """
    step = state.checkpoint.step
    save_checkpoint(state.checkpoint, run.checkpoint_path(step))
    tensors = {name: tensor.cpu().contiguous() for name, tensor in state.optimizer.items()}
    write_bytes(_optimizer_path(run, step), save(tensors))
    older = {old: path for old, path in _optimizer_files(run).items() if old < step}
    spare = sound if sound in older else max(older, default=None)
    for old in older.keys() - {spare}:
        older[old].unlink(missing_ok=True)
        if not is_kept(old):
            run.checkpoint_path(old).unlink(missing_ok=True)


def drop_resume_points(run: Run, since: int) -> None:
    """Take back what was saved at step `since` or later, if there is something older to go on from."""
    files = _optimizer_files(run)
    if min(files, default=since) >= since:
        return
    # The states first: without them nobody goes on from the weights.
    for found in (files, run.checkpoints()):
        for step, path in found.items():
            if step >= since:
                path.unlink(missing_ok=True)


def go_back(run: Run, step: int) -> None:
    """Undo what `run` did after its checkpoint of `step`: going on, it goes on from there.

    Where that step's state of the optimizer is gone, the optimizer begins afresh. RunError while
    the run trains, or where there is no such checkpoint.
    """
    if run.is_taken:
        raise RunError("run {run} is training: stop it before it goes back to step {step}", run=run.id, step=step)
    weights, optimizers = run.checkpoints(), _optimizer_files(run)
    if step not in weights:
        raise RunError(
            "run {run} has no checkpoint of step {step}: choose one of {choices}",
            run=run.id,
            step=step,
            choices=", ".join(map(str, weights)),
        )
    if step not in optimizers:
        write_bytes(_optimizer_path(run, step), save({}))
    # The states first: without them nobody goes on from the weights.
    for found in (optimizers, weights):
        for later, path in found.items():
            if later > step:
                path.unlink(missing_ok=True)
    rows = [row for row in run.metrics() if row.get("step", 0) <= step and not _is_undone(row, step)]
    last = {"kind": "event", "step": step, "what": "back"}
    write_bytes(run.metrics_path, "".join(json.dumps(row) + "\n" for row in [*rows, last]).encode())
    # What the status tells of the time that is undone is true no longer.
    measured = next((row for row in reversed(rows) if row["kind"] == "epoch"), {})
    undone = ("test_accuracy", "test_n", "diagnosis")
    status = {name: value for name, value in read_json(run.path / "status.json").items() if name not in undone}
    measures = {name: measured[name] for name in undone if name in measured}
    write_json(run.path / "status.json", {**status, **measures, "step": step})


def _is_undone(row: dict[str, Any], step: int) -> bool:
    # What was set by hand after a step, and before the next, is no part of the step's checkpoint.
    return row["kind"] == "event" and row["step"] == step and row["what"] in ("lr", "epochs")


def _optimizer_path(run: Run, step: int) -> Path:
    return run.path / "checkpoints" / f"optimizer-{step:06d}.safetensors"


def _optimizer_files(run: Run) -> dict[int, Path]:
    paths = (run.path / "checkpoints").glob("optimizer-*.safetensors")
    return {int(number): path for path in paths if (number := path.stem.removeprefix("optimizer-")).isdecimal()}
