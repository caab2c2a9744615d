"""A curve small enough for the sidebar, as a line of SVG: no library, no flicker."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ui.charts.layout import COLOURS
from ui.charts.loss import HIGHEST_AXIS
from ui.charts.series import Series
from ui.charts.smoothing import running_mean, thin

_WIDTH, _HEIGHT = 260, 56


@lru_cache(maxsize=16)
def sparkline(series: Series) -> str:
    """An SVG image of the smoothed losses, from zero up; made once for all visitors."""
    # What exploded is cut off, or all else would lie flat under it.
    losses = series.losses.clip(max=HIGHEST_AXIS)
    values = running_mean(losses, max(1, min(20, len(series.losses) // 4)))
    x, y = thin(np.arange(len(values), dtype=float), values, _WIDTH)
    top = max(y)
    points = " ".join(
        f"{_WIDTH * a / max(x[-1], 1):.1f},{2 + (_HEIGHT - 4) * (1 - b / top):.1f}" for a, b in zip(x, y, strict=True)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}">'
        f'<polyline points="{points}" fill="none" stroke="{COLOURS[0]}" stroke-width="2"/></svg>'
    )
