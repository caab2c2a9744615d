"""Every visible word, looked up by key: `t("classify.title")`.

A language is a folder of JSON files, one a page; a key's first part names its file. The
language is the visitor's own, never the process's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

import streamlit as st

LANGUAGES = {"en": "English", "zh": "中文"}
LANGUAGE = "language"  # in the session
ERRORS = "errors"  # the file of what the core says, whose keys are the core's own English sentences


@cache
def dictionary(language: str) -> dict[str, str]:
    """All words of a language, by key."""
    words = {}
    for path in (Path(__file__).parent / language).glob("*.json"):
        if path.stem != ERRORS:
            entries = json.loads(path.read_text(encoding="utf-8"))
            words |= {f"{path.stem}.{key}": text for key, text in entries.items()}
    return words


_SPOKEN: ContextVar[str | None] = ContextVar("spoken", default=None)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Words in this language, whatever the visitor's is."""
    before = _SPOKEN.set(language)
    try:
        yield
    finally:
        _SPOKEN.reset(before)


def language() -> str:
    chosen = _SPOKEN.get() or st.session_state.get(LANGUAGE, "en")
    return chosen if chosen in LANGUAGES else "en"


def t(key: str, **values: object) -> str:
    """The text for `key` in the visitor's language, with `{names}` filled in from `values`."""
    text = dictionary(language()).get(key)
    if text is None:
        text = dictionary("en")[key]
    return text.format(**values) if values else text


def together(*sentences: str) -> str:
    """Sentences one after the other, as the visitor's language sets them."""
    return t("shell.between_sentences").join(sentence for sentence in sentences if sentence)


def listed(items: Iterable[str]) -> str:
    return t("shell.between_items").join(items)


def foreign_words(place: str) -> dict[str, str]:
    """What a library says by itself, and what it is to say in the visitor's language: `place` is "plotly", say."""
    english, here = dictionary("en"), dictionary(language())
    words = {text: here.get(key, text) for key, text in english.items() if key.startswith(f"{place}.")}
    return {text: other for text, other in words.items() if text != other}


def plain(text: object) -> str:
    """What somebody else has written, a file's name for one, to stand in Markdown as it is."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", str(text))
