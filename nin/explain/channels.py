"""What the maps of one layer are like, channel by channel: strength, sparsity, order, colour range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor

Array = np.ndarray[Any, Any]

ORDERS = ("index", "strongest", "varied", "silent-last")
SCALES = ("channel", "layer", "network")


@dataclass(frozen=True)
class ChannelStatistics:
    """Of one layer's maps for one image; every array has one entry per channel."""

    low: Array  # smallest value
    high: Array  # largest value
    deviation: Array  # standard deviation over the map
    zeros: Array  # share of values that are exactly 0

    @property
    def strength(self) -> Array:
        """Largest absolute value."""
        return np.maximum(np.abs(self.low), np.abs(self.high))

    @property
    def silent(self) -> Array:
        """Whether every value is 0: the channel says nothing about this image."""
        return self.strength == 0

    @property
    def sparsity(self) -> float:
        """Share of the layer's values that are exactly 0."""
        return float(self.zeros.mean())

    @property
    def is_signed(self) -> bool:
        return bool(self.low.min() < 0)


def as_maps(output: Tensor) -> Array:
    """One image's output, (1, C, H, W) or (1, C), as float32 (C, H, W); a logit is a map of one pixel."""
    maps = output[0].numpy()
    return maps if maps.ndim == 3 else maps.reshape(-1, 1, 1)


def statistics(maps: Array) -> ChannelStatistics:
    """Of (C, H, W); computed in float64."""
    flat = maps.reshape(len(maps), -1).astype(np.float64)
    return ChannelStatistics(flat.min(1), flat.max(1), flat.std(1), (flat == 0).mean(1))


def order(found: ChannelStatistics, how: str) -> Array:
    """Channel numbers in the order `how`, one of ORDERS; equals stay in the order of their numbers."""
    count = len(found.low)
    keys = {
        "index": np.zeros(count),
        "strongest": -found.strength,
        "varied": -found.deviation,
        "silent-last": found.silent,
    }
    return np.argsort(keys[how], kind="stable")


def colour_ranges(found: ChannelStatistics, scale: str, network: tuple[float, float]) -> Array:
    """(C, 2): for each channel the values at the two ends of the colours.

    `scale` is one of SCALES: each channel has its own range, all share the layer's, or all
    share that of `network`, the smallest and largest value of any layer, whichever is further
    from 0. Where there are negative values the range is symmetric, so that 0 is in the middle;
    otherwise it starts at 0.
    """
    top = {
        "channel": found.strength,
        "layer": np.full_like(found.high, found.strength.max()),
        "network": np.full_like(found.high, max(abs(value) for value in network)),
    }[scale]
    return np.stack([-top if found.is_signed else np.zeros_like(top), top], axis=1)


def histogram(maps: Array, bins: int = 48) -> tuple[Array, Array]:
    """How many of the values lie in each of `bins` equal parts of their range: counts, and the bins + 1 edges.

    Where all values are the same there is one part, without width.
    """
    low, high = float(maps.min()), float(maps.max())
    return np.histogram(maps.astype(np.float64), bins) if low < high else (np.array([maps.size]), np.array([low, high]))
