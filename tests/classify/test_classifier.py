"""Answers: the same from the command line and the page, and sure only where there is reason to be."""

import json
import math
import shutil

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from drawings.evaluation import blind_styles
from drawings.evaluation.blind import BLIND
from drawings.evaluation.shapes import HELD_OUT, TUNING
from drawings.evaluation.styles import STYLES, poster
from drawings.not_clothes import draw_something_else
from nin.classify.calibration import Calibration
from nin.classify.classifier import Classifier, card_temperature
from nin.classify.clothing_detector import LENT_BY, find_gate
from nin.classify.preprocess import see
from nin.cli.parser import main
from nin.data import dataset
from nin.data.fashion_mnist import CLASS_NAMES
from nin.errors import WeightsError
from nin.model.network import NiN, initialise
from nin.presets import PRESETS
from nin.storage.checkpoint import Checkpoint, save_checkpoint
from nin.storage.weights import SHELF, detector_path

SHIPPED = "pocket-sketch"


@pytest.fixture(scope="module")
def shipped():
    return Classifier.from_weights(SHIPPED)


@pytest.fixture
def untrained(tmp_path):
    """A file of weights with no card."""
    architecture = PRESETS["pocket"].architecture
    model = initialise(NiN(architecture), "he", 0)
    path = tmp_path / "untrained.safetensors"
    save_checkpoint(Checkpoint(architecture, model.state_dict(), "pocket", normalise=True), path)
    return path


@pytest.mark.parametrize(
    ("drawings", "styles", "least"),
    [(TUNING, STYLES, 0.92), (HELD_OUT, STYLES, 0.9), (BLIND, blind_styles.STYLES, 0.8)],
    ids=["tuned on", "not tuned on", "by another hand"],
)
def test_drawings_are_recognised(shipped, drawings, styles, least):
    """One drawing of each class in every style, of which one more or less makes 1.4 %.

    `python -m drawings.recognised` measures all of them.
    """
    drawn = {class_id: several[class_id % len(several)] for class_id, several in drawings.items()}
    right = [
        shipped.classify_picture(style(drawing)).class_id == class_id
        for class_id, drawing in drawn.items()
        for style in styles.values()
    ]
    assert len(right) == 70
    assert np.mean(right) >= least


def test_images_of_the_data_set_are_still_recognised(shipped):
    test = dataset.load().test.first(1000)
    logits = shipped.network(shipped.input(test.images))
    assert (logits.argmax(1) == test.labels).float().mean() > 0.9


def test_uploaded_test_images_inverted_and_enlarged(shipped):
    test = dataset.load().test
    right = [
        shipped.classify_picture(Image.fromarray(255 - image.numpy()).resize((300, 300)).convert("RGBA")).class_id
        == label
        for image, label in zip(test.images[:150], test.labels[:150].tolist(), strict=True)
    ]
    assert np.mean(right) > 0.84


def test_probabilities_are_a_distribution_in_the_data_set_s_order(shipped):
    answer = shipped.classify_picture(poster(TUNING[1][0]))
    values = answer.to_dict()
    assert len(values["probabilities"]) == 10
    assert math.isclose(sum(values["probabilities"]), 1, abs_tol=1e-9)
    assert values["class_id"] == int(np.argmax(values["probabilities"])) == CLASS_NAMES.index(values["label"])
    assert values["confidence"] == max(values["probabilities"])
    assert values["known"] is True
    assert values["label"] == "Trouser"


def face():
    picture = Image.new("RGB", (300, 300), "white")
    pen = ImageDraw.Draw(picture)
    pen.ellipse((60, 40, 240, 260), outline="black", width=5)
    for x in (110, 170):
        pen.ellipse((x, 110, x + 20, 130), fill="black")
    pen.arc((100, 140, 200, 220), 20, 160, fill="black", width=5)
    return picture


def page_of_text():
    picture = Image.new("RGB", (500, 640), "white")
    pen = ImageDraw.Draw(picture)
    for y in range(30, 600, 22):
        pen.text((30, y), "It was the best of times, it was the worst of times, it was the age of", fill="black")
    return picture


def noise():
    return Image.fromarray(np.random.default_rng(4).integers(0, 256, (200, 200, 3), dtype=np.uint8))


@pytest.mark.parametrize("picture", [face, page_of_text, noise, lambda: Image.new("RGB", (200, 200), "white")])
def test_what_is_none_of_the_ten_is_not_known(shipped, picture):
    assert not shipped.classify_picture(picture().convert("RGBA")).known


def test_most_things_that_are_not_clothes_are_told_from_clothes(shipped):
    random = np.random.default_rng(77)
    doubted = [not shipped.classify_picture(draw_something_else(random)).known for _ in range(30)]
    assert np.mean(doubted) > 0.8
    trusted = [shipped.classify(image).known for image in dataset.load().test.images[:200]]
    assert np.mean(trusted) > 0.95


def test_an_empty_picture_has_no_answer(shipped):
    answer = shipped.classify_picture(Image.new("RGBA", (300, 200), "white"))
    assert answer.is_empty
    assert not answer.known


def test_the_temperature_changes_confidence_and_no_answer(shipped):
    pixels = see(poster(TUNING[2][0]))
    warm = Classifier(shipped.checkpoint, shipped.network, calibration=Calibration(3.0)).classify(pixels)
    cold = Classifier(shipped.checkpoint, shipped.network, calibration=Calibration(0.5)).classify(pixels)
    assert warm.class_id == cold.class_id
    assert warm.confidence < cold.confidence
    assert warm.logits == cold.logits


def test_weights_without_a_card_have_defaults(untrained):
    classifier = Classifier.from_file(untrained)
    assert classifier.temperature == 1.0
    answer = classifier.classify_picture(poster(TUNING[0][0]))
    assert math.isclose(sum(answer.probabilities), 1, abs_tol=1e-9)


def test_a_damaged_card_or_detector_costs_its_extras_and_not_the_answer(untrained):
    untrained.with_suffix(".json").write_text('{"temperature": "hot"}')
    detector_path(untrained).parent.mkdir(exist_ok=True)
    detector_path(untrained).write_bytes(b"no detector")
    assert card_temperature(untrained) == 1.0
    assert Classifier.from_file(untrained).classify(torch.zeros(28, 28, dtype=torch.uint8)).is_empty


def test_damaged_weights_lend_no_detector(tmp_path):
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(b"no weights")
    detector_path(damaged).parent.mkdir()
    shutil.copy(detector_path(SHELF / f"{LENT_BY}.safetensors"), detector_path(damaged))
    gate = find_gate(damaged)
    assert gate is not None
    assert gate.checkpoint.preset == "pocket"


def test_missing_weights():
    with pytest.raises(WeightsError, match="no weights"):
        Classifier.from_weights("nobody")


def test_the_command_line_says_what_the_classifier_says(shipped, tmp_path, capsys):
    for name, style in STYLES.items():
        style(TUNING[9][0]).save(tmp_path / f"{name}.png")
    (tmp_path / "letter.png").write_text("dear all")
    files = [str(path) for path in sorted(tmp_path.glob("*.png"))]
    assert main(["classify", *files, "--weights", SHIPPED, "--json"]) == 1  # one of them is no picture
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["file"] for row in rows] == files
    for row in rows:
        if row["file"].endswith("letter.png"):
            assert set(row) == {"file", "error"}
        else:
            with Image.open(row["file"]) as picture:
                assert row["probabilities"] == list(shipped.classify_picture(picture.convert("RGBA")).probabilities)
