"""Errors become messages in the page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from nin.errors import LabError
from ui.base.text import plain, t
from ui.base.text.errors import said


@contextmanager
def errors_as_messages() -> Iterator[None]:
    """A LabError becomes a message in the page; also around what a fragment draws, which no page catches."""
    try:
        yield
    except LabError as error:
        show_error(error)


def show_error(error: object) -> None:
    st.error(t("shell.wrong", what=plain(said(error))), icon=":material/error:")
