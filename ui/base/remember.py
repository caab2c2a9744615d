"""What a visitor has set or brought outlives a reload: their browser keeps it, for this tab and no other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from ui.base.component import component

_GIVEN_BACK = "remembered"  # in the session: the names of what was restored

_component = component("remember", '<span class="remember"></span>', keeps=True)


def remember(name: str, value: Any, restore: Callable[[Any], None]) -> None:
    """Have the browser keep `value`, plain JSON.

    With None this session has none of its own yet, and `restore` gets what was kept before it, where
    there is anything. It must doubt that: a browser can be made to send whatever one likes.
    """
    key = f"remember_{name}"

    def back() -> None:
        given = st.session_state.setdefault(_GIVEN_BACK, set())
        kept = st.session_state[key]["kept"]
        if kept is not None and name not in given:  # a message may be answered twice, when another comes meanwhile
            given.add(name)
            restore(kept)

    _component(data={"name": name, "value": value}, key=key, on_kept_change=back)
