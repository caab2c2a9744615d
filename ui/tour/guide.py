"""Under each page's title: what one is looking at, the chapter, and the tour.

Where the visitor is in the tour stands in the session and in the address: a reload finds it again, and a tour
that was left is taken up where it was.
"""

from __future__ import annotations

import streamlit as st

from ui.base import address
from ui.base.live import Live
from ui.base.navigation import switch_to
from ui.base.text import language, t
from ui.tour.steps import STEPS, Step

CHAPTERS = {
    "en": "https://d2l.ai/chapter_convolutional-modern/nin.html",
    "zh": "https://zh.d2l.ai/chapter_convolutional-modern/nin.html",
}
_REACHED, _ON = (
    "tour_reached",
    "tour_on",
)  # in the session: the number of the step, from 1; whether the tour is under way
_PARAMETER = "tour"  # in the address
_PACE = 2.0  # seconds until a step that was done is noticed


def guide(page: str, live: Live) -> None:
    """A line of help for the page called `page`, and the tour's step while it is under way."""
    _open()
    with st.container(horizontal=True, gap="medium", vertical_alignment="center", key="guide"):
        with st.popover(t("tour.about"), icon=":material/help:", type="tertiary", key="about"):
            st.markdown(t(f"tour.about_{page}"))
            here, other = CHAPTERS[language()], CHAPTERS["en" if language() == "zh" else "zh"]
            st.markdown(t("tour.chapter", here=here, other=other))
        if not st.session_state[_ON]:
            is_new = st.session_state[_REACHED] == 1
            st.button(
                t("tour.start" if is_new else "tour.go_on"),
                icon=":material/tour:",
                type="tertiary",
                key="tour-start",
                help=t("tour.start_help"),
                on_click=_begin,
            )
    if st.session_state[_ON]:
        live.add(lambda: _draw(page), _PACE, place=st.container(border=True, key="tour"))
    address.show(_PARAMETER, **{_PARAMETER: f"{st.session_state[_REACHED]}" if st.session_state[_ON] else None})


def _open() -> None:
    """In a new tab, or after a reload: where the address says that the tour is."""
    if _REACHED not in st.session_state:
        given = address.given_number(_PARAMETER, len(STEPS))
        st.session_state[_REACHED], st.session_state[_ON] = given or 1, bool(given)


def _begin() -> None:
    st.session_state[_ON] = True


def _leave() -> None:
    st.session_state[_ON] = False


def _draw(page: str) -> None:
    number = st.session_state[_REACHED]
    step, done = STEPS[number - 1], STEPS[number - 1].is_done()
    st.caption(t("tour.step", number=number, count=len(STEPS)))
    st.markdown(t(f"tour.{step.name}"))
    if done:
        st.success(t(f"tour.{step.name}_done"), icon=":material/check:")
    with st.container(horizontal=True, gap="small"):
        if step.page != page and not done and st.button(t("tour.there"), key="tour-there", type="primary"):
            switch_to(step.path)
        _way_on(number, done=done)
        if st.button(t("tour.leave"), key="tour-leave", type="tertiary"):
            _leave()
            st.rerun()


def _way_on(number: int, *, done: bool) -> None:
    """To the next step, also without having done this one; at the end out of the tour."""
    following: Step | None = STEPS[number] if number < len(STEPS) else None
    if following is None:
        if done and st.button(t("tour.finish"), key="tour-finish", type="primary"):
            st.session_state[_REACHED] = 1
            _leave()
            st.rerun()
        return
    label = t("tour.next", name=t(f"tour.name_{following.name}")) if done else t("tour.skip")
    if st.button(label, key=f"tour-next-{number}", type="primary" if done else "secondary"):
        st.session_state[_REACHED] = number + 1
        if following.page == STEPS[number - 1].page:
            st.rerun()
        switch_to(following.path)
