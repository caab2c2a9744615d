"""A select box whose options are called otherwise in another language, or from one moment to the next.

A browser knows an option by its label. When labels change, Streamlit does not tell it so, and
takes the label of before, which the browser goes on sending, for a value that nobody chose.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import streamlit as st

Option = TypeVar("Option")
_LAST = "chosen_last"  # in the session: by key what was chosen, and how it was called


def select(
    label: str,
    options: Sequence[Option],
    *,
    key: str,
    format_func: Callable[[Option], str],
    index: int = 0,
    **settings: Any,
) -> Option:
    """`st.selectbox` under `key`, which keeps what is chosen while labels change."""
    state = st.session_state
    last = state.setdefault(_LAST, {})
    if key in state:
        chosen = chosen_of(key, options, options[index])
        if state[key] != chosen or last.get(key) != (chosen, format_func(chosen)):
            state[key] = chosen  # said anew
        index = 0  # with any other Streamlit warns that two values were given
    chosen = st.selectbox(label, options, index, key=key, format_func=format_func, **settings)
    last[key] = (chosen, format_func(chosen))
    return chosen


def chosen_of(key: str, options: Sequence[Option], default: Option) -> Option:
    """What is chosen under `key`, or was before a browser sent a label that is none any more; else the `default`."""
    chosen = st.session_state.get(key, default)
    last, _ = st.session_state.get(_LAST, {}).get(key, (default, ""))
    return next((option for option in (chosen, last) if option in options), default)
