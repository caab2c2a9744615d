"""The evidence: ten class maps over the input, and the sum that makes each logit, digit by digit."""

from __future__ import annotations

import streamlit as st
import torch

from nin.classify.classifier import Answer, Classifier
from nin.explain.class_maps import find_evidence, printed, shares
from ui.base.component import component
from ui.base.images import data_uri
from ui.base.item import Item
from ui.base.text import t, together
from ui.base.text.classes import class_name, class_names

CELL_DECIMALS = 3
TERM_DECIMALS = 5
_WORDS = ("story", "story_other", "sum", "sum_other", "compare", "nothing", "total", "whole", "scale", "leads",
          "column_class", "column_logit", "column_term", "column_share")  # fmt: skip

_component = component(
    "evidence",
    """
<div class="evidence">
  <div class="evidence-classes"></div>
  <div class="evidence-detail">
    <div>
      <div class="evidence-big">
        <canvas class="evidence-map" width="448" height="448"></canvas>
        <div class="evidence-cells"></div>
      </div>
      <div class="evidence-legend"><span class="evidence-low"></span><i></i><span class="evidence-high"></span></div>
      <p class="evidence-scale"></p>
    </div>
    <div class="evidence-words">
      <p class="evidence-story"></p>
      <p class="evidence-formula"></p>
      <label><span class="evidence-compare"></span> <select></select></label>
      <p class="evidence-softmax"></p>
      <table><thead></thead><tbody></tbody><tfoot></tfoot></table>
    </div>
  </div>
</div>
""",
    paints=True,
)


def evidence(item: Item, classifier: Classifier, answer: Answer) -> None:
    with st.container(key="evidence"):
        if answer.is_empty:  # a blank picture has class maps, too, but nothing that they could be evidence of
            return
        st.header(t("classify.evidence_title"))
        if not classifier.network.architecture.has_class_maps:
            st.info(t("classify.evidence_dense"), icon=":material/layers_clear:")
            return
        peak = classifier.network.architecture.pooling == "max"
        st.caption(t("classify.evidence_note_peak" if peak else "classify.evidence_note"))
        found = find_evidence(classifier.network, classifier.input(item.tensor()))
        cells, sums = zip(*(printed(part, CELL_DECIMALS) for part in found.contributions), strict=True)
        # Relative to the largest, so that no term overflows; the common factor cancels in the division.
        logits = found.logits / answer.temperature
        terms, total = printed(torch.exp(logits - logits.max()), TERM_DECIMALS)
        rows, columns = found.maps.shape[1:]
        data = {
            "input": data_uri(item.array()),
            "names": class_names(),
            "rows": rows,
            "columns": columns,
            "cells": [part.flatten().tolist() for part in cells],
            "sums": sums,
            "decimals": CELL_DECIMALS,
            "terms": {"cells": terms.tolist(), "sum": total, "decimals": TERM_DECIMALS},
            "shares": shares(answer.probabilities),
            "best": answer.class_id,
            "known": answer.known,
            "words": _words(answer, peak=peak),
        }
        _component(data=data, key="classify_evidence")


def _words(answer: Answer, *, peak: bool) -> dict[str, str]:
    words = {word: t(f"classify.evidence_{word}") for word in _WORDS} | {"softmax": _softmax(answer)}
    return words | {"story": t("classify.evidence_story_peak")} if peak else words


def _softmax(answer: Answer) -> str:
    """How the shares came about; only shipped weights are calibrated, those of a run answer with the plain softmax."""
    if answer.temperature == 1:
        told = t("classify.evidence_softmax_plain")
    else:
        told = t("classify.evidence_softmax", temperature=f"{answer.temperature:.3g}")
    if answer.shared is not None:
        (one, other), temperature = answer.shared
        names = {"one": class_name(one), "other": class_name(other)}
        both = f"{answer.probabilities[one] + answer.probabilities[other]:.1%}"
        shared = t("classify.evidence_shared", together=both, temperature=f"{temperature:.3g}", **names)
        told = together(told, shared)
    if not answer.known and not answer.is_none:
        told = together(told, t("classify.evidence_unknown"))
    return told
