"""The frame around every page: title, navigation, sidebar, and what becomes of errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from nin.process.page_priority import request_priority
from ui.base.controls import show_anew
from ui.base.language import choose_language, open_language
from ui.base.live import Live
from ui.base.messages import errors_as_messages
from ui.base.navigation import follow_switch, link
from ui.base.text import t
from ui.base.visitor import remember_visitor
from ui.train.sidebar import sidebar

_PAGES = (
    ("app.py", "train", ":material/show_chart:"),
    ("pages/classify.py", "classify", ":material/draw:"),
    ("pages/layers.py", "layers", ":material/layers:"),
    ("pages/anatomy.py", "anatomy", ":material/account_tree:"),
    ("pages/experiments.py", "experiments", ":material/science:"),
)

# Streamlit leaves six rems of air above a page and above the sidebar's first line, and folds the
# sidebar away on narrow screens. Its captions are too pale to be read by everybody (a contrast of 4.27 where
# 4.5 is wanted), a link shows no focus, and on the primary colour its text is white even where that colour is
# pale: black where the page's own text is bright.
_STYLE = """<style>
.stMainBlockContainer { padding-top: 3.5rem; }
[data-testid="stSidebarHeader"] { height: 2.5rem; padding-bottom: 0; margin-bottom: 0; }
@media (min-width: 769px) { .st-key-where-the-sidebar-is, .st-key-one-line { display: none; } }
[data-testid="stCaptionContainer"] { opacity: 0.75; }
.st-key-app-name strong { font-size: 1.25rem; }
a:focus-visible { outline: 2px solid currentcolor; outline-offset: 2px; border-radius: 4px; }
[data-tag], [data-testid="stBaseButton-primary"] { color: oklch(from currentcolor calc((0.6 - l) * 1000) 0 0); }
[data-tag] * { color: inherit; }
</style>"""


@contextmanager
def page(name: str) -> Iterator[Live]:
    """Everything a page draws goes inside: `with page("classify"): ...`; what is live is added to what it yields.

    A LabError becomes a message in the page; the rest of the app goes on.
    """
    request_priority()
    live = Live()
    open_language()
    st.set_page_config(page_title=f"{t(f'shell.{name}')} · {t('shell.app')}", page_icon="🧥", layout="wide")
    st.html(_STYLE)
    with st.sidebar:
        _navigation()
        with errors_as_messages():
            sidebar(live)
    follow_switch()
    with errors_as_messages():
        yield live
    live.start()
    remember_visitor()


def _navigation() -> None:
    top = {"vertical_alignment": "center", "horizontal_alignment": "distribute"}
    with st.container(key="app-name", horizontal=True, **top):
        st.markdown(f"**{t('shell.app')}**", width="content")  # no heading: the page's own title is the first
        choose_language(on_change=show_anew)
    with st.container(key="nav", gap="xsmall"):
        for path, name, icon in _PAGES:
            link(path, t(f"shell.{name}"), icon)
