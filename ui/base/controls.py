"""Settings that the visitor moves, and so may this program: a recipe, a run that is adopted, parts to switch off.

A browser goes on sending what a control showed until it hears that this has changed, and Streamlit
takes that for the visitor's hand: it would be set back to a value that nobody chose. So a control
whose setting is changed here becomes another one, under another key, and what the browser still
sends of the old one concerns nothing. While something trains the browser sends all the time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

_REVISIONS = "control_revisions"  # in the session: how often each setting was changed here


def show(**settings: Any) -> None:
    """Change these settings, as their controls show them from now on."""
    state = st.session_state
    revisions = state.setdefault(_REVISIONS, {})
    for name, value in settings.items():
        if name in state and state[name] != value:
            revisions[name] = revisions.get(name, 0) + 1
        state[name] = value


def show_anew() -> None:
    """The same settings in other words, of another language: a browser knows an option by its label."""
    state = st.session_state
    state[_REVISIONS] = {name: turn + 1 for name, turn in state.get(_REVISIONS, {}).items()}


def control(
    name: str,
    widget: Callable[..., Any],
    *arguments: Any,
    on_change: Callable[[], None] | None = None,
    **options: Any,
) -> None:
    """Draw the `widget` that moves the setting `name`, and call `on_change` when the visitor has moved it."""
    st.session_state.setdefault(_REVISIONS, {}).setdefault(name, 0)
    key = _key(name)
    st.session_state.setdefault(key, st.session_state[name])
    with st.container(key=name):
        widget(*arguments, key=key, persist_state="session", on_change=_moved, args=(name, key, on_change), **options)


def _key(name: str) -> str:
    return f"{name}-{st.session_state.get(_REVISIONS, {}).get(name, 0)}"


def _moved(name: str, key: str, on_change: Callable[[], None] | None) -> None:
    state = st.session_state
    if key == _key(name):
        state[name] = state[key]
    else:  # moved in the moment in which it was changed elsewhere, too: the visitor's hand was the last
        show(**{name: state[key]})
    if on_change is not None:
        on_change()
