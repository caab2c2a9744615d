"""Marks on the charts: where something was changed, or happened, during a run."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from ui.base.text import t
from ui.charts.axis import Curve, place_of
from ui.charts.series import Row

MARKED = ("forked", "lr", "epochs", "resumed", "back", "stalled", "flat", "forgot", "exploded", "recovered", "diverged")
MARK_GAP = 0.03  # of the curve's width: as close together as two texts can be read
DRAG_SECONDS = 3.0  # changes of the learning rate closer to each other are one drag of the slider

Trace = dict[str, Any]


def marks(curve: Curve, axis: str = "steps") -> tuple[list[Trace], list[Trace]]:
    """Plotly shapes and annotations on a horizontal `axis`.

    One drag of a slider is one mark. Of marks too close to be read apart one text says all.
    """
    places = [(float(place_of(curve, row["step"], axis)), row) for row in without_drags(curve.series.events)]
    places = [(place, row) for place, row in places if math.isfinite(place)]
    close = MARK_GAP * float(place_of(curve, curve.series.steps.max(initial=0), axis))
    groups: list[list[tuple[float, Row]]] = []
    for place, row in places:
        if groups and place - groups[-1][0][0] <= close:
            groups[-1].append((place, row))
        else:
            groups.append([(place, row)])
    shapes: list[Trace] = []
    annotations: list[Trace] = []
    for group in groups:
        shapes += [
            {"type": "line", "x0": place, "x1": place, "y0": 0, "y1": 1, "yref": "paper"}
            for place in dict.fromkeys(place for place, _ in group)
        ]
        kinds = {row["what"] for _, row in group}
        annotations.append(
            {
                "x": group[-1][0],
                "y": 1,
                "yref": "paper",
                # That a fork goes on from its checkpoint goes without saying.
                "text": _text(row for _, row in group if not (row["what"] == "resumed" and "forked" in kinds)),
                "showarrow": False,
                "textangle": -90,
                "xanchor": "right",
                "yanchor": "top",
            }
        )
    return shapes, annotations


def _text(rows: Iterable[Row]) -> str:
    return " · ".join(dict.fromkeys(map(_text_of, rows)))


def _text_of(row: Row) -> str:
    if row.get("follow_schedule"):
        return t("train.mark_schedule")
    return t(f"train.mark_{row['what']}", lr=row.get("lr"), epochs=row.get("epochs"))


def without_drags(events: Iterable[Row]) -> list[Row]:
    """The events that are marked; of the rates that a slider was dragged over only the last."""
    kept: list[Row] = []
    for row in events:
        if row["what"] not in MARKED:
            continue
        before = kept[-1] if kept else None
        if before is not None and before["what"] == row["what"] == "lr":
            seconds = row.get("seconds", math.inf) - before.get("seconds", 0.0)
            if seconds < DRAG_SECONDS or row["step"] == before["step"]:
                kept.pop()
        kept.append(row)
    return kept
