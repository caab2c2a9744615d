"""The learning rate of each step, under the loss: as it was, as it was set by hand, and as it will be."""

from __future__ import annotations

from typing import Any

import numpy as np

from nin.training.schedule import SHAPES, Schedule
from ui.base.text import t
from ui.charts.axis import Curve, place_of, shown_name
from ui.charts.layout import Trace, mode
from ui.charts.marks import without_drags
from ui.charts.smoothing import thin

AHEAD_POINTS = 64
AHEAD_SHARE = 0.3  # of what is done, that is shown of what is to come: a curve that has just begun is not squeezed
LEAST_AHEAD = 20  # steps
SIGNIFICANT = 4  # digits


def rates_ahead(
    kind: str, state: dict[str, Any] | None, step: int, steps: int, *, whole: bool
) -> tuple[tuple[int, float], ...]:
    """Steps to come of a run of `steps`, and the learning rate that its schedule has for each.

    `kind` is the schedule's, `state` what its run says of it in its status. All of them where the `whole` run is
    wanted, else some way ahead.
    """
    if state is None or kind not in SHAPES or step >= steps:
        return ()
    schedule = Schedule(kind, state["lr"])
    schedule.restore(state)
    last = steps if whole else min(steps, step + max(LEAST_AHEAD, int(AHEAD_SHARE * step)))
    places = np.unique(np.linspace(step, last, AHEAD_POINTS, dtype=int)).tolist()
    return tuple((place, float(f"{schedule.at(place / steps):.{SIGNIFICANT}g}")) for place in places)


def rate_traces(curve: Curve, axis: str) -> list[Trace]:
    """Learning rates on the second vertical axis: line, dots where it was set by hand, and dotted what is to come."""
    so_far, name = curve.series, shown_name(curve.name)
    style = {
        "type": "scatter",
        "yaxis": "y2",
        "legendgroup": curve.group,
        "name": name,
        "showlegend": False,
        "hovertemplate": t("train.rate_hover", name=name),
    }
    traces = []
    x = place_of(curve, so_far.steps, axis)
    known = np.isfinite(so_far.rates) & np.isfinite(x)
    if known.any():
        xs, ys = thin(x[known], so_far.rates[known])
        line = {"color": curve.colour, "width": 1.5}
        traces.append({**style, "mode": mode(len(xs)), "x": xs, "y": _short(ys), "line": line, "marker": {"size": 5}})
    changes = [row for row in without_drags(so_far.events) if row["what"] == "lr" and "lr" in row]
    set_by_hand = [row for row in changes if not row.get("follow_schedule")]
    places = [float(place_of(curve, row["step"], axis)) for row in set_by_hand]
    if places and np.isfinite(places).all():
        traces.append(
            {
                **style,
                "mode": "markers",
                "x": places,
                "y": [row["lr"] for row in set_by_hand],
                "marker": {"color": curve.colour, "size": 8, "symbol": "diamond"},
                "hovertemplate": t("train.rate_set_hover", name=name),
            }
        )
    if curve.rates_ahead and axis != "seconds":  # how long they will take nobody knows
        steps, rates = zip(*curve.rates_ahead, strict=True)
        traces.append(
            {
                **style,
                "mode": "lines",
                "x": place_of(curve, steps, axis).tolist(),
                "y": list(rates),
                "line": {"color": curve.colour, "width": 1.5, "dash": "dot"},
                "hovertemplate": t("train.rate_ahead_hover", name=name),
            }
        )
    return traces


def _short(rates: list[float]) -> list[float]:
    return [float(f"{rate:.{SIGNIFICANT}g}") for rate in rates]
