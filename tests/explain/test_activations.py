"""Capture: every layer's output is what a plain forward pass gives, and the model is left as it was."""

import numpy as np
import pytest
import torch
from PIL import Image

from nin.cli.parser import main
from nin.data.fashion_mnist import SAMPLE_DIR
from nin.explain.activations import capture
from nin.model.network import NiN, initialise
from nin.model.shapes import stage_shapes
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
    assert list(features.layers) == [index for index, _ in network.layers().items()]
    with torch.no_grad():
        for index, layer in network.layers().items():
            assert torch.equal(layer(features.entering(index)), features[index])


def test_the_books_network_has_thirty_layers():
    model = NiN(PRESETS["classic"].architecture)
    assert len(capture(model, image_for(model)).layers) == 30


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
    assert "1×10" in capsys.readouterr().out
    assert main(["features", str(tmp_path / "white.png"), "--weights", str(weights), "--out", str(tmp_path)]) == 2
