"""Weights of one's own, brought to the lab: a file that the book's code, this lab or its export has written."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from nin.errors import LabError, Message
from nin.storage.brought_weights import LARGEST, bring
from ui.base.messages import show_error
from ui.base.text import t

_KINDS = ["safetensors", "params", "pt", "pth"]
_PROBLEM = "bring_weights_problem"  # in the session: by place what is wrong with the last file


def bring_weights(place: str, on_brought: Callable[[str], None]) -> None:
    """A file to choose; `on_brought` is called with the name under which `nin.storage` knows the weights from now on.

    `place` tells apart where in the app it stands.
    """
    key = f"bring-weights-file-{place}"
    with st.popover(t("weights.bring"), icon=":material/upload_file:", key=f"bring-weights-{place}"):
        st.caption(t("weights.bring_about"))
        st.file_uploader(
            t("weights.bring_file"),
            type=_KINDS,
            max_upload_size=LARGEST,
            key=key,
            on_change=_take,
            args=(key, place, on_brought),
        )
        problem = st.session_state.get(_PROBLEM, {}).get(place)
        if problem is not None:
            show_error(problem)


def _take(key: str, place: str, on_brought: Callable[[str], None]) -> None:
    problems: dict[str, Message] = st.session_state.setdefault(_PROBLEM, {})
    problems.pop(place, None)
    file = st.session_state[key]
    if file is None:
        return
    try:
        on_brought(bring(file.name, file.getvalue()))
    except LabError as error:
        problems[place] = error.message
