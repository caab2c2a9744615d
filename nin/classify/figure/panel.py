"""A picture in a figure, and which of several is meant."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nin.classify.findings import Box

Bytes = NDArray[np.uint8]

MEANT = 0.5  # of the area that a panel and a frame cover together: where more is common to both, the panel is meant


@dataclass(frozen=True)
class Panel:
    """A picture in a figure."""

    where: Box  # in the whole
    pixels: Bytes  # (28, 28), bright on black: what it shows
    colours: Bytes  # (h, w, 3): as it stands in the figure


def chosen_panel(panels: tuple[Panel, ...], frame: Box | None) -> Panel | None:
    """The first of the panels; with a frame the one that it is around, if it is around one."""
    if frame is None:
        return panels[0] if panels else None
    shares = [_shared(panel.where, frame) for panel in panels]
    best = max(shares, default=0.0)
    return panels[shares.index(best)] if best >= MEANT else None


def _shared(one: Box, other: Box) -> float:
    """Intersection over union."""
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    both = max(width, 0.0) * max(height, 0.0)
    areas = ((box.right - box.left) * (box.bottom - box.top) for box in (one, other))
    return both / (sum(areas) - both)


def in_order(panels: list[Panel]) -> tuple[Panel, ...]:
    """Those of about the largest size first, line by line; then the smaller ones."""

    def area(panel: Panel) -> float:
        return (panel.where.right - panel.where.left) * (panel.where.bottom - panel.where.top)

    largest = max((area(panel) for panel in panels), default=0.0)

    def place(panel: Panel) -> tuple[bool, float, float]:
        height = panel.where.bottom - panel.where.top
        return area(panel) < largest / 2, round(panel.where.top / max(height, 1e-6)), panel.where.left

    return tuple(sorted(panels, key=place))
