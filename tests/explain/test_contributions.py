"""What a number is made of: the terms that are named add up, with the others and the bias, to the network's number."""

import numpy as np
import pytest
import torch

from nin.explain.activations import capture
from nin.explain.arithmetic import convolution_window
from nin.explain.contributions import contributions, largest_positions
from nin.model.network import NiN, convolutions, initialise
from nin.presets import PRESETS


@pytest.fixture(scope="module")
def seen():
    model = initialise(NiN(PRESETS["pocket"].architecture), "he", seed=0).eval()
    with torch.no_grad():
        for layer in convolutions(model):
            layer.bias.uniform_(-0.1, 0.1)
    return model, capture(model, torch.rand(1, 1, 28, 28, generator=torch.Generator().manual_seed(0)))


@pytest.mark.parametrize("index", ["0.0", "0.2", "1.0", "5.4"])
def test_all_terms_and_the_bias_are_the_networks_own_number(seen, index):
    model, features = seen
    made = contributions(features, model, index, 3, most=1000)
    assert made.products.shape == (made.count, *made.sums.shape)
    np.testing.assert_allclose(made.products.sum(0) + made.bias, made.sums, atol=1e-4)
    np.testing.assert_array_equal(made.sums, features[index][0, 3].numpy())


@pytest.mark.parametrize("index", ["0.0", "1.0"])
def test_the_largest_terms_are_those_of_the_window(seen, index):
    model, features = seen
    row, column = 0, 5  # at the border, where a part of the window is padding
    made = contributions(features, model, index, 7)
    products = convolution_window(features, model, index, (7, row, column)).products
    by_term = products.ravel() if made.side else products.sum((1, 2))
    largest = np.argsort(-np.abs(by_term), kind="stable")[:4]
    np.testing.assert_allclose(made.products[:, row, column], by_term[largest], atol=1e-9)
    np.testing.assert_allclose(by_term[made.terms[:, row, column]], by_term[largest], atol=1e-9)
    assert made.count == len(by_term)
    assert made.side == (5 if index == "0.0" else None)


def test_a_max_is_found_where_it_stands(seen):
    model, features = seen
    entering = features.entering("2")
    positions = largest_positions(entering, model[2])
    assert positions.shape == features["2"][0].shape
    for channel in (0, 41):
        found = entering[0, channel].flatten()[torch.from_numpy(positions[channel])]
        assert torch.equal(found, features["2"][0, channel])
