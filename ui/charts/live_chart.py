"""A chart that is updated in place, for curves that grow while somebody looks at them.

st.plotly_chart is mounted anew whenever its data change, and a zoom is lost; st.echarts_chart
replaces its whole option. This component hands new data to Plotly's own `react`, which keeps
the drawing and, through `uirevision`, what the visitor did to it.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import plotly
from streamlit.components.v1 import declare_component

from ui.base.component import component
from ui.base.text import foreign_words, t

HEIGHT = 370  # pixels

# Its style sheet is the page's: Plotly puts its own into the document's head.
_component = component(
    "live_chart", '<div class="live-chart"></div><div class="chart-files" hidden><span></span></div>'
)
_FILES_HEIGHT = 28  # pixels, of the line under a chart that saves it


def figure(
    traces: list[dict[str, Any]], layout: dict[str, Any], *, name: str, label: str, height: int = HEIGHT
) -> bytes:
    """Plotly `traces` and `layout` as they travel, so that a figure can be made once for many visitors.

    `name` is that of the files which the browser makes of it, PNG or SVG, without asking anybody; `label` is what it
    is called by what reads the page aloud.

    Plotly's own words are in the language of the visitor for whom it is made. Colours of text, grid and marks follow
    each visitor's theme. `layout["uirevision"]` decides whether a zoom is kept: as long as it is the same.
    """
    content = {
        "traces": traces,
        "layout": layout,
        "height": height,
        "name": name,
        "label": label,
        "save_as": t("train.save_chart"),
        "plotly_url": _plotly_url(),
        "words": foreign_words("plotly"),
    }
    return json.dumps(content, separators=(",", ":"), allow_nan=False).encode()


def live_chart(figure: bytes, *, key: str, height: int = HEIGHT) -> None:
    """Draw a figure; one that is the same as before costs the browser nothing."""
    # Bytes are passed on as they are; anything else Streamlit would write as JSON twice a visitor.
    _component(data=figure, key=key, width="stretch", height=height + _FILES_HEIGHT)


@cache
def _plotly_url() -> str:
    """Where the browser finds Plotly, from the app's own root: in the installed package, whose folder Streamlit serves.

    The page alone knows where that root is: a proxy may show the app below a path of which the server hears nothing.
    """
    bundle = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    served = declare_component("plotly", path=bundle.parent)
    return f"component/{served.name}/{bundle.name}?{plotly.__version__}"
