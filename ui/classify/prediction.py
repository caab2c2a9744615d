"""The answer: what it is, how sure the network is, and all ten probabilities as bars."""

from __future__ import annotations

import zlib

import streamlit as st

from nin.classify.classifier import Answer
from nin.classify.clothing_detector import LIMIT, as_probability
from nin.explain.class_maps import shares
from ui.base.component import component
from ui.base.images import data_uri
from ui.base.item import Item
from ui.base.text import t, together
from ui.base.text.classes import class_name, class_names
from ui.classify.confusion import ask_for_cell

_component = component(
    "prediction",
    """
<div class="answer">
  <div class="answer-head">
    <img class="answer-seen" alt="">
    <div class="answer-verdict"><div class="answer-about"></div><div class="answer-label"></div><div class="answer-note"></div>
      <button type="button" class="answer-mixed" hidden></button></div>
  </div>
  <ul class="answer-doubts"></ul>
  <div class="answer-rows"></div>
</div>
""",
)


def bars(answer: Answer, item: Item, *, key: str) -> None:
    texts = shares(answer.probabilities)
    headline, note = verdict(answer, item, texts)
    rows = [
        {
            "name": name,
            "share": probability,
            "text": text,
            "best": class_id == answer.class_id,
            "truth": class_id == item.label,
        }
        for class_id, (name, probability, text) in enumerate(
            zip(class_names(), answer.probabilities, texts, strict=True)
        )
    ]
    data = {
        "about": t(f"classify.about_{item.source}", name=item.name),
        "seen": data_uri(item.array()),
        "headline": headline,
        "note": note,
        "doubts": [t(f"classify.doubt_{doubt.code}", count=len(doubt.boxes)) for doubt in item.doubts],
        "mixed": "" if answer.runner_up is None or item.label is not None else t("classify.either_where"),
        "known": answer.known,
        "label": "" if answer.is_empty else answer.label,
        "rows": [] if answer.is_empty else rows,  # where there is nothing there is no answer
        "item": zlib.crc32(item.pixels),
    }

    def mixed_up() -> None:
        if answer.runner_up is not None:
            ask_for_cell(answer.runner_up, answer.class_id)
            st.session_state["classify_deeper"] = "test"

    _component(data=data, key=key, on_mixed_change=mixed_up)


def verdict(answer: Answer, item: Item, texts: list[str]) -> tuple[str, str]:
    confidence, label = texts[answer.class_id], class_name(answer.class_id)
    if answer.is_empty:
        why = item.nothing or "plain"
        if item.source == "drawing" and why == "plain":
            why = "sheet"
        return t(f"classify.nothing_{why}"), t(f"classify.nothing_{why}_note")
    if not answer.known:
        return t("classify.unknown"), _why_unknown(answer, item)
    if item.label is not None:
        key = "classify.right_note" if item.label == answer.class_id else "classify.wrong_note"
        return label, t(key, confidence=confidence, label=item.label_name)
    if answer.runner_up is not None:
        other = class_name(answer.runner_up)
        values = {"confidence": confidence, "other": other, "second": texts[answer.runner_up]}
        return t("classify.either", label=label, other=_with_article(other)), t("classify.either_note", **values)
    return label, t("classify.sure_note", confidence=confidence)


def _why_unknown(answer: Answer, item: Item) -> str:
    """Why ten bars still add up to 100 %, and what says that they mean nothing here."""
    if item.scattered:
        reason = t("classify.unknown_scattered")
    elif answer.clothing is None:
        reason = t("classify.unknown_unsure")
    else:
        least = f"{as_probability(LIMIT):.0%}"
        reason = t("classify.unknown_detector", clothing=f"{answer.clothing:.0%}", least=least)
    return together(reason, t("classify.unknown_note"))


def _with_article(name: str) -> str:
    name = name if name.startswith(("T-", "T ")) else name.lower()
    return t("classify.an" if name[0] in "aeiou" else "classify.a", name=name)
