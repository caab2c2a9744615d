"""What can be done with the open layer beyond looking at it: one tool at a time."""

from __future__ import annotations

import streamlit as st

from ui.base import address
from ui.base.messages import errors_as_messages
from ui.base.text import t
from ui.layers.maps import OpenLayer
from ui.layers.subject import Subject
from ui.layers.tools.ablation import ablation
from ui.layers.tools.compare import side_by_side
from ui.layers.tools.downloads import downloads
from ui.layers.tools.filters import filter_view
from ui.layers.tools.timelapse import time_lapse
from ui.layers.tools.top_images import top_images

TOOLS = {
    "exciting": top_images,
    "filters": filter_view,
    "timelapse": time_lapse,
    "ablation": ablation,
    "compare": side_by_side,
    "download": downloads,
}

_FIRST, _ADDRESS = "exciting", "tool"


@st.fragment
def layer_tools(subject: Subject, layer: OpenLayer, channel: int) -> None:
    """The tools' own fragment: what happens in one of them draws nothing else again."""
    with st.container(key="layer-tools"), errors_as_messages():
        st.header(t("layers.tools"))
        given = address.given(_ADDRESS)
        st.session_state.setdefault("layers_tool", given if given in TOOLS else _FIRST)
        tool = st.pills(
            t("layers.tools"),
            list(TOOLS),
            key="layers_tool",
            required=True,
            persist_state="session",
            format_func=lambda name: t(f"layers.tool_{name}"),
            label_visibility="collapsed",
        )
        address.show(_ADDRESS, tool=None if tool == _FIRST else tool)
        st.caption(t(f"layers.tool_{tool}_about"))
        TOOLS[tool](subject, layer, channel)
