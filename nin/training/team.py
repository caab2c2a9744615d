"""Several processes, on one machine or on many, that train one network together.

    torchrun --nproc-per-node 2 -m nin train ...

torchrun starts the processes, DistributedDataParallel adds up their gradients. The process of
rank 0 is the one that any single training is: it keeps the run directory and obeys the
control file. The others, its followers, hold the same network and data, read no files of the
run, and take the steps that rank 0 announces. The batch of the configuration is the global
one; each process works on its share of it, so that the result is that of one process.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from nin.data import dataset
from nin.engine.device import Engine, be_polite, choose_engine, use_all_cores
from nin.errors import LabError, RunError, SettingsError
from nin.storage.run import RunConfig
from nin.training.step import Stepper
from nin.training.trainer import Trainer

# Followers wait while rank 0 is paused, queued or evaluating.
PATIENCE = timedelta(days=30)
CPU = torch.device("cpu")


class Team:
    """The processes that share a training, as one of them sees it. Use `gather` to make one."""

    def __init__(self) -> None:
        self.rank, self.size = dist.get_rank(), dist.get_world_size()
        self._awaited = "start"  # what the followers are waiting for: "start", "order" or "gradients"

    def engine(self, device: str) -> Engine:
        """This process's own engine: of several GPUs of a machine, each process has one."""
        engine = choose_engine(device)
        if engine.device.type == "cuda":
            engine = choose_engine(f"cuda:{os.environ.get('LOCAL_RANK', '0')}")
        # DistributedDataParallel exchanges gradients while they are being computed, which is not recorded.
        return replace(engine, graph=False)

    def check(self, batch_size: int) -> None:
        if batch_size % self.size:
            raise SettingsError(
                f"a batch of {batch_size} cannot be shared by {self.size} processes: choose a multiple of {self.size}"
            )

    def wrap(self, network: nn.Module) -> DistributedDataParallel:
        # There are no running statistics: buffers are constants, the same in every process.
        return DistributedDataParallel(network, broadcast_buffers=False)

    def share(self, batch: Tensor) -> Tensor:
        """This process's part of a tensor that has a row for each image of the global batch."""
        own = len(batch) // self.size
        return batch[self.rank * own : (self.rank + 1) * own]

    def average(self, values: Tensor) -> None:
        """Replace `values` by their mean over all processes."""
        dist.all_reduce(values)
        values /= self.size
        self._awaited = "order"  # nothing else is exchanged in a step

    # --- rank 0 tells the others: the run's start, then every step ------------------------------

    def begin(self, config: RunConfig, trainer: Trainer) -> None:
        """Give the followers the run and its present state."""
        self.check(trainer.batch_size)
        checkpoint = trainer.checkpoint()
        start = {
            "config": asdict(config),
            "images": len(trainer.train.labels),
            "data_source": trainer.data_source,
            "checkpoint": replace(checkpoint, tensors=_on_cpu(checkpoint.tensors)),
            "optimizer": _on_cpu(trainer.optimizer_tensors()),
        }
        dist.broadcast_object_list([start], src=0, device=CPU)
        self._awaited = "order"

    def announce(self, trainer: Trainer) -> None:
        """Let the followers take the step that `trainer` is about to take."""
        _broadcast_order(1, trainer.lr, trainer.epochs)
        self._awaited = "gradients"

    def dismiss(self) -> None:
        """Let the followers end. In the middle of a step they cannot be told; they notice."""
        if self._awaited == "order":
            _broadcast_order(0, 0.0, 0)
        elif self._awaited == "start":
            dist.broadcast_object_list([None], src=0, device=CPU)

    # --- the others listen ----------------------------------------------------------------------

    def await_start(self) -> dict[str, Any] | None:
        start: list[dict[str, Any] | None] = [None]
        dist.broadcast_object_list(start, src=0, device=CPU)
        return start[0]

    def await_order(self) -> tuple[float, int] | None:
        """Learning rate and epochs of the next step; None when there is none to come."""
        go, lr, epochs = _broadcast_order(0, 0.0, 0)
        return (lr, int(epochs)) if go else None


def _broadcast_order(go: int, lr: float, epochs: int) -> list[float]:
    order = torch.tensor([go, lr, epochs], dtype=torch.float64)
    dist.broadcast(order, src=0)
    return order.tolist()


def _on_cpu(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.cpu() for name, tensor in tensors.items()}


@contextmanager
def gather() -> Iterator[Team | None]:
    """Meet the other processes that torchrun started; None where this one is alone."""
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield None
        return
    backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"
    dist.init_process_group(backend, timeout=PATIENCE)
    team = Team()
    try:
        yield team
    finally:
        if team.rank == 0:
            team.dismiss()
        dist.destroy_process_group()


def follow() -> int:
    """Take the steps that rank 0 announces, until it says that there are no more; returns an exit status."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # a stop is rank 0's to make, between two steps
    be_polite()
    use_all_cores()
    try:
        with gather() as team:
            if team is None:
                raise RunError("a follower needs others to follow: start several processes with torchrun")
            start = team.await_start()
            if start is not None:
                _follow(team, start)
    except LabError as error:
        print(f"nin: {error}", file=sys.stderr)
        return 1
    return 0


def _follow(team: Team, start: dict[str, Any]) -> None:
    config = RunConfig.from_dict(start["config"])
    preset, recipe = config.network_recipe()
    trainer = Trainer(
        preset,
        recipe,
        dataset.as_begun(dataset.load(config.data), start["data_source"]),
        engine=team.engine(config.device),
        seed=config.seed,
        train_size=config.train_size,
        team=team,
    )
    if len(trainer.train.labels) != start["images"]:
        raise RunError(
            f"process {team.rank} has {len(trainer.train.labels):,} training images and process 0 has "
            f"{start['images']:,}: give every machine the same data set"
        )
    trainer.restore(start["checkpoint"], start["optimizer"])
    stepper = Stepper(trainer)
    while (order := team.await_order()) is not None:
        lr, trainer.epochs = order
        deque(stepper.take(lr), maxlen=0)
        # Nobody asks for its losses, but on a GPU they keep it from running ahead without end.
        trainer.readout.advance(time.perf_counter, hurry=False)
        deque(trainer.readout.read(), maxlen=0)
