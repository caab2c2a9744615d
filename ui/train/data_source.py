"""Which data is used, said in one line; and the download of the full set, at the press of a button."""

from __future__ import annotations

import streamlit as st

from nin.data.download import fetch_in_parts
from nin.data.fashion_mnist import find_source, image_counts
from ui.base.controls import control
from ui.base.jobs import Job, is_ready
from ui.base.text import t
from ui.train.next_run import IMAGES


def choose_data(*, disabled: bool) -> None:
    """The full set or the sample where both are there; else which images are used, and how to get the rest."""
    source = find_source()
    if source != "sample":
        control(
            "images",
            st.selectbox,
            t("data.label"),
            list(IMAGES),
            disabled=disabled,
            format_func=lambda name: t(f"data.images_{name}", n=f"{image_counts(_source(name))[0]:,}"),
            help=t("data.label_help"),
        )
    source = _source(st.session_state.images)
    train, test = image_counts(source)
    st.caption(t(f"data.{source}", train=f"{train:,}", test=f"{test:,}"))
    if find_source() == "sample":
        _offer_the_full_set()


def _source(images: str) -> str:
    return "sample" if images == "sample" else find_source()


def _offer_the_full_set() -> None:
    download = _download()
    if download.is_begun:
        is_ready(download, lambda share: t("data.downloading", share=share))
    if not download.is_begun or download.is_done:
        st.button(
            t("data.fetch"), key="fetch_data", icon=":material/download:", width="stretch", on_click=_start_download
        )


def _start_download() -> None:
    if _download().is_done:  # it failed
        _download.clear()
    _download().hold()  # and never let go: it goes on when its visitor has left


@st.cache_resource(show_spinner=False)
def _download() -> Job[bool]:
    """One per server: two visitors may press the button."""
    return Job(lambda: ((share, True) for share in fetch_in_parts()))
