"""Losses on their way from the device to the host.

Asking a GPU for a number after each step would make it idle until the next one is launched. So
the losses of a few steps travel together, while the next steps are already being worked on.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from nin.training.records import Step

STEPS_TOGETHER = 8
UNDER_WAY = 1  # batches of losses; the host waits before it runs ahead of the device any further


@dataclass(frozen=True)
class _Taken:
    step: int
    epoch: int
    lr: float
    images: int
    measured: Tensor  # (2,): loss and accuracy, on the device


@dataclass(frozen=True)
class _Sent:
    steps: list[_Taken]
    values: Tensor  # (steps, 2), on the host once `copied` has happened
    copied: torch.cuda.Event | None


class LossReader:
    """Takes measurements in and gives `Step` records out, in order, when they have arrived."""

    def __init__(self) -> None:
        self._taken: list[_Taken] = []
        self._sent: deque[_Sent] = deque()
        self._arrived: deque[Step] = deque()
        self._arrived_at = 0.0
        self.last_step = 0  # that has arrived
        self.diverged: tuple[int, float] | None = None  # step and learning rate at the first loss that is not finite

    def restart(self, step: int, seconds: float) -> None:
        """The next step's rate counts from `seconds`: what came before was no training."""
        self.last_step, self._arrived_at = step, seconds

    def add(self, step: int, epoch: int, lr: float, images: int, measured: Tensor) -> None:
        """`measured` holds loss and accuracy; it may be overwritten afterwards."""
        self._taken.append(_Taken(step, epoch, lr, images, measured.clone()))

    def waiting_since(self, seconds: float) -> float:
        """How long nothing has arrived."""
        return seconds - self._arrived_at

    def advance(self, now: Callable[[], float], *, hurry: bool) -> None:
        """Send what was added, if it is enough or in a `hurry`, and take in what has arrived.

        `now` tells the seconds of training so far.
        """
        if self._taken and (hurry or len(self._taken) >= STEPS_TOGETHER):
            self._send()
        while self._sent and (len(self._sent) > UNDER_WAY or _has_arrived(self._sent[0])):
            self._take_in(self._sent.popleft(), now)

    def settle(self, now: Callable[[], float]) -> None:
        """Wait until everything that was added has arrived."""
        if self._taken:
            self._send()
        while self._sent:
            self._take_in(self._sent.popleft(), now)

    def read(self) -> Iterator[Step]:
        """Give out what has arrived, each record once."""
        while self._arrived:
            yield self._arrived.popleft()

    def _send(self) -> None:
        steps, self._taken = self._taken, []
        values = torch.stack([taken.measured for taken in steps])
        copied = None
        if values.device.type == "cuda":
            host = torch.empty(values.shape, pin_memory=True)
            values = host.copy_(values, non_blocking=True)
            copied = torch.cuda.Event(blocking=True)  # the waiting host sleeps instead of spinning
            copied.record()
        self._sent.append(_Sent(steps, values, copied))

    def _take_in(self, sent: _Sent, now: Callable[[], float]) -> None:
        if sent.copied is not None:
            sent.copied.synchronize()
        seconds, images = now(), sum(taken.images for taken in sent.steps)
        rate = images / max(seconds - self._arrived_at, 1e-9)
        self._arrived_at = seconds
        for taken, (loss, accuracy) in zip(sent.steps, sent.values.tolist(), strict=True):
            if not math.isfinite(loss) and self.diverged is None:
                self.diverged = (taken.step, taken.lr)
            if self.diverged is None:
                self._arrived.append(Step(taken.step, taken.epoch, loss, accuracy, taken.lr, rate, seconds))
            self.last_step = taken.step


def _has_arrived(sent: _Sent) -> bool:
    return sent.copied is None or sent.copied.query()
