"""Which data is used, said in one line; and the download of the full set, at the press of a button."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import streamlit as st

from nin.data.download import fetch
from nin.data.fashion_mnist import find_source
from nin.errors import DataError
from ui.base.text import plain, t

_SAMPLE_COUNTS, _FULL_COUNTS = (10_000, 2_000), (60_000, 10_000)


def image_counts(source: str) -> tuple[int, int]:
    """Training and test images of a source, without reading it."""
    return _SAMPLE_COUNTS if source == "sample" else _FULL_COUNTS


@dataclass
class Download:
    """A download under way; one per server. A thread writes, pages read."""

    share: float = 0.0
    running: bool = False
    error: str | None = None
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
            self.error = str(error)
        finally:
            self.running = False


@st.cache_resource(show_spinner=False)
def _download() -> Download:
    return Download()


def data_line() -> None:
    """Says which images are used; offers the full set where only the sample is there."""
    source = find_source()
    train, test = image_counts(source)
    st.caption(t(f"data.{source}", train=f"{train:,}", test=f"{test:,}"))
    if source == "sample":
        download = _download()
        st.fragment(_download_button, run_every=1.0 if download.running else None)(download)


def _download_button(download: Download) -> None:
    if download.running:
        st.progress(download.share, text=t("data.downloading", share=f"{download.share:.0%}"))
        st.session_state.was_downloading = True
        return
    if st.session_state.pop("was_downloading", False):
        st.rerun()
    if download.error:
        st.warning(plain(download.error), icon=":material/cloud_off:")
    if st.button(t("data.fetch"), key="fetch_data", icon=":material/download:", width="stretch"):
        download.start()
        st.rerun()
