"""The answer in one line, in view for as long as the answer itself is not; and said aloud when it changes."""

from __future__ import annotations

import zlib

from nin.classify.classifier import Answer
from nin.explain.class_maps import shares
from ui.base.component import component
from ui.base.images import data_uri
from ui.base.item import Item
from ui.base.text import t
from ui.classify.prediction import verdict

_component = component(
    "answer_bar",
    '<div class="answer-bar"><button type="button" tabindex="-1"><img alt=""><b></b><small></small></button>'
    '<span role="status"></span></div>',
)


def answer_bar(answer: Answer, item: Item) -> None:
    headline, note = verdict(answer, item, shares(answer.probabilities))
    data = {
        "seen": data_uri(item.array()),
        "headline": headline,
        "note": note,
        "said": t("classify.said_aloud", headline=headline, note=note),
        "item": zlib.crc32(item.pixels),
        "back": t("classify.back_to_answer"),
    }
    _component(data=data, key="classify_answer_bar")
