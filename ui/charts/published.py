"""The published training tables, as curves beside those of runs."""

from __future__ import annotations

import json
from functools import cache
from itertools import accumulate
from typing import Any

from nin.paths import ROOT
from ui.base.text import t
from ui.charts.layout import Trace

PUBLISHED_IMAGES = 60_000  # an epoch
REFERENCES = ROOT / "data" / "published_results.json"


@cache
def references() -> dict[str, dict[str, Any]]:
    """The published training tables that have a figure for each epoch, by id."""
    tables = json.loads(REFERENCES.read_text(encoding="utf-8"))["training_tables"]
    return {table["id"]: table for table in tables if "epochs" in table}


def reference_trace(table_id: str, axis: str = "epochs") -> Trace:
    """The published test accuracy per epoch. Its seconds are those of the machine that it was published for."""
    table = references()[table_id]
    places = list(accumulate(row["seconds"] for row in table["epochs"])) if axis == "seconds" else None
    images = PUBLISHED_IMAGES if axis == "images" else 1
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": places or [row["epoch"] * images for row in table["epochs"]],
        "y": [row["test_acc"] for row in table["epochs"]],
        "name": t("train.published"),
        "line": {"color": "#888888", "width": 2, "dash": "dot"},
        "marker": {"symbol": "diamond"},
        "hovertemplate": t("train.published") + "<br>%{y:.1%}<extra></extra>",
    }
