"""A row of small pictures with captions; where asked for, one can be chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from ui.base.component import component
from ui.base.images import data_uri

_component = component("gallery", '<div class="gallery"></div>')


@dataclass(frozen=True)
class Picture:
    """`pixels`: uint8 (h, w), (h, w, 3) or (h, w, 4)."""

    pixels: np.ndarray[Any, Any]
    title: str = ""
    note: str = ""
    mood: str = ""  # "good" or "bad" frames it in green or red
    smooth: bool = False  # a photo rather than a map whose pixels are to be seen


def gallery(
    pictures: Sequence[Picture],
    *,
    key: str,
    side: int = 96,
    on_chosen: Callable[[int], None] | None = None,
    reveals: str | None = None,
) -> None:
    """`on_chosen` gets the place of a picture that was clicked; the container `reveals` comes into view then."""

    def chosen() -> None:
        if on_chosen is not None and (place := st.session_state[key]["chosen"]) is not None:
            on_chosen(int(place))

    shown = [
        {"src": data_uri(p.pixels), "title": p.title, "note": p.note, "mood": p.mood, "smooth": p.smooth}
        for p in pictures
    ]
    data = {"pictures": shown, "side": side, "choosable": on_chosen is not None, "reveals": reveals}
    _component(data=data, key=key, on_chosen_change=chosen)
