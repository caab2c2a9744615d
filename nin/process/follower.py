"""A training in several processes: rank 0 leads, the others take the steps that it announces (`nin.training.team`)."""

from __future__ import annotations

import signal
import sys
import time
from collections import deque
from dataclasses import asdict, replace
from typing import Any

from torch import Tensor

from nin.data import dataset as data
from nin.engine.device import be_polite, use_all_cores
from nin.engine.self_check import check_engine
from nin.errors import LabError, RunError
from nin.process.stop_signal import SIGNALS
from nin.storage.run import RunConfig
from nin.training.step import Stepper
from nin.training.team import Team, gather
from nin.training.trainer import Trainer


def lead(team: Team, config: RunConfig, trainer: Trainer) -> None:
    """In the process of rank 0: let the others begin where `trainer` stands; SettingsError for a batch that
    cannot be shared out among them.
    """
    team.check(trainer.batch_size)
    checkpoint = trainer.checkpoint()
    team.begin(
        {
            "config": asdict(config),
            "images": len(trainer.train.labels),
            "data_source": trainer.data_source,
            "checkpoint": replace(checkpoint, tensors=_on_cpu(checkpoint.tensors)),
            "optimizer": _on_cpu(trainer.optimizer_tensors()),
        }
    )


def _on_cpu(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.cpu() for name, tensor in tensors.items()}


def follow() -> int:
    """Take the steps that rank 0 announces, until it says that there are no more; returns an exit status."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)  # a stop is rank 0's to make, between two steps
    be_polite()
    use_all_cores()
    try:
        with gather() as team:
            if team is None:
                raise RunError("a follower needs others to follow: start several processes with torchrun")
            start = team.await_start()
            if start is not None:
                _take_announced_steps(team, _trainer_from(team, start))
    except LabError as error:
        print(f"nin: {error}", file=sys.stderr)
        return 1
    return 0


def _trainer_from(team: Team, start: dict[str, Any]) -> Trainer:
    """This process's copy of rank 0's trainer; RunError where its data set is another one."""
    config = RunConfig.from_dict(start["config"])
    preset, recipe = config.network_recipe()
    trainer = Trainer(
        preset,
        recipe,
        data.as_begun(data.load(config.data), start["data_source"]),
        engine=check_engine(team.engine(config.device), preset.architecture, may_leave=False).engine,
        seed=config.seed,
        train_size=config.train_size,
        team=team,
    )
    if len(trainer.train.labels) != start["images"]:
        raise RunError(
            "process {rank} has {here:,} training images and process 0 has {there:,}: give every machine the same data set",
            rank=team.rank,
            here=len(trainer.train.labels),
            there=start["images"],
        )
    trainer.restore(start["checkpoint"], start["optimizer"])
    return trainer


def _take_announced_steps(team: Team, trainer: Trainer) -> None:
    stepper = Stepper(trainer)
    while (order := team.await_order()) is not None:
        lr, trainer.epochs = order
        stepper.take(lr)
        # Nobody asks for its losses, but reading them keeps a GPU from being sent work without end.
        trainer.loss_reader.advance(time.perf_counter, hurry=False)
        deque(trainer.loss_reader.read(), maxlen=0)
