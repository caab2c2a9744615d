"""Beside the steps from a picture to the network: what each of them is worth."""

from __future__ import annotations

from PIL import Image, ImageDraw
from streamlit.testing.v1 import AppTest

from nin.classify.classifier import Classifier
from nin.classify.preprocess import Steps
from nin.paths import ROOT
from ui.base.item import item_from_picture


def test_each_step_has_the_answer_without_it_beside_it() -> None:
    shirt = Image.new("RGB", (120, 120), "white")
    outline = [(15, 20), (105, 20), (105, 45), (85, 45), (85, 105), (35, 105), (35, 45), (15, 45)]
    ImageDraw.Draw(shirt).polygon(outline, outline="black", width=3)
    item = item_from_picture(shirt.convert("RGBA"), "upload", "shirt.png")
    page = AppTest.from_file(ROOT / "app.py", default_timeout=120).switch_page("pages/classify.py")
    page.session_state["item"] = item
    page.run()
    assert not page.exception
    said = next(caption.value for caption in page.caption if caption.value.startswith("without"))
    lines = said.split("  \n")
    assert len(lines) == len(Steps.names())

    unfilled = item.prepared(Steps(fill=False))
    answer = Classifier.from_weights("pocket-sketch").classify(unfilled.tensor(), scattered=unfilled.scattered)
    filling = next(line for line in lines if "fill outlines" in line)
    assert (answer.label if answer.known else "None of the ten") in filling

    steps = next(pills for pills in page.pills if pills.key.startswith("classify_steps"))
    steps.set_value([name for name in Steps.names() if name != "fill"]).run()
    said = next(caption.value for caption in page.caption if "*fill outlines*" in caption.value)
    assert "with *fill outlines*" in said
