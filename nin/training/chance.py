"""Everything random in a run, as a function of its seed and of where the run is.

A run that was restored from a checkpoint therefore sees the images, in the order and with the
augmentation, that it would have seen; and so does each of several processes that share a run.
"""

from __future__ import annotations

import torch
from torch import Tensor

_ORDER, _STEP = 0, 1  # streams of random numbers that never meet


def epoch_order(seed: int, epoch: int, images: int) -> Tensor:
    """int64 (images,): the order in which epoch number `epoch` goes through the data."""
    generator = torch.Generator().manual_seed(_mix(seed, _ORDER, epoch))
    return torch.randperm(images, generator=generator)


def step_seed(seed: int, step: int) -> int:
    """What a step's augmentation and dropout are drawn from."""
    return _mix(seed, _STEP, step)


def _mix(seed: int, stream: int, counter: int) -> int:
    """A seed of its own for each use and each step (splitmix64's finaliser)."""
    z = (seed * 0x9E3779B97F4A7C15 + stream * 0xD1B54A32D192ED03 + counter * 0x94D049BB133111EB) & (2**64 - 1)
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & (2**64 - 1)
    return (z ^ (z >> 31)) & (2**63 - 1)
