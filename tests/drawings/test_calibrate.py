"""Probabilities that mean what they say."""

import pytest
import torch

from drawings.calibrate import expected_calibration_error, fit_temperature, not_clothes
from nin.classify.clothing_detector import Detector
from nin.storage.weights import SHELF, shelf


@pytest.mark.parametrize("true_temperature", [0.5, 1.0, 2.5])
def test_the_temperature_that_made_the_labels_is_found(true_temperature):
    generator = torch.Generator().manual_seed(0)
    logits = 3 * torch.randn(20_000, 10, generator=generator)
    labels = torch.multinomial((logits / true_temperature).softmax(1), 1, generator=generator)[:, 0]
    assert fit_temperature(logits, labels) == pytest.approx(true_temperature, rel=0.05)
    calibrated = expected_calibration_error((logits / true_temperature).softmax(1), labels)
    assert calibrated < 0.015
    assert expected_calibration_error((logits / (3 * true_temperature)).softmax(1), labels) > 0.1


def test_calibration_error_by_hand():
    # 0.9 sure and right half of the time; 0.6 sure and always right
    probabilities = torch.tensor([[0.9, 0.1], [0.9, 0.1], [0.4, 0.6], [0.4, 0.6]])
    labels = torch.tensor([0, 1, 1, 1])
    assert expected_calibration_error(probabilities, labels) == pytest.approx(0.5 * 0.4 + 0.5 * 0.4)


def test_a_detector_survives_its_file(tmp_path):
    generator = torch.Generator().manual_seed(0)
    detector = Detector(*(torch.randn(shape, generator=generator) for shape in ((4, 7), (4,), (4,), ())))
    detector.save(tmp_path / "d.safetensors")
    again = Detector.load(tmp_path / "d.safetensors")
    summaries = torch.randn(5, 7, generator=generator)
    assert torch.equal(again.log_odds(summaries), detector.log_odds(summaries))


def test_drawings_of_other_things_are_the_same_each_time():
    assert torch.equal(not_clothes(12, seed=5), not_clothes(12, seed=5))


def test_the_shipped_card_says_how_it_was_calibrated():
    card = shelf()["pocket-sketch"].values
    assert 0.2 < card["temperature"] < 5
    assert card["calibration_error"] < 0.03
    assert card["calibration_error"] <= card["calibration_error_before"]
    assert card["test_accuracy"] >= 0.91
    assert "draw" in card["recipe_note"]
    assert (SHELF / "pocket-sketch.safetensors").stat().st_size < 2_000_000
