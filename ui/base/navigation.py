"""Ways between pages."""

from __future__ import annotations

import streamlit as st

from ui.base import address, language

SHARED = "sidebar"  # what the address says on every page


def link(path: str, label: str, icon: str) -> None:
    """The way to another page, with what the address says besides the page."""
    st.page_link(path, label=label, icon=icon, query_params=_shared())


def switch_to(path: str) -> None:
    """Open another page, as its link does."""
    st.switch_page(path, query_params=_shared())


def _shared() -> dict[str, str]:
    return address.parts_of(SHARED) | address.parts_of(language.ADDRESS)
