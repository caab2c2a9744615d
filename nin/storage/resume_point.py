"""What a run is taken up from: the weights and the optimizer's state of one step.

    checkpoints/step-000123.safetensors        the weights, a checkpoint like any other
    checkpoints/optimizer-000123.safetensors   the optimizer's state, written after them

Two are always kept: the latest, and one before it whose weights are known to be sound, for when those
of the latest turn out to be ruined. Those of checkpoints that stay for good are kept beside them for
as long as there is room: another run can be forked from each (`nin.storage.fork`) as if nothing had
been between.
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

from nin.errors import LabError, RunError
from nin.storage.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from nin.storage.files import read_json, write_bytes, write_json
from nin.storage.run import Run, no_checkpoint

STATES_BYTES = 64 * 2**20  # that a run's states of the optimizer may take, beside the two it needs


@dataclass(frozen=True)
class ResumePoint:
    checkpoint: Checkpoint
    optimizer: dict[str, Tensor]  # by parameter, e.g. "exp_avg/0.0.weight"
    damaged: tuple[int, ...] = ()  # steps of later ones that could not be read


def latest_resume_point(run: Run) -> ResumePoint | None:
    """Where the run left off: the latest that is whole. None if it never came to its first checkpoint.

    A LabError says what is wrong where each that there is is damaged.
    """
    files = _optimizer_files(run)
    if not files:
        if max(run.checkpoints(), default=0) > 0:  # to begin anew would wipe out what it did
            raise RunError(
                "run {run} has weights, but no state of the optimizer to go on with: start a new run", run=run.id
            )
        return None
    damaged: dict[int, LabError] = {}
    for step in sorted(files, reverse=True):
        try:
            optimizer = _read_optimizer(files[step])
            return ResumePoint(load_checkpoint(run.checkpoint_path(step)), optimizer, tuple(damaged))
        except LabError as error:
            damaged[step] = error
    raise damaged[max(files)]


def _read_optimizer(path: Path) -> dict[str, Tensor]:
    try:
        with safe_open(path, framework="pt") as file:
            return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise RunError("{path} is damaged ({error}): start a new run", path=path, error=error) from error


def save_resume_point(run: Run, state: ResumePoint, sound: int | None, worth: Callable[[int], int]) -> None:
    """Write weights and optimizer. Of the older ones that of step `sound` stays, or the newest where that is None.

    `worth` says of the step of any other what it is worth: with 0 it goes. The weights of the rest stay, and as many
    of their states of the optimizer as there is room for, those that are worth most.
    """
    step = state.checkpoint.step
    save_checkpoint(state.checkpoint, run.checkpoint_path(step))
    tensors = {name: tensor.cpu().contiguous() for name, tensor in state.optimizer.items()}
    write_bytes(run.optimizer_path(step), save(tensors))
    older = {old: path for old, path in _optimizer_files(run).items() if old < step}
    spare = sound if sound in older else max(older, default=None)
    others = older.keys() - {spare}
    for old in others:
        if not worth(old):
            older[old].unlink(missing_ok=True)
            run.checkpoint_path(old).unlink(missing_ok=True)
    room = STATES_BYTES
    for old in sorted(filter(worth, others), key=lambda old: (worth(old), old), reverse=True):
        room -= older[old].stat().st_size
        if room < 0:
            older[old].unlink(missing_ok=True)


def clean_up(run: Run) -> None:
    """Remove what a process that was killed had begun to write; to be called by whoever has claimed the run."""
    for path in [
        *(run.path / "checkpoints").glob(".*.tmp"),
        *run.path.glob(".metrics.jsonl.*.tmp"),
        *run.path.glob(".status.json.*.tmp"),
    ]:
        path.unlink(missing_ok=True)


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
        raise no_checkpoint(run, step)
    if step not in optimizers:
        begin_optimizer_afresh(run, step)
    # The states first: without them nobody goes on from the weights.
    for found in (optimizers, weights):
        for later, path in found.items():
            if later > step:
                path.unlink(missing_ok=True)
    rows = rows_until(run, step)
    write_rows(run, [*rows, {"kind": "event", "step": step, "what": "back"}])
    # What the status tells of the time that is undone is true no longer.
    measured = next((row for row in reversed(rows) if row["kind"] == "epoch"), {})
    undone = ("test_accuracy", "test_n", "diagnosis")
    status = {name: value for name, value in read_json(run.path / "status.json").items() if name not in undone}
    measures = {name: measured[name] for name in undone if name in measured}
    write_json(run.path / "status.json", {**status, **measures, "step": step})


def copy_resume_point(run: Run, step: int, other: Run, *, with_optimizer: bool) -> None:
    """Give `other` the checkpoint of `step`, and the optimizer's state, or one that begins afresh where that is gone.

    RunError where there is no such checkpoint (any more).
    """
    try:
        weights = run.checkpoint_path(step).read_bytes()
    except OSError as error:
        raise no_checkpoint(run, step) from error
    write_bytes(other.checkpoint_path(step), weights)
    try:
        if not with_optimizer:
            raise FileNotFoundError
        write_bytes(other.optimizer_path(step), run.optimizer_path(step).read_bytes())
    except OSError:
        begin_optimizer_afresh(other, step)


def begin_optimizer_afresh(run: Run, step: int) -> None:
    write_bytes(run.optimizer_path(step), save({}))


def rows_until(run: Run, step: int) -> list[dict[str, Any]]:
    """What `run` had reported when its checkpoint of `step` was written."""
    return [row for row in run.metrics() if row.get("step", 0) <= step and not _is_undone(row, step)]


def write_rows(run: Run, rows: list[dict[str, Any]]) -> None:
    write_bytes(run.metrics_path, "".join(json.dumps(row) + "\n" for row in rows).encode())


def _is_undone(row: dict[str, Any], step: int) -> bool:
    # What was set by hand after a step, and before the next, is no part of the step's checkpoint.
    return row["kind"] == "event" and row["step"] == step and row["what"] in ("lr", "epochs")


def _optimizer_files(run: Run) -> dict[int, Path]:
    paths = (run.path / "checkpoints").glob("optimizer-*.safetensors")
    return {int(number): path for path in paths if (number := path.stem.removeprefix("optimizer-")).isdecimal()}
