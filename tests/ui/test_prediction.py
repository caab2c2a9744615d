"""What is said of an answer: the class and its runner-up, what it is not, or that there is nothing."""

import pytest
import torch
from PIL import Image

from nin.classify.calibration import Calibration
from nin.classify.classifier import Answer
from nin.data.fashion_mnist import CLASS_NAMES
from nin.explain.class_maps import shares
from nin.model.network import NiN
from nin.presets import PRESETS
from nin.storage.checkpoint import Checkpoint, save_checkpoint
from nin.storage.weights import write_card
from nin.training.diagnosis import Diagnosis
from ui.base.answers import classifier_for
from ui.base.item import item_from_picture
from ui.classify import prediction
from ui.classify.prediction import verdict

COAT, SHIRT = CLASS_NAMES.index("Coat"), CLASS_NAMES.index("Shirt")


def answer(first, second, share, **more):
    probabilities = [0.01 / 8] * 10
    probabilities[first], probabilities[second] = share, 0.99 - share
    return Answer(tuple(probabilities), (0.0,) * 10, **more)


def said(given, item):
    return verdict(given, item, shares(given.probabilities))


@pytest.fixture
def item():
    picture = Image.new("RGBA", (100, 100), "white")
    picture.paste((0, 0, 0, 255), (20, 20, 80, 80))
    return item_from_picture(picture, "upload", "block.png")


def test_a_coat_that_may_be_a_shirt_is_called_both(item):
    headline, note = said(answer(SHIRT, COAT, 0.6), item)
    assert headline == "Shirt, or a coat"
    assert "39.0% for Coat" in note


def test_classes_that_nobody_mixes_up_and_runners_up_far_behind_are_not_named(item):
    assert said(answer(SHIRT, 8, 0.6), item)[0] == "Shirt"
    assert said(answer(SHIRT, COAT, 0.95), item)[0] == "Shirt"


def test_none_of_the_ten_names_the_detector_s_score_and_no_class(item):
    headline, note = said(answer(8, 0, 0.98, known=False, clothing=0.04), item)
    assert headline == "None of the ten"
    assert "4%" in note
    assert "Bag" not in note


@pytest.mark.parametrize(
    ("colour", "headline"), [("white", "Nothing in this picture"), ((0, 0, 0, 0), "Nothing in this picture")]
)
def test_a_blank_picture_is_said_to_be_that(colour, headline):
    blank = item_from_picture(Image.new("RGBA", (50, 50), colour), "upload", "blank.png")
    assert said(answer(5, 0, 0.8, is_empty=True, known=False), blank)[0] == headline


def test_of_a_pair_that_is_mixed_up_on_drawings_the_answer_stays_and_is_less_sure():
    logits = torch.tensor([0, 0, 1, 0, 2, 0, 9, 0, 0, 0], dtype=torch.float64)
    calibration = Calibration(0.75, 1.0, {(COAT, SHIRT): 10.0})
    photo, drawing = (calibration.probabilities(logits, is_drawing=drawn) for drawn in (False, True))
    assert int(drawing.argmax()) == int(photo.argmax()) == SHIRT
    assert float(drawing[SHIRT]) < 0.7 < float(photo[SHIRT])
    assert float(drawing.sum()) == pytest.approx(1)
    order = drawing.argsort(descending=True)[:2].tolist()
    assert order == [SHIRT, COAT]


@pytest.mark.parametrize(("ruin", "why"), [("exploded", "exploded before"), ("guessing", "only guesses")])
def test_weights_that_are_ruined_give_no_answer_with_a_name(item, ruin, why):
    headline, note = said(answer(SHIRT, COAT, 0.9, known=False, clothing=0.99, ruin=ruin), item)
    assert headline == "No answer"
    assert why in note


def test_no_bar_is_marked_where_the_weights_have_no_answer(item, monkeypatch):
    sent = {}
    monkeypatch.setattr(prediction, "_component", lambda **arguments: sent.update(arguments["data"]))
    prediction.bars(answer(SHIRT, COAT, 0.9, known=False, ruin="exploded"), item, key="answer")
    assert sent["label"] == ""
    assert not any(row["best"] for row in sent["rows"])


def test_ten_equal_probabilities_are_no_answer_and_not_the_pictures_fault(item):
    headline, note = said(Answer((0.1,) * 10, (0.0,) * 10, known=False, clothing=0.99), item)
    assert headline == "No answer"
    assert "detector" not in note


def test_that_weights_are_ruined_is_asked_wherever_they_are_loaded(tmp_path):
    architecture = PRESETS["pocket"].architecture
    weights = tmp_path / "ruined.safetensors"
    save_checkpoint(
        Checkpoint(architecture, NiN(architecture).state_dict(), "pocket", normalise=True, step=40), weights
    )
    write_card(weights, {"diagnosis": Diagnosis("exploded", 2, "exploded", 40, 10.0, 2.4, 8e19).to_dict()})
    found = classifier_for(weights).classify(torch.full((28, 28), 200, dtype=torch.uint8))
    assert (found.known, found.ruin, found.is_none) == (False, "exploded", True)
