"""What a visitor asked a tool to work out: it stays as asked while the run that the weights are from trains on."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ui.base.jobs import Job
from ui.base.text import t
from ui.layers.subject import Network, Subject


class Asked:
    """One visitor's request to one tool: which network it is about, and the jobs that answer it."""

    def __init__(self) -> None:
        self._network: Network | None = None
        self._jobs: tuple[Job[Any], ...] = ()

    def ask(self, network: Network) -> None:
        self._network = network

    def about(self, subject: Subject) -> Network | None:
        """The network that was asked about: that of `subject`, or what it was earlier in its training."""
        asked = self._network
        return asked if asked is not None and asked.origin == subject.network.origin else None

    def follow(self, *jobs: Job[Any]) -> None:
        """Have these done; those before them are given up, unless other visitors wait for them, too."""
        for job in jobs:
            job.hold()
        for job in self._jobs:
            job.let_go()
        self._jobs = jobs


@st.cache_resource(scope="session", show_spinner=False, on_release=Asked.follow)
def asked(tool: str) -> Asked:
    """Kept here and not in the session's state, in which networks would outlive the visitor's tab."""
    return Asked()


def offer_newest(tool: str, network: Network, subject: Subject) -> None:
    """Says which weights were asked about, with a button for the newest, where training has gone on since."""
    if network.weights != subject.weights:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(t("layers.asked_at", step=network.checkpoint.step), width="content")
            st.button(
                t("layers.asked_again"),
                key=f"{tool}_again",
                icon=":material/refresh:",
                on_click=asked(tool).ask,
                args=(subject.network,),
            )
