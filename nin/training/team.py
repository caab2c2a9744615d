"""The processes, on one machine or on many, that train one network together.

    torchrun --nproc-per-node 2 -m nin train ...

torchrun starts the processes, DistributedDataParallel adds up their gradients. The process of
rank 0 leads: it is what any single training is, keeps the run directory and obeys the control
file. The others follow (`nin.process.follower`): they hold the same network and data, read no
files of the run, and take the steps that rank 0 announces. The batch of the configuration is
the global one; each process works on its share of it, so that the result is that of one process.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from enum import Enum
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from nin.engine.device import Engine, choose_engine
from nin.errors import SettingsError

# Followers wait while rank 0 is paused, queued or evaluating.
PATIENCE = timedelta(days=30)
CPU = torch.device("cpu")


class _Awaited(Enum):
    """What the followers are waiting for."""

    START = "the run and its state"
    ORDER = "the next step's order, or the end"
    GRADIENTS = "the gradients of the step under way"


class Team:
    """The processes that share a training, as one of them sees it. Use `gather` to make one."""

    def __init__(self) -> None:
        self.rank, self.size = dist.get_rank(), dist.get_world_size()
        self._awaited = _Awaited.START

    def engine(self, device: str) -> Engine:
        """This process's own engine: of several GPUs of a machine, each process has one."""
        engine = choose_engine(device)
        if engine.device.type == "cuda":
            engine = choose_engine(f"cuda:{os.environ.get('LOCAL_RANK', '0')}")
        # DistributedDataParallel exchanges gradients while they are being computed, which is not recorded.
        return replace(engine, graph=False)

    def check(self, batch_size: int) -> None:
        """Raise SettingsError where a batch cannot be shared out evenly."""
        if batch_size % self.size:
            raise SettingsError(
                "a batch of {batch_size} cannot be shared by {size} processes: choose a multiple of {size}",
                batch_size=batch_size,
                size=self.size,
            )

    # --- in a step ------------------------------------------------------------------------------

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

    # --- rank 0 leads: it tells the run's start, then every step, then the end ------------------

    def begin(self, start: dict[str, Any]) -> None:
        """Give the followers what they need to stand where rank 0 stands; anything that can be pickled."""
        dist.broadcast_object_list([start], src=0, device=CPU)
        self._awaited = _Awaited.ORDER

    @contextmanager
    def leading_step(self, lr: float, epochs: int) -> Iterator[None]:
        """Have the followers take the step that is taken in this context."""
        _broadcast_order(1, lr, epochs)
        self._awaited = _Awaited.GRADIENTS
        yield
        self._awaited = _Awaited.ORDER

    def dismiss(self) -> None:
        """Let the followers end. In the middle of a step they cannot be told; they notice."""
        if self._awaited is _Awaited.ORDER:
            _broadcast_order(0, 0.0, 0)
        elif self._awaited is _Awaited.START:
            dist.broadcast_object_list([None], src=0, device=CPU)

    # --- the others follow ----------------------------------------------------------------------

    def await_start(self) -> dict[str, Any] | None:
        """What rank 0 gave to `begin`; None when it ended before."""
        start: list[dict[str, Any] | None] = [None]
        dist.broadcast_object_list(start, src=0, device=CPU)
        return start[0]

    def await_order(self) -> tuple[float, int] | None:
        """Learning rate and epochs of the next step; None when there is none to come."""
        go, lr, epochs = _broadcast_order(0, 0.0, 0)
        return (lr, int(epochs)) if go else None


def _broadcast_order(go: int, lr: float, epochs: int) -> list[float]:
    """Rank 0's arguments, in every process."""
    order = torch.tensor([go, lr, epochs], dtype=torch.float64)
    dist.broadcast(order, src=0)
    return order.tolist()


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
