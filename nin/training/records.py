"""What `nin.training.fit.fit` yields: a record for everything that happens in a run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

LARGE_LOSS = 1000.0


def loss_text(loss: float, form: str = ".3f") -> str:
    """A loss for people: 0.432, 23.026, and 2.0e18 where one has exploded; `form` is how one of usual size is written."""
    return f"{loss:{form}}" if abs(loss) < LARGE_LOSS else f"{loss:.1e}".replace("e+", "e")


@dataclass(frozen=True)
class Step:
    """One optimizer step."""

    step: int
    epoch: int
    loss: float  # mean over the batch, before the step; with label smoothing where the recipe has it
    accuracy: float
    lr: float
    images_per_second: float
    seconds: float  # of training so far, pauses left out


@dataclass(frozen=True)
class Epoch:
    epoch: int
    step: int
    train_loss: float  # mean over the epoch's steps, while the weights were changing
    train_accuracy: float  # the same: mirrored images, dropout
    test_accuracy: float
    test_n: int  # test images that accuracy was measured on: the first so many
    seconds: float
    train_eval_accuracy: float  # on training images, measured as the test accuracy is
    train_eval_n: int  # training images that it was measured on


@dataclass(frozen=True)
class Event:
    step: int
    what: str
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Progress:
    """Nothing to record: a chance for the caller to act in the middle of something long."""

    phase: str  # "train" or "evaluate"
    done: int
    total: int


Record = Step | Epoch | Event | Progress
