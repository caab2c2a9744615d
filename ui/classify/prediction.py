"""The answer: what it is, how sure the network is, and all ten probabilities as bars."""

from __future__ import annotations

import functools
import zlib
from typing import Any

import streamlit as st

from nin.classify.classifier import Answer
from nin.classify.clothing_detector import LIMIT, as_probability
from nin.classify.findings import SEVERAL, WHOLE, Box
from nin.classify.picture_file import open_picture
from nin.explain.class_maps import shares
from ui.base.component import component
from ui.base.images import data_uri, png
from ui.base.item import Item, frame_from, set_current_item
from ui.base.text import t, together
from ui.base.text.classes import class_name, class_names
from ui.classify.confusion import ask_for_cell
from ui.classify.part import taken_thing, things_in

_THING_SIDE = 88  # pixels: twice what it has on the screen

_component = component(
    "prediction",
    """
<div class="answer">
  <div class="answer-head">
    <img class="answer-seen" alt="">
    <div class="answer-verdict"><div class="answer-about"></div><div class="answer-label"></div><div class="answer-note"></div>
      <button type="button" class="answer-mixed" hidden></button></div>
  </div>
  <div class="answer-things" role="group" hidden><span></span></div>
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
            "best": class_id == answer.class_id and not answer.is_none,
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
        "things": _things(item),
        "doubts": _doubts(item),
        "mixed": "" if answer.runner_up is None or item.label is not None else t("classify.either_where"),
        "known": answer.known,
        "label": "" if answer.is_empty or answer.is_none else answer.label,
        "rows": [] if answer.is_empty else rows,  # where there is nothing there is no answer
        "item": zlib.crc32(item.pixels),
    }

    def mixed_up() -> None:
        if answer.runner_up is not None:
            ask_for_cell(answer.runner_up, answer.class_id)
            st.session_state["classify_deeper"] = "test"

    def another_thing() -> None:
        asked = st.session_state[key]["thing"]
        if asked is not None:
            set_current_item(item.framed(frame_from(asked)))

    _component(data=data, key=key, on_mixed_change=mixed_up, on_thing_change=another_thing)


def _doubts(item: Item) -> list[str]:
    """What was decided about the picture without being sure of it."""
    way = [t(f"classify.turned_{item.quarters * 90}")] if item.quarters else []
    return way + [t(f"classify.doubt_{doubt.code}") for doubt in item.doubts if doubt.code != SEVERAL]


def _things(item: Item) -> dict[str, Any]:
    """Where a picture has several: what they look like, and which of them the answer is about."""
    things = things_in(item)
    if not things:
        return {"text": "", "boxes": []}
    boxes = [*things, WHOLE]
    words = [t("classify.part_thing", number=number) for number in range(1, len(boxes))]
    taken = taken_thing(item, things)
    is_framed = taken is None and item.frame != WHOLE
    return {
        "text": t("classify.several_framed" if is_framed else "classify.several", count=len(things)),
        "boxes": [box.sides for box in boxes],
        "pictures": [_part_of(item.picture, box) for box in boxes],
        "words": [*words, t("classify.part_whole")],
        "taken": len(things) if item.frame == WHOLE else taken,
    }


@functools.lru_cache(maxsize=64)
def _part_of(picture: bytes, box: Box) -> str:
    """A part of a stored picture, as small as it is shown."""
    whole = open_picture(picture)
    part = whole.crop(box.pixels(*whole.size))
    part.thumbnail((_THING_SIDE, _THING_SIDE))
    return data_uri(png(part))


def verdict(answer: Answer, item: Item, texts: list[str]) -> tuple[str, str]:
    confidence, label = texts[answer.class_id], class_name(answer.class_id)
    if answer.is_empty:
        why = item.nothing or "plain"
        if item.source == "drawing" and why == "plain":
            why = "sheet"
        return t(f"classify.nothing_{why}"), t(f"classify.nothing_{why}_note")
    if answer.is_none:
        what = "guessing" if answer.is_guess or answer.ruin == "guessing" else "exploded"
        return without_class(answer), t(f"classify.no_answer_{what}")
    if not answer.known:
        return without_class(answer), _why_unknown(answer, item)
    if item.label is not None:
        key = "classify.right_note" if item.label == answer.class_id else "classify.wrong_note"
        return label, t(key, confidence=confidence, label=item.label_name)
    if answer.runner_up is not None:
        other = class_name(answer.runner_up)
        values = {"confidence": confidence, "other": other, "second": texts[answer.runner_up]}
        return t("classify.either", label=label, other=_with_article(other)), t("classify.either_note", **values)
    return label, t("classify.sure_note", confidence=confidence)


def without_class(answer: Answer) -> str:
    """What stands in the place of a class where there is none: because of the weights, or of the picture."""
    return t("classify.no_answer" if answer.is_none else "classify.unknown")


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
