"""The answer: what it is, how sure the network is, and all ten probabilities as bars."""

from __future__ import annotations

import zlib

from nin.classify.classifier import Answer
from nin.data.fashion_mnist import CLASS_NAMES
from nin.explain.class_maps import shares
from ui.base.component import component
from ui.base.item import Item
from ui.base.text import t
from ui.classify.gallery import data_uri

_component = component(
    "prediction",
    """
<div class="answer" aria-live="polite">
  <div class="answer-head">
    <img class="answer-seen" alt="">
    <div class="answer-verdict"><div class="answer-about"></div><div class="answer-label"></div><div class="answer-note"></div></div>
  </div>
  <div class="answer-rows"></div>
</div>
""",
)


def bars(answer: Answer, item: Item, *, key: str) -> None:
    texts = shares(answer.probabilities)
    headline, note = _verdict(answer, item, texts[answer.class_id])
    rows = [
        {
            "name": name,
            "share": probability,
            "text": text,
            "best": class_id == answer.class_id and not answer.is_empty,
            "truth": class_id == item.label,
        }
        for class_id, (name, probability, text) in enumerate(zip(CLASS_NAMES, answer.probabilities, texts, strict=True))
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


def _verdict(answer: Answer, item: Item, confidence: str) -> tuple[str, str]:
    if answer.is_empty:
        return t("classify.nothing"), t("classify.nothing_note")
    if not answer.known:
        return t("classify.unknown"), t("classify.unknown_note", label=answer.label, confidence=confidence)
    if item.label is not None:
        key = "classify.right_note" if item.label == answer.class_id else "classify.wrong_note"
        return answer.label, t(key, confidence=confidence, label=item.label_name)
    return answer.label, t("classify.sure_note", confidence=confidence)
