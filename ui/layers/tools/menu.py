"""What can be done with the open layer beyond looking at it: one tool at a time."""

from __future__ import annotations

import streamlit as st

from ui.downloads import downloads
from ui.exemplar_gallery import exemplar_gallery
from ui.filter_view import filter_view
from ui.layer_maps import OpenLayer
from ui.lesion_lab import lesion_lab
from ui.shell import errors_as_messages
from ui.side_by_side import side_by_side
from ui.subject import Subject
from ui.time_lapse import time_lapse
from ui.words import t

TOOLS = {
    "exciting": exemplar_gallery,
    "filters": filter_view,
    "timelapse": time_lapse,
    "lesion": lesion_lab,
    "compare": side_by_side,
    "download": downloads,
}


@st.fragment
def layer_tools(subject: Subject, layer: OpenLayer, channel: int) -> None:
    """The tools' own fragment: what happens in one of them draws nothing else again."""
    with st.container(key="layer-tools"), errors_as_messages():
        st.subheader(t("layers.tools"))
        st.session_state.setdefault("layers_tool", "exciting")
        tool = st.pills(
            t("layers.tools"),
            list(TOOLS),
            key="layers_tool",
            required=True,
            persist_state="session",
            format_func=lambda name: t(f"layers.tool_{name}"),
            label_visibility="collapsed",
        )
        st.caption(t(f"layers.tool_{tool}_about"))
        TOOLS[tool](subject, layer, channel)
