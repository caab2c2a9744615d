"""The visitor's latest pictures, to return to. Their own browser keeps them, and brings the last one back after a reload."""

from __future__ import annotations

import streamlit as st

from nin.errors import PictureError
from ui.base.component import component
from ui.base.item import SOURCES, current_item, item_from_kept, kept_item, latest_items, put_on_sheet, set_current_item
from ui.base.text import t

_component = component(
    "recent",
    '<div class="recent"><span class="recent-title"></span><div class="recent-row"></div></div>',
    keeps=True,
)


def recent_pictures(*, key: str) -> None:
    """A strip of them: a click makes one the visitor's item again, and puts a drawing back on the sheet."""
    latest, current = latest_items(), current_item()
    # A picture with nothing in it is worth no place in the strip, but it is what was there before a reload.
    aside = kept_item(current) if latest and current.is_blank and current.source != "drawing" else None
    data = {
        "cards": [kept_item(item) for item in latest if not item.is_blank],
        "current": current.id,
        "aside": aside,
        "isFresh": not latest,
        "words": {word: t(f"recent.{word}") for word in ("title", "none")}
        | {source: t(f"classify.about_{source}") for source in SOURCES},
    }

    def take() -> None:
        if (kept := st.session_state[key]["chosen"]) is not None:
            _take(kept)

    _component(data=data, key=key, on_chosen_change=take)


def _take(kept: object) -> None:
    try:
        item = item_from_kept(kept)
    except PictureError:  # only where somebody changed what their browser keeps
        item = current_item()
    set_current_item(item)
    put_on_sheet(item)
