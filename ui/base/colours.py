"""The two colour scales for maps. In both of them dark is zero, on light pages and on dark ones.

A layer without negative values runs from dark to yellow (viridis). One with both signs runs
from blue through black to orange, so that 0 can be told from both sides. Both can be read by
people who confuse red and green.
"""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from typing import Any

import numpy as np
from plotly.colors import sequential

LEVELS = 256

# One for each class, the same wherever classes are drawn as lines; told apart by people who confuse red and green.
CLASS_COLOURS = (
    "#0b77c5", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#8a63d2", "#9a6324", "#808080", "#a3a500",
)  # fmt: skip

GREY = np.arange(LEVELS, dtype=np.uint8).repeat(3).reshape(LEVELS, 3)  # for pictures: a brightness each
_SIGNED_STOPS = ("#8fd3ff", "#2e86de", "#123c69", "#0b0b10", "#7a3208", "#f0812b", "#ffe0a3")


@cache
def table(*, signed: bool) -> np.ndarray[Any, Any]:
    """uint8 (256, 3): the colours from the lowest value to the highest."""
    stops = _SIGNED_STOPS if signed else sequential.Viridis
    rgb = np.array([_rgb(stop) for stop in stops], dtype=np.float64)
    at = np.linspace(0, len(rgb) - 1, LEVELS)
    channels = [np.interp(at, np.arange(len(rgb)), rgb[:, channel]) for channel in range(3)]
    return np.stack(channels, axis=1).round().astype(np.uint8)


def levels(values: np.ndarray[Any, Any], low: Any, high: Any) -> np.ndarray[Any, Any]:
    """Which of the 256 colours each value has; `low` and `high` broadcast against `values`."""
    low, high = np.asarray(low, np.float64), np.asarray(high, np.float64)
    span = np.where(high > low, high - low, 1)
    return np.clip(np.rint((values - low) / span * (LEVELS - 1)), 0, LEVELS - 1).astype(np.uint8)


def encode(array: np.ndarray[Any, Any]) -> str:
    """The array's bytes in base64, as the components' scripts read them."""
    return b64encode(np.ascontiguousarray(array).tobytes()).decode()


def _rgb(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))
