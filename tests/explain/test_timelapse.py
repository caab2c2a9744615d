"""A run's checkpoints replayed: each moment is what that checkpoint's network gives."""

import numpy as np
import pytest
import torch

from nin.explain.activations import capture
from nin.explain.timelapse import FILTERS, moment, shared_range, thinned
from nin.model.network import NiN, initialise
from nin.presets import PRESETS
from nin.storage.checkpoint import Checkpoint, network_input, save_checkpoint

PIXELS = torch.arange(784).remainder(251).to(torch.uint8).view(28, 28)


@pytest.fixture
def checkpoints(tmp_path):
    found = {}
    for step in (0, 10, 5):
        model = initialise(NiN(PRESETS["pocket"].architecture), "he", seed=step)
        path = found[step] = tmp_path / f"{step}.safetensors"
        save_checkpoint(Checkpoint(model.architecture, model.state_dict(), "pocket", True, step), path)
    return found


def test_moments_are_the_networks_own(checkpoints):
    for step, path in checkpoints.items():
        seen = moment(path, step, PIXELS, "1")
        model = initialise(NiN(PRESETS["pocket"].architecture), "he", seed=step)
        features = capture(model, network_input(PIXELS, Checkpoint(model.architecture, {}, "pocket", True)))
        np.testing.assert_array_equal(seen.maps, features["1"][0])
        np.testing.assert_allclose(seen.evidence.mean((1, 2)), features.logits[0], rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(seen.probabilities, features.logits.softmax(1)[0])


def test_filters(checkpoints):
    first = moment(checkpoints[0], 0, PIXELS, FILTERS)
    model = initialise(NiN(PRESETS["pocket"].architecture), "he", seed=0)
    np.testing.assert_array_equal(first.maps, model[0][0].weight.detach()[:, 0])


def test_thinned_keeps_both_ends_and_the_early_ones():
    every = {step: f"{step}" for step in range(0, 5000, 10)}
    kept = list(thinned(every, 12))
    assert len(kept) == 12
    assert kept[0] == 0
    assert kept[-1] == 4990
    assert kept == sorted(kept)
    assert sum(step < 500 for step in kept) >= 5
    assert list(thinned(every, 1000)) == list(every)
    assert thinned({}, 5) == {}


def test_shared_range():
    assert shared_range([np.array([1.0, 2.0]), np.array([5.0])]) == (0.0, 5.0)
    assert shared_range([np.array([-7.0, 2.0]), np.array([5.0])]) == (-7.0, 7.0)
