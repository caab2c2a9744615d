"""The book's network with an item going through it, by the shipped weights."""

from __future__ import annotations

import streamlit as st

from nin.paths import ROOT
from ui.base.messages import errors_as_messages
from ui.base.navigation import switch_to
from ui.base.text import t
from ui.train import actions

_WAIT_SECONDS = 0.3
_WEIGHTS = "classic"  # the network that the chapter builds
_STYLE = "<style>.st-key-network-overview { min-height: 17rem; }</style>"  # nothing below jumps when it comes


def network_overview() -> None:
    """Ten items to choose from, and what each stage makes of the chosen one; a click on a stage opens it in Layers."""
    st.header(t("welcome.network"))
    st.caption(t("welcome.network_about"))
    with st.container(key="network-overview"):
        st.html(_STYLE)
        if actions.torch_is_imported():
            st.fragment(_overview)()
        else:
            st.caption(t("welcome.loading"))
            st.fragment(_wait, run_every=_WAIT_SECONDS)()


def _wait() -> None:
    if actions.torch_is_imported():
        st.rerun()


@errors_as_messages()
def _overview() -> None:
    # These need torch, for which the page does not wait.
    from ui.base.item import current_item
    from ui.layers.journey import overview
    from ui.layers.subject import look
    from ui.welcome.items import choose_item

    choose_item()
    weights = ROOT / "weights" / f"{_WEIGHTS}.safetensors"
    if (stage := overview(look(current_item(), weights), key="welcome_network")) is not None:
        _open_in_layers(stage)


def _open_in_layers(stage: str) -> None:
    from ui.base.weights import KEY as WEIGHTS
    from ui.layers.place import place

    st.session_state[WEIGHTS] = f"shipped:{_WEIGHTS}"
    place().begin_at(stage)
    switch_to("pages/layers.py")
