"""What moves on a page is drawn by one timer.

Each run of a fragment costs the server a dozen messages to every visitor before anything is
drawn in it, and it costs what trains on the same cores. So the sidebar's status and a page's
curves are parts of one fragment, which draws them in the places that they were given.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.scriptrunner import get_script_run_ctx

from ui.base.messages import errors_as_messages

_KEY = "live"


class Live:
    """The live parts of a page, as they are collected while it is drawn."""

    def __init__(self) -> None:
        self._parts: list[tuple[Callable[[], None], DeltaGenerator | None]] = []
        self._paces: list[float] = []

    def add(self, draw: Callable[[], None], seconds: float | None, *, place: DeltaGenerator | None = None) -> None:
        """Call `draw` at least every so many `seconds`; with None only when something asks for it.

        What `draw` writes goes into `place`, where it may find nothing to say for now. Without
        `place` it has to write into its places each time.
        """
        self._parts.append((draw, place))
        if seconds is not None:
            self._paces.append(seconds)

    def start(self) -> None:
        st.fragment(self._draw, run_every=min(self._paces, default=None), key=_KEY)()

    def _draw(self) -> None:
        for draw, place in self._parts:
            with errors_as_messages(), place or nullcontext():
                if place is not None:
                    # Streamlit refuses a container that a fragment left empty when the page was last drawn whole.
                    st.empty()
                draw()


def draw_again(*fragments: str) -> None:
    """For callbacks: the live parts and these fragments follow what was changed.

    A widget in a fragment has nothing else drawn. One outside has the whole page drawn: asked
    for fragments alone, Streamlit would clear the page's timers and start none, and all that is
    live would stand still.
    """
    context = get_script_run_ctx()
    if context is not None and context.fragment_ids_this_run:
        st.rerun([*fragments, _KEY])
