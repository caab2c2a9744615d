"""Which data is used, said in one line; and the download of the full set, at the press of a button."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import streamlit as st

from nin.data.download import fetch
from nin.data.fashion_mnist import find_source, image_counts
from nin.errors import DataError, Message
from ui.base.controls import control
from ui.base.text import plain, t
from ui.base.text.errors import said
from ui.train.next_run import IMAGES


@dataclass
class Download:
    """A download under way; one per server. A thread writes, pages read."""

    share: float = 0.0
    running: bool = False
    error: Message | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> None:
        with self._lock:  # two visitors may press the button
            if not self.running:
                self.share, self.running, self.error = 0.0, True, None
                threading.Thread(target=self._fetch, daemon=True).start()

    def _fetch(self) -> None:
        try:
            fetch(on_progress=lambda share: setattr(self, "share", share))
        except DataError as error:
            self.error = error.message
        finally:
            self.running = False


@st.cache_resource(show_spinner=False)
def _download() -> Download:
    return Download()


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
        download = _download()
        st.fragment(_download_button, run_every=1.0 if download.running else None)(download)


def _source(images: str) -> str:
    return "sample" if images == "sample" else find_source()


def _download_button(download: Download) -> None:
    if download.running:
        st.progress(download.share, text=t("data.downloading", share=f"{download.share:.0%}"))
        st.session_state.was_downloading = True
        return
    if st.session_state.pop("was_downloading", False):
        st.rerun()
    if download.error:
        st.warning(plain(said(download.error)), icon=":material/cloud_off:")
    if st.button(t("data.fetch"), key="fetch_data", icon=":material/download:", width="stretch"):
        download.start()
        st.rerun()
