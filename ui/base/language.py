"""In which language this visitor reads: their choice, else the address's, else their browser's."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from ui.base import address
from ui.base.component import component
from ui.base.text import LANGUAGE, LANGUAGES, foreign_words, language, t

ADDRESS = "language"  # the place of the app that tells it to the address
_PARAMETER = "lang"
_CONTROL = "language_control"

_component = component("language", html="")


def open_language() -> None:
    """Before a page says its first word: in a new tab the address decides, else the browser."""
    if LANGUAGE not in st.session_state:
        said = address.given(_PARAMETER)
        st.session_state[LANGUAGE] = said if said in LANGUAGES else of_browser(st.context.locale)


def of_browser(locale: str | None) -> str:
    """The language for a browser's locale, such as "zh-CN": English where there is no better one."""
    spoken = (locale or "").replace("_", "-").partition("-")[0].lower()
    return spoken if spoken in LANGUAGES else "en"


def choose_language(on_change: Callable[[], None]) -> None:
    """The control, small; the address says what was chosen, or what the browser speaks."""

    def chosen() -> None:
        st.session_state[LANGUAGE] = st.session_state[_CONTROL]
        on_change()

    with st.container(key="language"):
        st.segmented_control(
            t("shell.language"),
            list(LANGUAGES),
            default=language(),
            required=True,
            key=_CONTROL,
            format_func=LANGUAGES.__getitem__,
            on_change=chosen,
            label_visibility="collapsed",
            persist_state="session",
        )
    address.show(ADDRESS, **{_PARAMETER: language()})
    _component(data={"language": t("shell.language_code"), "words": foreign_words("streamlit")}, key="page-language")
