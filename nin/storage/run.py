"""The run directory: the one interface between training and everything else.

    runs/<id>/
      config.json      what was asked; written once
      control.json     what is wanted now; replaced by whoever steers:
                       {"lr": 0.002, "paused": false, "stop": false, "epochs": 5}, and "follow_schedule": true
                       where that lr is the peak of the schedule rather than a rate set by hand
      status.json      what is; replaced by the training process
      metrics.jsonl    a line for each step, epoch and event; appended by the training process
      checkpoints/     step-000000.safetensors, ...
      label.json       the name, the note and the star that visitors gave it (nin.storage.label)
      log.txt          what the training process printed
      lock             held by the process that trains

Reading needs no torch, so a page can list a hundred runs at once. Every writer replaces
atomically or appends whole lines; every reader tolerates a half-written last line.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from nin.errors import RunError, SettingsError
from nin.model.architecture import Variant
from nin.paths import runs_directory
from nin.presets import (
    BATCH_SIZE_RANGE,
    EPOCHS_RANGE,
    LR_RANGE,
    Preset,
    Recipe,
    check_range,
    preset_named,
    recipe_named,
)
from nin.storage.files import read_json, write_json
from nin.storage.metrics import MetricsTail
from nin.storage.process_id import REMOTE_HEARTBEAT_SECONDS, is_alive

ACTIVE = ("queued", "starting", "running", "paused")
FINAL = ("done", "stopped", "failed", "interrupted")


# Fields of a run's configuration that take the place of the recipe's, and those that vary the preset's network.
RECIPE_SETTINGS = (
    "optimizer", "lr", "epochs", "batch_size", "init", "dropout", "logit_head", "weight_decay", "schedule", "momentum",
    "label_smoothing", "augment",
)  # fmt: skip
VARIANT_SETTINGS = ("pointwise", "head", "pooling")


@dataclass(frozen=True)
class RunConfig:
    """What was asked. Fields left at None take the recipe's value; `resolved` fills them in."""

    preset: str = "classic"
    recipe: str = "tuned"
    optimizer: str | None = None
    lr: float | None = None
    epochs: int | None = None
    batch_size: int | None = None
    train_size: int | None = None  # only the first so many training images
    test_size: int | None = None  # only the first so many test images
    seed: int = 0
    device: str = "auto"
    data: str | None = None  # directory of the data set; None: the best source there is
    weights: str | None = None  # what to start from: a name, a file or a run directory; None: fresh weights
    # The network's variation (nin.model.architecture.Variant), which no recipe has.
    pointwise: int | None = None
    head: str | None = None
    pooling: str | None = None
    # More of the recipe.
    init: str | None = None
    dropout: float | None = None
    logit_head: bool | None = None
    weight_decay: float | None = None
    schedule: str | None = None
    momentum: float | None = None
    label_smoothing: float | None = None
    augment: str | None = None
    fork_of: str | None = None  # the run that this one goes on from, by its name (nin.storage.fork)
    fork_step: int | None = None  # the step of that run at which it left it

    def __post_init__(self) -> None:
        for name, bounds in (("lr", LR_RANGE), ("epochs", EPOCHS_RANGE), ("batch_size", BATCH_SIZE_RANGE)):
            if (value := getattr(self, name)) is not None:
                check_range(name, value, bounds)
        if self.train_size is not None:
            check_range("train_size", self.train_size, (10, 60_000))
        if self.test_size is not None:
            check_range("test_size", self.test_size, (10, 10_000))
        check_range("seed", self.seed, (0, 2**31 - 1))
        if self.fork_step is not None:
            check_range("fork_step", self.fork_step, (0, 2**53))
        self.network_recipe()

    def network_recipe(self) -> tuple[Preset, Recipe]:
        """The network and the recipe with this run's own settings in them."""
        preset = preset_named(self.preset)
        recipe = recipe_named(self.recipe, preset)
        own = {name: value for name in RECIPE_SETTINGS if (value := getattr(self, name)) is not None}
        variant = Variant(**{name: getattr(self, name) for name in VARIANT_SETTINGS})
        return replace(preset, architecture=variant.of(preset.architecture)), replace(recipe, **own)

    def resolved(self) -> RunConfig:
        _, recipe = self.network_recipe()
        return replace(self, **{name: getattr(recipe, name) for name in RECIPE_SETTINGS})

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> RunConfig:
        names = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in values.items() if name in names})


@dataclass(frozen=True)
class Wanted:
    """The control file: None where it says nothing."""

    lr: float | None = None
    epochs: int | None = None
    paused: bool = False
    stop: bool = False
    follow_schedule: bool = False  # `lr` is the schedule's peak again, rather than a rate that is held from now on

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Wanted:
        """Raises SettingsError for a value that cannot be."""
        lr, epochs = values.get("lr"), values.get("epochs")
        if lr is not None:
            check_range("lr", lr, LR_RANGE)
        if epochs is not None:
            check_range("epochs", epochs, EPOCHS_RANGE)
            if epochs != int(epochs):
                raise SettingsError("epochs is {epochs}: choose a whole number", epochs=epochs)
            epochs = int(epochs)
        follows = bool(values.get("follow_schedule")) and lr is not None
        return replace(cls.switches(values), lr=lr, epochs=epochs, follow_schedule=follows)

    @classmethod
    def switches(cls, values: dict[str, Any]) -> Wanted:
        """What cannot be wrong, whatever else the file says."""
        return cls(paused=bool(values.get("paused")), stop=bool(values.get("stop")))


class Run:
    """A run directory, read and steered; once training has begun, its process alone writes status and metrics."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Run) and self.path == other.path

    def __hash__(self) -> int:
        return hash(self.path)

    @property
    def id(self) -> str:
        return self.path.name

    @property
    def exists(self) -> bool:
        return (self.path / "config.json").is_file()

    @property
    def metrics_path(self) -> Path:
        return self.path / "metrics.jsonl"

    @property
    def log_path(self) -> Path:
        return self.path / "log.txt"

    @classmethod
    def create(cls, config: RunConfig, path: Path | None = None) -> Run:
        """A new directory with its config and control files; RunError if it already holds a run.

        One that never came to train (it was refused, or killed while it started) has nothing to lose, and
        makes room.
        """
        config = config.resolved()
        path = path or new_directory(config)
        former = cls(path)
        if former.exists:
            if former.is_active or former.checkpoints() or former.metrics():
                raise RunError(
                    "{path} already holds a run: name another directory, or add --resume to go on with it", path=path
                )
            for file in (former.path / "status.json", former.metrics_path, former.log_path):
                file.unlink(missing_ok=True)
        path.mkdir(parents=True, exist_ok=True)
        write_json(path / "control.json", {"lr": config.lr, "paused": False, "stop": False, "epochs": config.epochs})
        created = datetime.now().astimezone().isoformat(timespec="seconds")
        write_json(path / "config.json", {**asdict(config), "created": created})
        return cls(path)

    def config(self) -> RunConfig:
        values = read_json(self.path / "config.json")
        if not values:
            raise RunError("{path} holds no run: its config.json is missing or damaged", path=self.path)
        try:
            return RunConfig.from_dict(values)
        except TypeError as error:
            raise RunError("{path} is damaged ({error})", path=self.path / "config.json", error=error) from error

    @property
    def created(self) -> str:
        return read_json(self.path / "config.json").get("created", "")

    def status(self) -> dict[str, Any]:
        """The status file, with a state that is true: a run whose process is gone is interrupted."""
        status = read_json(self.path / "status.json")
        status.setdefault("state", "starting" if self._is_new() else "interrupted")
        if status["state"] in ACTIVE and "pid" in status and not is_alive(status):
            # Read again: the process may have ended well between the two looks.
            status = {**status, **read_json(self.path / "status.json")}
            if status["state"] in ACTIVE:
                status["state"] = "interrupted"
        return status

    @property
    def state(self) -> str:
        return self.status()["state"]

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE

    @property
    def is_taken(self) -> bool:
        """Whether a process has it in hand; a run that was only just created has none yet."""
        return (self.path / "status.json").exists() and self.is_active

    def _is_new(self) -> bool:
        try:  # a clock that was set back makes nothing new
            age = time.time() - (self.path / "config.json").stat().st_mtime
            return abs(age) < REMOTE_HEARTBEAT_SECONDS
        except OSError:
            return False

    def wanted(self) -> Wanted:
        """What the control file says; SettingsError where that cannot be."""
        return Wanted.from_dict(read_json(self.path / "control.json"))

    def switches(self) -> Wanted:
        """Only whether a pause or a stop is wanted, told also where the rest of the file is unusable."""
        return Wanted.switches(read_json(self.path / "control.json"))

    @property
    def wants_stop(self) -> bool:
        return self.switches().stop

    def steer(self, **changes: Any) -> None:
        """Change what is wanted: lr, epochs, paused, stop, follow_schedule. SettingsError leaves all as it was.

        A learning rate is held from now on; with `follow_schedule=True` it is the peak of the schedule, which the
        run follows again as if nothing had been set by hand.
        """
        Wanted.from_dict(changes)
        wanted = {**read_json(self.path / "control.json"), **changes}
        if "lr" in changes and not changes.get("follow_schedule"):
            wanted.pop("follow_schedule", None)
        write_json(self.path / "control.json", wanted)

    def metrics(self) -> list[dict[str, Any]]:
        return MetricsTail(self.metrics_path).news()[1]

    def checkpoints(self) -> dict[int, Path]:
        """The weights on disk by step, in order."""
        found = {}
        for path in (self.path / "checkpoints").glob("step-*.safetensors"):
            number = path.stem.removeprefix("step-")
            if number.isdecimal():
                found[int(number)] = path
        return dict(sorted(found.items()))

    def checkpoint_path(self, step: int) -> Path:
        return self.path / "checkpoints" / f"step-{step:06d}.safetensors"

    def optimizer_path(self, step: int) -> Path:
        """Where the optimizer's state of a checkpoint lies, if it was kept (nin.storage.resume_point)."""
        return self.path / "checkpoints" / f"optimizer-{step:06d}.safetensors"

    def has_optimizer(self, step: int) -> bool:
        """Whether what goes on from the checkpoint of `step` does so as if nothing had been."""
        return self.optimizer_path(step).is_file()


def new_directory(config: RunConfig) -> Path:
    """Where a run of `config` that is begun now has its files; its name sorts by time."""
    return runs_directory() / f"{datetime.now().astimezone():%Y%m%d-%H%M%S}-{config.preset}-{uuid4().hex[:4]}"


def run_named(which: str | Path) -> Run:
    """The run of that name, among those that the app shows, or in that directory; RunError if there is none."""
    for path in (runs_directory() / which, Path(which)):
        if Run(path).exists:
            return Run(path)
    raise RunError(
        "there is no run {which!r}: give the name of one in {folder}, or its directory",
        which=str(which),
        folder=runs_directory(),
    )


def no_checkpoint(run: Run, step: int) -> RunError:
    """What to raise where a checkpoint is asked for that is not there (any more)."""
    return RunError(
        "run {run} has no checkpoint of step {step}: choose one of {choices}",
        run=run.id,
        step=step,
        choices=", ".join(map(str, run.checkpoints())),
    )


def all_runs(directory: Path | None = None) -> list[Run]:
    """Every run, the newest first."""
    directory = directory or runs_directory()
    paths = [path.parent for path in directory.glob("*/config.json")]
    return [Run(path) for path in sorted(paths, key=lambda path: path.name, reverse=True)]
