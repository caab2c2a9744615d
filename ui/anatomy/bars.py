"""Bars that lie on their side: shares that add up to a whole, or amounts beside each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from nin.model.cost import KINDS
from ui.base.text import t

# Told apart by people who confuse red and green, on light pages and on dark ones.
KIND_COLOURS = {"spatial": "#2a8fd4", "pointwise": "#e69f00", "dense": "#cc79a7"}
PLAIN, SEEN = "#2a8fd4", "#009e73"  # what is worked out, and what was measured
INK = {"light": "#1d2129", "dark": "#e6e8ec"}  # as the pages' text
_BAR = 42  # pixels of height for each bar
_OTHER = {"displayModeBar": False}


@dataclass(frozen=True)
class Bar:
    name: str
    value: float
    text: str
    colour: str = PLAIN


def amounts(bars: Sequence[Bar], *, key: str) -> None:
    """Each amount a bar of its own, on one scale that begins at 0."""
    trace = {
        "type": "bar", "orientation": "h", "x": [bar.value for bar in bars], "y": [bar.name for bar in bars],
        "text": [bar.text for bar in bars], "marker": {"color": [bar.colour for bar in bars]},
        "textposition": "outside", "cliponaxis": False, "hoverinfo": "skip",
    }  # fmt: skip
    most = max((bar.value for bar in bars), default=0) or 1
    _chart([trace], key, rows=len(bars), x={"visible": False, "range": [0, most * 1.35]}, legend=False)


def by_kind(
    rows: Mapping[str, Mapping[str, int]], *, key: str, share: bool, texts: Mapping[str, str] | None = None
) -> None:
    """For each name a bar of parts, one a kind of layer: as shares of their sum, or as they are."""
    names, traces = list(rows), []
    sums = {name: sum(parts.values()) or 1 for name, parts in rows.items()}
    for kind in KINDS:
        values = [rows[name].get(kind, 0) / (sums[name] if share else 1) for name in names]
        if not any(values):
            continue
        said = [f"{value:.1%}" if share and value > 0.12 else "" for value in values]
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": t(f"anatomy.kind_{kind}"),
                "x": values,
                "y": names,
                "text": said,
                "textposition": "inside",
                "insidetextanchor": "middle",
                "textangle": 0,
                "marker": {"color": KIND_COLOURS[kind]},
                "hovertemplate": "%{x:.2%}" if share else "%{x:,}",
            }
        )
    if texts is not None:
        most = max(sums.values())
        traces.append(
            {
                "type": "scatter",
                "mode": "text",
                "x": [sums[name] for name in names],
                "y": names,
                "text": [f" {texts[name]}" for name in names],
                "textposition": "middle right",
                "showlegend": False,
                "hoverinfo": "skip",
                "cliponaxis": False,
            }
        )
        x: dict[str, Any] = {"visible": False, "range": [0, most * 1.6]}
    else:
        x = {"visible": False, "range": [0, 1]}
    _chart(traces, key, rows=len(names), x=x, legend=True)


def _chart(traces: list[dict[str, Any]], key: str, *, rows: int, x: dict[str, Any], legend: bool) -> None:
    import plotly.graph_objects as go

    ink = INK["dark" if st.context.theme.type == "dark" else "light"]
    layout = {
        "font": {"color": ink, "size": 13},
        "barmode": "stack", "height": rows * _BAR + (96 if legend else 30), "showlegend": legend, "bargap": 0.35,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8}, "dragmode": False, "hovermode": "closest",
        "legend": {"orientation": "h", "y": 0, "yanchor": "top", "x": 0, "traceorder": "normal"},
        "xaxis": {"fixedrange": True, **x},
        "yaxis": {"autorange": "reversed", "fixedrange": True, "automargin": True, "ticksuffix": "  ", "tickfont": {"color": ink}},
    }  # fmt: skip
    st.plotly_chart(go.Figure(traces, layout), key=key, config=_OTHER)
