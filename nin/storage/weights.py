"""Named weights: `weights/<name>.safetensors` with a card that says what they are.

The card (`<name>.json`) holds the preset, the recipe, the data, the measured accuracy and how
the weights were made. Wherever weights are asked for, a name on this shelf, the name of weights
that somebody brought, a file and a run directory (its newest checkpoint) will do.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nin.errors import Message, RunError, WeightsError
from nin.paths import ROOT
from nin.presets import Preset
from nin.storage.brought_weights import brought_path
from nin.storage.files import read_json, write_json
from nin.storage.run import VARIANT_SETTINGS, Run, RunConfig

if TYPE_CHECKING:
    from torch import Tensor

    from nin.storage.checkpoint import Checkpoint

SHELF = ROOT / "weights"


@dataclass(frozen=True)
class Card:
    """What is known of weights; `values` is the whole JSON file."""

    name: str
    values: dict[str, Any]

    @property
    def test_accuracy(self) -> float | None:
        return self.values.get("test_accuracy")


def shelf() -> dict[str, Card]:
    """The cards of the shipped weights by name."""
    paths = sorted(SHELF.glob("*.safetensors"))
    return {path.stem: Card(path.stem, read_json(path.with_suffix(".json"))) for path in paths}


def find_weights(which: str | Path) -> Path:
    """The file behind a name on the shelf, or of weights that were brought, a path, or a run directory; WeightsError if none."""
    path = Path(which)
    for named in (SHELF / f"{which}.safetensors", brought_path(f"{which}")):
        if named.is_file():
            return named
    if path.is_file():
        return path
    if (path / "config.json").is_file():
        return newest_checkpoint(Run(path))
    names = ", ".join(shelf()) or Message("none are installed")
    raise WeightsError(
        "there are no weights {weights!r}: name a file, a run directory or one of: {names}",
        weights=str(which),
        names=names,
    )


def fitting_weights(which: str, preset: Preset) -> dict[str, Tensor]:
    """The tensors of weights for a run of `preset` to start from; RunError where they belong to another network.

    They may have been trained at another input size: no layer depends on it.
    """
    import torch

    from nin.model.network import NiN
    from nin.storage.checkpoint import load_checkpoint

    checkpoint = load_checkpoint(find_weights(which))
    with torch.device("meta"):
        expected = NiN(preset.architecture).state_dict()
    found = {name: tensor.shape for name, tensor in checkpoint.tensors.items()}
    if found != {name: tensor.shape for name, tensor in expected.items()}:
        raise RunError(
            "the weights {weights!r} do not fit the network {network}: they are those of {other}; choose that network, or other weights",
            weights=which,
            network=preset.name,
            other=checkpoint.preset,
        )
    return checkpoint.tensors


def newest_checkpoint(run: Run) -> Path:
    return run.checkpoint_path(newest_step(run))


def newest_step(run: Run) -> int:
    """The step of its latest weights; WeightsError where there are none yet."""
    checkpoints = run.checkpoints()
    if not checkpoints:
        raise WeightsError("run {run} has no weights yet: wait for its first step", run=run.id)
    return max(checkpoints)


def detector_path(weights: Path) -> Path:
    """Where the detector lies that reads the features of `weights` (see `nin.classify.clothing_detector`)."""
    return weights.parent / "detectors" / weights.name


def write_card(weights: Path, values: dict[str, Any]) -> None:
    write_json(weights.with_suffix(".json"), values)


def publish(run: Run, file: Path) -> None:
    """Copy a run's newest weights to `file`, with a card of what the run measured beside it.

    The tensors alone and their description: what only a resumed run needs stays behind.
    """
    from nin.storage.checkpoint import load_checkpoint, save_checkpoint

    checkpoint = load_checkpoint(newest_checkpoint(run))
    save_checkpoint(replace(checkpoint, extra={}), file)
    detector_path(file).unlink(missing_ok=True)  # it belonged to the weights that were there before
    values = card_values(run, checkpoint)
    write_card(file, {**values, "command": f"{values['command']} --save-weights {file.name}"})


def card_values(run: Run, checkpoint: Checkpoint) -> dict[str, Any]:
    """What is known of a run and of its weights in `checkpoint`: settings, what was measured, on what, the command."""
    config, status = run.config(), run.status()
    rows = run.metrics()
    epochs = [row for row in rows if row["kind"] == "epoch"]
    # Weights of a run that was stopped within an epoch have not been measured.
    measured = epochs[-1] if epochs and epochs[-1]["step"] == checkpoint.step else {}
    return {
        "preset": checkpoint.preset,
        "input_size": checkpoint.architecture.input_size,
        "logit_head": checkpoint.architecture.logit_head,
        **{name: value for name in VARIANT_SETTINGS if (value := getattr(config, name)) is not None},
        "recipe": config.recipe,
        "optimizer": config.optimizer,
        "lr": config.lr,
        "batch_size": config.batch_size,
        "seed": config.seed,
        "started_from": _last_part(config.weights),
        "forked_from": config.fork_of and {"run": config.fork_of, "step": config.fork_step},
        "epochs": len(epochs),
        "steps": checkpoint.step,
        "data": status.get("data"),
        # What was moved by hand on the way: the command alone would not give these weights then.
        "changes": [row for row in rows if row["kind"] == "event" and row["what"] in ("lr", "epochs")],
        "device": status.get("device"),
        "hardware": status.get("hardware"),
        "threads": status.get("threads"),
        "bfloat16": status.get("bfloat16"),
        "seconds": round(status.get("seconds", 0.0), 1),
        "test_accuracy": measured.get("test_accuracy"),
        "test_n": measured.get("test_n"),
        "diagnosis": _trouble(status, checkpoint.step),
        "command": command_of(config),
    }


def _trouble(status: dict[str, Any], step: int) -> dict[str, Any] | None:
    """What was wrong with the run when it came to these weights (see `nin.training.diagnosis`)."""
    found = status.get("diagnosis")
    return found if found and step >= found["step"] else None


def command_of(config: RunConfig) -> str:
    """What to type for the same run again; of directories only the last part, which is no secret."""
    config = config.resolved()
    usual = RunConfig(preset=config.preset, recipe=config.recipe).resolved()
    words = [f"python -m nin train --preset {config.preset} --recipe {config.recipe}"]
    words += [f"--epochs {config.epochs} --lr {config.lr:g} --seed {config.seed}"]
    shown = ("preset", "recipe", "epochs", "lr", "seed", "data", "weights", "device", "fork_of", "fork_step")
    for name in (field.name for field in fields(config) if field.name not in shown):
        if (value := getattr(config, name)) != getattr(usual, name):
            option = name.replace("_", "-")
            words.append(
                f"--{option} {value}" if not isinstance(value, bool) else f"--{'' if value else 'no-'}{option}"
            )
    for name in ("data", "weights"):
        if (value := getattr(config, name)) is not None:
            words.append(f"--{name} {_last_part(value)}")
    if config.fork_of is not None:
        words.append(f"--fork-of {config.fork_of} --fork-step {config.fork_step}")
    return " ".join(words)


def _last_part(path: str | None) -> str | None:
    return None if path is None else Path(path).name
