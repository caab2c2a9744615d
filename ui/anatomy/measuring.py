"""Measurements that a visitor asked for: done in the background by a process of their own, kept for all visitors."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import streamlit as st

from nin.anatomy.largest_batch import LargestBatch, confirmed_largest_batch
from nin.anatomy.measurement import MeasuredMemory, MeasuredSeconds, MemoryQuestion, measured_memory, measured_seconds
from nin.model.cost import NetworkCost
from ui.base.jobs import Job, is_ready
from ui.base.request import request
from ui.base.text import t

Found = TypeVar("Found")


@st.cache_resource(max_entries=32, show_spinner=False)
def memory_job(question: str, attempt: int, _question: MemoryQuestion) -> Job[MeasuredMemory | None]:
    return Job(lambda: measured_memory(_question))


@st.cache_resource(max_entries=16, show_spinner=False)
def batch_job(
    question: str, attempt: int, memory_bytes: int, _cost: NetworkCost, _question: MemoryQuestion
) -> Job[LargestBatch | None]:
    return Job(lambda: confirmed_largest_batch(_cost, _question, memory_bytes))


@st.cache_resource(max_entries=16, show_spinner=False)
def seconds_job(
    networks: str, attempt: int, batch_size: int, _networks: dict[str, dict[str, Any]]
) -> Job[MeasuredSeconds | None]:
    return Job(lambda: measured_seconds(_networks, batch_size))


def on_request(
    tool: str, what: Hashable, label: str, job: Callable[[int], Job[Found | None]], *, able: bool = True
) -> Found | None:
    """What this visitor's press of a button brings; None until then, with the button or a progress bar.

    `what` tells one question from another: one that is no longer on the page is given up. `job` gets the
    number of the attempt.
    """
    key = f"anatomy_asked_{tool}"
    about, attempt = st.session_state.get(key, (None, 0))
    running = job(attempt) if about == what else None
    request(f"anatomy_{tool}").follow(*([] if running is None else [running]))
    found = None
    if running is not None:
        was_done = running.is_done
        if is_ready(running, lambda share: t(f"anatomy.{tool}_progress", share=share)):
            found = running.latest
        if not was_done:
            return found
    st.button(
        label if running is None else t("anatomy.again"),
        key=f"anatomy_ask_{tool}",
        icon=":material/speed:",
        type="secondary" if running is None else "tertiary",
        disabled=not able,
        on_click=st.session_state.update,
        args=({key: (what, attempt + 1)},),
    )
    return found
