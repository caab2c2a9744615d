"""The answer: what it is, how sure the network is, and all ten probabilities as bars."""

from __future__ import annotations

import zlib
from pathlib import Path

import streamlit as st

from nin.inference import Answer
from nin.sources import CLASS_NAMES
from ui.gallery import data_uri
from ui.item import Item
from ui.words import t

_HERE = Path(__file__).parent

_component = st.components.v2.component(
    "nin_bars",
    html="""
<div class="answer" aria-live="polite">
  <div class="answer-head">
    <img class="answer-seen" alt="">
    <div class="answer-verdict"><div class="answer-about"></div><div class="answer-label"></div><div class="answer-note"></div></div>
  </div>
  <div class="answer-rows"></div>
</div>
""",
    css=(_HERE / "bars.css").read_text(encoding="utf-8"),
    js=(_HERE / "bars.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def bars(answer: Answer, item: Item, *, key: str) -> None:
    headline, note = _verdict(answer, item)
    rows = [
        {
            "name": name,
            "share": probability,
            "text": f"{probability:.1%}",
            "best": class_id == answer.class_id and not answer.is_empty,
            "truth": class_id == item.label,
        }
        for class_id, (name, probability) in enumerate(zip(CLASS_NAMES, answer.probabilities, strict=True))
    ]
    data = {
        "about": t(f"classify.about_{item.source}", name=item.name),
        "seen": data_uri(item.array()),
        "headline": headline,
        "note": note,
        "known": answer.known,
        "label": answer.label,
        "rows": rows,
        "item": zlib.crc32(item.pixels),
    }
    _component(data=data, key=key)


def _verdict(answer: Answer, item: Item) -> tuple[str, str]:
    if answer.is_empty:
        return t("classify.nothing"), t("classify.nothing_note")
    confidence = f"{answer.confidence:.1%}"
    if not answer.known:
        return t("classify.unknown"), t("classify.unknown_note", label=answer.label, confidence=confidence)
    if item.label is not None:
        key = "classify.right_note" if item.label == answer.class_id else "classify.wrong_note"
        return answer.label, t(key, confidence=confidence, label=item.label_name)
    return answer.label, t("classify.sure_note", confidence=confidence)
