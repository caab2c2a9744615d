"""What the charts of runs have in common: colours, axes, legend."""

from __future__ import annotations

import tomllib
from typing import Any

from nin.paths import ROOT
from ui.base.text import t

# Those of all charts of the app.
COLOURS: tuple[str, ...] = tuple(
    tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]["chartCategoricalColors"]
)
DECIMALS = 4  # of what is drawn: a hundredth of a pixel, and a third of the bytes
FEW_POINTS = 3  # as many as need a marker to be seen

Trace = dict[str, Any]


def layout(x_title: str, y_title: str, revision: str, *, percent: bool = False) -> dict[str, Any]:
    """A layout that keeps the visitor's zoom as long as `revision` stays the same."""
    return {
        "uirevision": revision,
        "margin": {"l": 8, "r": 8, "t": 32, "b": 8},  # the toolbar lies above the curves
        "hovermode": "x unified",
        "showlegend": True,
        # Below the chart, where neither the toolbar nor a mark comes.
        "legend": {"orientation": "h", "y": -0.24, "yanchor": "top", "x": 0},
        "xaxis": {"title": {"text": x_title, "standoff": 4}, "autorangeoptions": {"include": [0, 1]}},
        "yaxis": {"title": {"text": y_title}, "rangemode": "tozero", "tickformat": ".0%" if percent else ""},
    }


def dots_on_top(traces: list[Trace]) -> list[Trace]:
    """In the order of drawing: what a fork has of its parent would vanish under the parent's own line."""
    return sorted(traces, key=lambda trace: trace["line"].get("dash") == "dot")


def with_rates(layout: dict[str, Any], *, logarithmic: bool) -> dict[str, Any]:
    """The same with a second vertical axis under the first, for learning rates: a zoom concerns both."""
    scale = (
        {"type": "log", "exponentformat": "power", "dtick": 1}
        if logarithmic
        else {"rangemode": "tozero", "exponentformat": "none"}
    )
    return {
        **layout,
        "hoversubplots": "axis",
        "legend": {**layout["legend"], "y": -0.17},
        "xaxis": {**layout["xaxis"], "anchor": "y2"},
        "yaxis": {**layout["yaxis"], "domain": [0.33, 1]},
        "yaxis2": {"title": {"text": t("train.rate_axis")}, "domain": [0, 0.23], "nticks": 4, **scale},
    }


def mode(points: int) -> str:
    """A line through one point would be no line."""
    return "lines+markers" if points <= FEW_POINTS else "lines"
