"""The microscope's arithmetic is the network's own, wherever one looks."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from nin.explain.activations import capture
from nin.explain.arithmetic import as_linear, convolution_window, per_pixel_mlp, pooling_window
from nin.model.network import NiN, initialise
from nin.presets import PRESETS


def looked_at(name):
    model = initialise(NiN(PRESETS[name].architecture), "he", seed=3).eval()
    size = model.architecture.input_size
    x = torch.randn(1, 1, size, size, generator=torch.Generator().manual_seed(5))
    return model, capture(model, x)


NETWORKS = {name: looked_at(name) for name in ("pocket", "paper", "classic-112")}


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(NETWORKS)), st.data())
def test_patch_times_kernel_is_the_networks_number(name, data):
    model, features = NETWORKS[name]
    index = data.draw(st.sampled_from([i for i, layer in model.layers().items() if isinstance(layer, nn.Conv2d)]))
    output = tuple(data.draw(st.integers(0, size - 1)) for size in features[index].shape[1:])
    window = convolution_window(features, model, index, output)
    assert window.answer == features[index][0][output].item()
    assert window.patch.shape == window.kernel.shape == tuple(model.get_submodule(index).weight.shape[1:])
    assert not window.patch[:, window.padded].any()
    # Single precision sums thousands of products in another order.
    assert window.total == pytest.approx(window.answer, rel=1e-4, abs=1e-4)


def test_padding_is_where_the_window_overhangs():
    model, features = NETWORKS["pocket"]
    corner = convolution_window(features, model, "0.0", (0, 0, 0))
    assert corner.padded.sum() == 25 - 9  # a 5x5 window, two pixels over two edges
    assert not convolution_window(features, model, "0.0", (0, 5, 5)).padded.any()


@pytest.mark.parametrize("name", NETWORKS)
def test_each_1x1_convolution_is_a_linear_layer_at_every_pixel(name):
    model, features = NETWORKS[name]
    for block, stage in enumerate(model):
        if not isinstance(stage, nn.Sequential):
            continue
        height, width = features[f"{block}.0"].shape[-2:]
        steps = per_pixel_mlp(features, model, str(block), height // 2, width - 1)
        assert [step.index for step in steps] == [f"{block}.2", f"{block}.4"]
        vector = features[f"{block}.1"][0, :, height // 2, width - 1].numpy()
        for step in steps:
            np.testing.assert_array_equal(step.entering, vector)
            by_hand = step.weight.astype(np.float64) @ vector + step.bias
            np.testing.assert_allclose(step.convolution, by_hand, rtol=1e-4, atol=1e-4)
            assert step.largest_difference <= step.largest_difference_anywhere < 1e-3
            vector = np.maximum(step.convolution, 0) if step.has_relu else step.convolution
            np.testing.assert_array_equal(step.leaving, vector)
        np.testing.assert_array_equal(vector, features[str(block)][0, :, height // 2, width - 1].numpy())


def test_largest_difference_sees_a_wrong_weight():
    model, features = NETWORKS["pocket"]
    layer = model.get_submodule("0.2")
    spoilt = as_linear(layer)
    with torch.no_grad():
        spoilt.weight[0, 0] += 1
        everywhere = spoilt(features["0.1"].permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        assert (everywhere - features["0.2"]).abs().max() > 0.1


@pytest.mark.parametrize("name", NETWORKS)
def test_pooling_windows(name):
    model, features = NETWORKS[name]
    for index, layer in model.layers().items():
        if "Pool" not in type(layer).__name__:
            continue
        channels, height, width = features[index].shape[1:]
        for output in ((0, 0, 0), (channels - 1, height - 1, width - 1)):
            pooled = pooling_window(features, model, index, output)
            value = pooled.window.max() if pooled.mode == "max" else pooled.window.mean(dtype=np.float64)
            assert value == pytest.approx(pooled.answer, rel=1e-5, abs=1e-6)


def test_the_mean_of_a_class_map_is_its_logit():
    model, features = NETWORKS["pocket"]
    for class_id in range(10):
        pooled = pooling_window(features, model, "6", (class_id, 0, 0))
        assert pooled.window.mean(dtype=np.float64) == pytest.approx(features.logits[0, class_id].item(), rel=1e-5)
