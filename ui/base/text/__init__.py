"""Every visible word, looked up by key: `t("classify.title")`.

A language is a folder of JSON files, one a page; a key's first part names its file. The
language is the visitor's own, never the process's.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import streamlit as st

LANGUAGES = {"en": "English"}


@cache
def _dictionary(language: str) -> dict[str, str]:
    words = {}
    for path in (Path(__file__).parent / language).glob("*.json"):
        entries = json.loads(path.read_text(encoding="utf-8"))
        words |= {f"{path.stem}.{key}": text for key, text in entries.items()}
    return words


def language() -> str:
    chosen = st.session_state.get("language", "en")
    return chosen if chosen in LANGUAGES else "en"


def t(key: str, **values: object) -> str:
    """The text for `key` in the visitor's language, with `{names}` filled in from `values`."""
    text = _dictionary(language()).get(key) or _dictionary("en")[key]
    return text.format(**values) if values else text


def plain(text: object) -> str:
    """What somebody else has written, a file's name for one, to stand in Markdown as it is."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", str(text))
