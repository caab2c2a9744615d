"""Curves as they are drawn: the mean around each point, and as few points as look like all of them."""

from __future__ import annotations

import numpy as np

MAX_POINTS = 1000


def running_mean(values: np.ndarray, window: int) -> np.ndarray:
    """Mean over `window` values around each (fewer at the ends), so that a peak stays where it was; same length."""
    if len(values) == 0:
        return values
    places, half = np.arange(len(values)), window // 2
    # Each window on its own: differences of running sums would lose all that follows a loss of 1e19.
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(values, half), 2 * half + 1)
    counts = np.minimum(places + half + 1, len(values)) - np.maximum(places - half, 0)
    return windows.sum(axis=1) / counts


def thin(x: np.ndarray, y: np.ndarray, limit: int = MAX_POINTS) -> tuple[list[float], list[float]]:
    """At most `limit` points that look like all of them: of each stretch its lowest and highest, and the last.

    Stretches are as long as a power of two: what is drawn of the past stays the same as a curve grows.
    """
    if len(x) <= limit:
        return x.tolist(), y.tolist()
    stretch = 2
    while 2 * -(-len(y) // stretch) >= limit:
        stretch *= 2
    whole = len(y) // stretch * stretch
    stretches = y[:whole].reshape(-1, stretch)
    starts = np.arange(0, whole, stretch)
    keep = [starts + stretches.argmin(axis=1), starts + stretches.argmax(axis=1), [len(y) - 1]]
    if whole < len(y):
        keep.append([whole + y[whole:].argmin(), whole + y[whole:].argmax()])
    kept = np.unique(np.concatenate(keep))
    return x[kept].tolist(), y[kept].tolist()
