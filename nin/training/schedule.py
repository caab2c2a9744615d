"""The learning rate over a run, and what happens to it when somebody moves the slider."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

WARM_UP = 0.2  # share of the run over which "one-cycle" climbs
START = 0.1  # of the peak, where it climbs from


def constant(progress: float) -> float:
    return 1.0


def one_cycle(progress: float) -> float:
    if progress < WARM_UP:
        return START + (1 - START) * progress / WARM_UP
    # Down to a thousandth rather than to nothing, so that a last step still does something.
    return max(0.5 * (1 + math.cos(math.pi * (progress - WARM_UP) / (1 - WARM_UP))), 1e-3)


# Learning rate as a share of its peak, over the progress of a run.
SHAPES: dict[str, Callable[[float], float]] = {"constant": constant, "one-cycle": one_cycle}


class Schedule:
    """Learning rate as a function of progress (0 at the first step, 1 after the last).

    A rate that is set by hand holds from that moment on, exactly; afterwards it anneals as the
    rest of the schedule would, and never rises above what was set.
    """

    def __init__(self, kind: str, lr: float) -> None:
        self._shape = SHAPES[kind]
        self.wanted = lr  # as last asked for: the peak, or what was set by hand
        self._shape_when_set: float | None = None  # None until somebody sets the rate by hand

    def at(self, progress: float) -> float:
        shape = self._shape(progress)
        if self._shape_when_set is None:
            return self.wanted * shape
        return self.wanted * min(1.0, shape / self._shape_when_set)

    def set(self, lr: float, progress: float) -> None:
        self.wanted = lr
        self._shape_when_set = self._shape(progress)

    def follow(self, lr: float) -> None:
        """Let go of a rate that was set by hand: from now on as if the peak had been `lr` from the start."""
        self.wanted, self._shape_when_set = lr, None

    @property
    def is_set_by_hand(self) -> bool:
        return self._shape_when_set is not None

    def state(self) -> dict[str, Any]:
        return {"lr": self.wanted, "shape_when_set": self._shape_when_set}

    def restore(self, state: dict[str, Any]) -> None:
        self.wanted, self._shape_when_set = state["lr"], state["shape_when_set"]
