"""Capture: every layer's output is what a plain forward pass gives, and the model is left as it was."""

import numpy as np
import pytest
import torch
from PIL import Image

from nin.cli.parser import main
from nin.data.fashion_mnist import SAMPLE_DIR
from nin.explain.activations import capture, network_input
from nin.model.cost import leaf_layers
from nin.model.network import NiN, initialise, stage_shapes
from nin.presets import PRESETS
from nin.storage.checkpoint import Checkpoint, save_checkpoint


@pytest.fixture(params=sorted(PRESETS))
def network(request):
    """Each preset's network with seeded weights, in training mode as fresh ones are."""
    return initialise(NiN(PRESETS[request.param].architecture), "he", seed=0)


def image_for(model, seed=0):
    size = model.architecture.input_size
    return torch.rand(1, 1, size, size, generator=torch.Generator().manual_seed(seed))


def test_stage_by_stage_as_a_plain_forward_pass(network):
    x = image_for(network)
    features = capture(network, x)
    network.eval()
    y = x
    with torch.no_grad():
        for index, stage in enumerate(network):
            y = stage(y)
            assert torch.equal(features.stages[str(index)], y)
    assert torch.equal(features.logits, y)
    assert list(features.stages) == [str(index) for index in range(len(network))]
    assert [tuple(x.shape) for x in features.stages.values()] == stage_shapes(network, x.shape[-1])


def test_every_layer_is_kept_and_fed_by_the_one_before(network):
    features = capture(network, image_for(network))
    network.eval()
    assert list(features.layers) == [index for index, _ in leaf_layers(network)]
    with torch.no_grad():
        for index, layer in leaf_layers(network):
            assert torch.equal(layer(features.entering(index)), features[index])


def test_the_books_network_has_thirty_layers():
    model = NiN(PRESETS["classic"].architecture)
    assert len(capture(model, image_for(model)).layers) == 30


def test_modes_and_hooks_are_left_alone_even_on_an_error(network):
    network.eval()
    network[-3].train()  # a part with a mode of its own
    modes = {name: module.training for name, module in network.named_modules()}
    too_small = torch.zeros(1, 1, 2, 2)
    with pytest.raises(RuntimeError):
        capture(network, too_small if network.architecture.input_size > 28 else torch.zeros(1, 3, 28, 28))
    capture(network, image_for(network))
    assert {name: module.training for name, module in network.named_modules()} == modes
    assert not any(module._forward_hooks for module in network.modules())


def test_dropout_is_off_though_the_model_trains():
    model = initialise(NiN(PRESETS["paper"].architecture), "he", seed=0).train()
    features = capture(model, image_for(model))
    assert torch.equal(features["2"], features["1"])
    assert model.training


def test_features_command_writes_the_input_and_every_stage(tmp_path, capsys):
    model = initialise(NiN(PRESETS["pocket"].architecture), "he", seed=0)
    weights, out = tmp_path / "w.safetensors", tmp_path / "maps.npz"
    checkpoint = Checkpoint(model.architecture, model.state_dict(), "pocket", normalise=True)
    save_checkpoint(checkpoint, weights)
    no_picture = str(SAMPLE_DIR / "README.md")
    assert main(["features", no_picture, "--weights", str(weights), "--out", str(out)]) == 1
    assert not out.exists()
    Image.new("RGB", (40, 60), "white").save(tmp_path / "white.png")
    assert main(["features", str(tmp_path / "white.png"), "--weights", str(weights), "--out", str(out)]) == 0
    with np.load(out) as maps:
        assert list(maps) == ["input", *(str(index) for index in range(len(model)))]
        again = capture(model, torch.from_numpy(maps["input"]))
        for name, output in again.stages.items():
            np.testing.assert_array_equal(maps[name], output.numpy())
    assert "1 x 10" in capsys.readouterr().out
    assert main(["features", str(tmp_path / "white.png"), "--weights", str(weights), "--out", str(tmp_path)]) == 2


def test_network_input_is_what_training_prepares():
    model = NiN(PRESETS["classic-112"].architecture)
    checkpoint = Checkpoint(model.architecture, {}, "classic-112", normalise=True)
    pixels = torch.arange(784, dtype=torch.int64).remainder(256).to(torch.uint8).view(28, 28)
    x = network_input(pixels, checkpoint)
    assert x.shape == (1, 1, 112, 112)
    # Bilinear enlarging by whole factors keeps the mean.
    expected = (pixels.float() / 255 - 0.2860) / 0.3530
    assert torch.isclose(x.mean(), expected.mean(), atol=1e-3)
    assert network_input(pixels.repeat(3, 1, 1), checkpoint).shape == (3, 1, 112, 112)
