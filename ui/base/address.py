"""What is shown stands in the address: a reload of the page, or a friend who opens it, finds the same.

It is read when a tab is opened, and from then on written alone: a message that the browser sent before
it heard of a change would bring back an old one. It is replaced rather than added to the browser's
history, so that Back leads to the page before.
"""

from __future__ import annotations

import re

import streamlit as st

from ui.base.component import component

_OPENED_WITH, _PARTS = "address_opened_with", "address_parts"  # in the session
_ADDRESS = component("address", html="")


def given(name: str) -> str | None:
    """What the address said of `name` when this tab was opened."""
    return st.session_state.setdefault(_OPENED_WITH, st.query_params.to_dict()).get(name)


def given_number(name: str, most: int) -> int | None:
    """The whole number up to `most` that the address said; None for anything else."""
    text = given(name) or ""
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) and int(text) <= most else None


def show(place: str, **parts: str | None) -> None:
    """Have the address say these `parts`, which are told at one `place` of the app; one that is None is not in it."""
    st.session_state.setdefault(_PARTS, {})[place] = {name: part for name, part in parts.items() if part is not None}
    _ADDRESS(key=f"address-{place}", data=parts)


def parts_of(place: str) -> dict[str, str]:
    """What the address says now of what is told at `place`: what a link to another page takes along."""
    return st.session_state.get(_PARTS, {}).get(place, {})
