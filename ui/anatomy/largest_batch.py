"""Which batch size fits into the memory at hand: worked out, and tried in a process that may die of it."""

from __future__ import annotations

import json

import streamlit as st

from nin.anatomy.largest_batch import predicted_largest_batch
from nin.anatomy.measurement import memory_at_hand
from nin.presets import BATCH_SIZE_RANGE
from ui.anatomy.measuring import batch_job, on_request
from ui.anatomy.memory import device, question
from ui.anatomy.settings import Chosen
from ui.base.text import listed, t
from ui.base.text.size import size

_GIB = 2**30
_KEY = "anatomy_memory"
_STEP = 0.1  # GiB


def largest_batch(chosen: Chosen) -> None:
    at_hand = memory_at_hand()
    if _KEY not in st.session_state:
        st.session_state[_KEY] = max(_STEP, round(at_hand / _GIB / 2, 1))
    with st.container(key="anatomy-fit"):
        gib = st.number_input(
            t("anatomy.fit_memory"), _STEP, 1024.0, step=_STEP, format="%.1f", key=_KEY, persist_state="session",
            width=220, help=t("anatomy.fit_memory_help", hand=size(at_hand)),
        )  # fmt: skip
        memory_bytes = int(gib * _GIB)
        asked = question(chosen, "train")
        counts = {
            what: predicted_largest_batch(chosen.cost, question(chosen, what), memory_bytes)
            for what in ("train", "predict")
        }
        st.markdown(
            t("anatomy.fit_predicted", memory=size(memory_bytes), **{what: _count(n) for what, n in counts.items()})
        )
        able = counts["train"] > 0 and memory_bytes <= at_hand and device() == "cpu"
        name = json.dumps(asked.to_dict(), sort_keys=True)
        found = on_request(
            "fit",
            (asked, memory_bytes),
            t("anatomy.fit_try", count=f"{counts['train']:,}"),
            lambda attempt: batch_job(name, attempt, memory_bytes, chosen.cost, asked),
            able=able,
        )
        if found is not None and found.memory is not None and found.memory.bytes is not None:
            st.success(
                t("anatomy.fit_found", count=f"{found.batch_size:,}", measured=size(found.memory.bytes)),
                icon=":material/check:",
            )
        elif found is not None:
            st.warning(t("anatomy.fit_none"), icon=":material/memory:")
        if found is not None and found.did_not_fit:
            st.caption(t("anatomy.fit_failed", counts=listed(map(_count, found.did_not_fit))))
        if memory_bytes > at_hand:
            st.caption(t("anatomy.fit_elsewhere", hand=size(at_hand)))


def _count(batch_size: int) -> str:
    """How many images; at the end of what this page tries it may be more."""
    return f"{batch_size:,}" + ("+" if batch_size == BATCH_SIZE_RANGE[1] else "")
