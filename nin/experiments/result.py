"""What a finished run of an experiment has to say, measured once and kept beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nin.data.dataset import Dataset
from nin.experiments.folder import Planned, Result
from nin.experiments.signal import signal_at_start, signal_through
from nin.model.cost import measure_cost
from nin.model.network import NiN
from nin.presets import architecture_for
from nin.storage.checkpoint import load_checkpoint, network_input
from nin.storage.files import write_json
from nin.storage.run import Run
from nin.storage.weights import newest_checkpoint
from nin.training.diagnosis import FIRST_LOOK, GUESSING_LOSS

CURVE_POINTS = 60
STALLED_ABOVE = GUESSING_LOSS - 0.02  # mean loss of the last epoch: no better than a guess
_GUESSED_ACCURACY = 0.15


@dataclass(frozen=True)
class Took:
    """What a run took of its machine."""

    wall_seconds: float  # with the wait for its turn
    cpu_seconds: float | None  # of all cores together, hardly longer where others run; None in more than one sitting
    undisturbed: bool  # whether the others left it the cores it uses, so that its seconds mean something


def measure_result(planned: Planned, dataset: Dataset, took: Took) -> Result:
    """Of a run that has ended, written to its result.json."""
    run, config = planned.run, planned.config
    preset, recipe = config.network_recipe()
    architecture = architecture_for(preset, recipe)
    cost = measure_cost(NiN(architecture), architecture.input_size)
    status, rows = run.status(), run.metrics()
    epochs = [row for row in rows if row["kind"] == "epoch"]
    last: dict[str, Any] = epochs[-1] if epochs else {}
    test, train = last.get("test_accuracy"), last.get("train_eval_accuracy")
    result: Result = {
        "arm": planned.arm,
        "seed": planned.seed,
        "state": status["state"],
        "settings": _settings(planned),
        "test_accuracy": test,
        "test_n": last.get("test_n"),
        "train_accuracy": train,
        "train_n": last.get("train_eval_n"),
        "gap": None if test is None or train is None else round(train - test, 5),
        "train_loss": last.get("train_loss"),
        "stalled": _has_stalled(last),
        "parameters": cost.parameters,
        "forward_macs": cost.forward_macs,
        "seconds": round(status.get("seconds", 0.0), 2),
        "wall_seconds": round(took.wall_seconds, 2),
        "cpu_seconds": None if took.cpu_seconds is None else round(took.cpu_seconds, 2),
        "undisturbed": took.undisturbed,
        "epochs": [_rounded(row) for row in epochs],
        "curve": _curve(rows),
        "signal": signal_at_start(preset, recipe, config.seed, dataset.train).to_dict(),
        "dead_at_end": _dead_at_end(run, dataset),
        "hardware": status.get("hardware"),
        "device": status.get("device"),
        "threads": status.get("threads"),
        "bfloat16": status.get("bfloat16"),
        "data": status.get("data"),
        "when": datetime.now().astimezone().isoformat(timespec="seconds"),
    }
    if "error" in status:
        result["error"] = status["error"]
    write_json(run.path / "result.json", result)
    return result


def _settings(planned: Planned) -> dict[str, Any]:
    names = (
        "optimizer",
        "lr",
        "batch_size",
        "dropout",
        "init",
        "schedule",
        "logit_head",
        "pointwise",
        "head",
        "pooling",
    )
    config = planned.config.resolved()
    return {name: getattr(config, name) for name in names}


def _has_stalled(last: dict[str, Any]) -> bool:
    """Whether the network still guesses, after enough steps to have left the loss of ln 10."""
    if last.get("step", 0) < FIRST_LOOK:
        return False
    return last["train_loss"] > STALLED_ABOVE and last["test_accuracy"] < _GUESSED_ACCURACY


def _rounded(row: dict[str, Any]) -> dict[str, Any]:
    names = (
        "epoch",
        "step",
        "train_loss",
        "train_accuracy",
        "train_eval_accuracy",
        "test_accuracy",
        "test_n",
        "seconds",
    )
    return {name: round(row[name], 5) if isinstance(row[name], float) else row[name] for name in names if name in row}


def _curve(rows: list[dict[str, Any]]) -> list[list[float]]:
    """[step, mean loss] over as many equal stretches of the run as there are points."""
    steps = [(row["step"], row["loss"]) for row in rows if row["kind"] == "step" and row["loss"] is not None]
    size = max(1, -(-len(steps) // CURVE_POINTS))
    parts = [steps[start : start + size] for start in range(0, len(steps), size)]
    return [[part[-1][0], round(sum(loss for _, loss in part) / len(part), 5)] for part in parts]


def _dead_at_end(run: Run, dataset: Dataset) -> float | None:
    """Share of logits that are exactly 0 with the weights that the run came to; None where it came to none."""
    if not run.checkpoints():
        return None
    checkpoint = load_checkpoint(newest_checkpoint(run))
    found = signal_through(checkpoint.network(), network_input(dataset.test.images[:64].cpu(), checkpoint))
    return round(found.dead_logits, 4)


def drop_checkpoints(run: Run) -> None:
    """Of a run that is done only the newest weights stay: experiments have many runs."""
    checkpoints = run.checkpoints()
    for step, path in checkpoints.items():
        if step != max(checkpoints):
            path.unlink(missing_ok=True)
    for path in (run.path / "checkpoints").glob("optimizer-*.safetensors"):
        path.unlink(missing_ok=True)
