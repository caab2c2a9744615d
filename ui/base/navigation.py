"""Ways between pages."""

from __future__ import annotations

import streamlit as st

from ui.base import address, language

SHARED = "sidebar"  # what the address says on every page
_TO = "switch_to"  # in the session: the page to go to


def link(path: str, label: str, icon: str) -> None:
    """The way to another page, with what the address says besides the page."""
    st.page_link(path, label=label, icon=icon, query_params=_shared())


def switch_to(path: str) -> None:
    """Open another page, as its link does; to be called in a fragment.

    The whole page is drawn once more before it goes: Streamlit drops the state of widgets that the last run did
    not draw, and a fragment draws but its own.
    """
    st.session_state[_TO] = path
    st.rerun()


def follow_switch() -> None:
    """Go where `switch_to` was told to; to be called where the page has drawn the widgets that all pages share."""
    if (path := st.session_state.pop(_TO, None)) is not None:
        st.switch_page(path, query_params=_shared())


def _shared() -> dict[str, str]:
    return address.parts_of(SHARED) | address.parts_of(language.ADDRESS)
