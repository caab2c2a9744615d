"""A select box keeps what is chosen while its options are called otherwise."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def _page() -> None:
    import streamlit as st

    from ui.base.choice import select

    names = st.session_state.setdefault("names", {"a": "one", "b": "two"})
    if sent := st.session_state.pop("sent", None):  # what a browser sends that has not heard of new names
        st.session_state["which"] = sent
    st.text(select("Which", ["a", "b"], key="which", format_func=names.__getitem__, persist_state="session"))


def test_other_names_leave_the_choice_as_it_was() -> None:
    tab = AppTest.from_function(_page).run()
    tab.selectbox(key="which").set_value("b").run()
    tab.session_state.names = {"a": "eins", "b": "zwei"}
    tab.run()
    assert (tab.text[0].value, tab.selectbox(key="which").options) == ("b", ["eins", "zwei"])


def test_a_name_of_before_is_no_choice() -> None:
    tab = AppTest.from_function(_page).run()
    tab.selectbox(key="which").set_value("b").run()
    tab.session_state.sent = "two"
    tab.run()
    assert not tab.exception
    assert tab.text[0].value == "b"
