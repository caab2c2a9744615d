"""What is known of this machine's speed, and what follows for a run."""

from __future__ import annotations

import pytest

from nin.presets import RECIPES
from nin.process import speed
from nin.storage.run import RunConfig


def test_the_device_that_was_measured_last_comes_last() -> None:
    for device in ("cuda", "cpu", "cuda"):
        speed.record(device, "pocket", 1000.0)
    assert speed.devices() == ["cpu", "cuda"]
    assert speed.known("cpu", "pocket") == 1000.0


def test_an_estimate_counts_what_is_trained_on_and_the_last_evaluation() -> None:
    config = RunConfig(preset="pocket", epochs=3)
    assert speed.estimate(config, "cpu", 60_000, 10_000) is None
    speed.record("cpu", "pocket", 1000.0)
    evaluation = 10_000 / (1000 * speed.EVALUATION_SPEED_UP)
    assert speed.estimate(config, "cpu", 60_000, 10_000) == pytest.approx(180 + evaluation)
    some = RunConfig(preset="pocket", epochs=3, train_size=6_000)
    assert speed.estimate(some, "cpu", 60_000, 10_000) == pytest.approx(18 + evaluation)
    # A quarter of what this recipe trains on are drawings, beside all of the photos.
    assert RECIPES["sketch-aware"].drawings == 0.25
    with_drawings = RunConfig(preset="pocket", recipe="sketch-aware", epochs=3)
    assert speed.estimate(with_drawings, "cpu", 60_000, 10_000) == pytest.approx(240 + evaluation)
