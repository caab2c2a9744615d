"""Links between pages."""

from __future__ import annotations

import streamlit as st


def link(path: str, label: str, icon: str) -> None:
    """The way to another page, with what the address says besides the page: the run that is in hand."""
    st.page_link(path, label=label, icon=icon, query_params=st.query_params.to_dict())
