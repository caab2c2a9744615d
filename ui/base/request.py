"""What a visitor asked to have worked out: it stays as asked while the run that the weights are from trains on."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Generic, Protocol, TypeVar

import streamlit as st

from ui.base.jobs import Job
from ui.base.text import t


class Weights(Protocol):
    """Weights as they were read once, light enough to be kept: their file may be gone by now."""

    @property
    def origin(self) -> Hashable:
        """Where they come from: the same while a run trains on."""

    @property
    def name(self) -> Hashable:
        """What tells them from all other weights."""

    @property
    def step(self) -> int:
        """Of the training that made them."""


Held = TypeVar("Held", bound=Weights)


class Request(Generic[Held]):
    """One visitor's request to one tool: with which weights, and the jobs that answer it."""

    def __init__(self) -> None:
        self._weights: Held | None = None
        self._jobs: tuple[Job[Any], ...] = ()

    def ask(self, weights: Held) -> None:
        self._weights = weights

    def about(self, newest: Held) -> Held | None:
        """The weights that were asked about: the newest, or what they were earlier in their training."""
        asked = self._weights
        return asked if asked is not None and asked.origin == newest.origin else None

    def held(self, newest: Held) -> Held:
        """`about`, for a tool that asks as soon as it is opened."""
        if self.about(newest) is None:
            self.ask(newest)
        return self._weights or newest

    def follow(self, *jobs: Job[Any]) -> None:
        """Have these done; those before them are given up, unless other visitors wait for them, too."""
        for job in jobs:
            job.hold()
        for job in self._jobs:
            job.let_go()
        self._jobs = jobs


@st.cache_resource(scope="session", show_spinner=False, on_release=Request.follow)
def request(tool: str) -> Request[Any]:
    """Kept here and not in the session's state, in which networks would outlive the visitor's tab."""
    return Request()


def offer_newest(tool: str, asked: Held, newest: Held) -> None:
    """Says which weights were asked about, with a button for the newest, where training has gone on since."""
    if asked.name != newest.name:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(t("weights.asked_at", step=f"{asked.step:,}"), width="content")
            st.button(
                t("weights.asked_again"),
                key=f"{tool}_again",
                icon=":material/refresh:",
                on_click=request(tool).ask,
                args=(newest,),
            )
