"""The images that excite a channel most: the same ones as when all outputs are looked at."""

from dataclasses import replace

import torch

from nin.explain.activations import capture
from nin.explain.top_images import KEPT, cache_path, find_exemplars, load_exemplars, save_exemplars
from nin.model.network import NiN, initialise
from nin.presets import PRESETS
from nin.storage.checkpoint import Checkpoint, network_input


def test_strongest_of_all_whatever_the_parts(tmp_path, monkeypatch):
    model = initialise(NiN(PRESETS["pocket"].architecture), "he", seed=0).eval()
    checkpoint = Checkpoint(model.architecture, model.state_dict(), "pocket", normalise=True)
    images = torch.randint(0, 256, (300, 28, 28), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    parts = list(find_exemplars(checkpoint, model, images))
    assert [seen for seen, _ in parts] == [128, 256, 300]
    found = parts[-1][1]
    features = capture(model, network_input(images, checkpoint))
    assert list(found) == list(features.layers)
    for index in ("0.0", "1.1", "3.4", "7"):
        outputs = features[index].reshape(300, features[index].shape[1], -1)
        best = outputs.amax(dim=2).T.topk(KEPT, dim=1)
        assert torch.allclose(found[index].values, best.values, atol=1e-5)
        for channel in (0, 7):
            for image, value, position in zip(
                found[index].images[channel], found[index].values[channel], found[index].positions[channel], strict=True
            ):
                assert torch.isclose(outputs[image, channel, position], value, atol=1e-5)

    monkeypatch.setenv("NIN_RUNS", str(tmp_path))
    path = cache_path(checkpoint, images)
    assert load_exemplars(path) is None
    save_exemplars(found, path)
    again = load_exemplars(path)
    assert all(torch.equal(again[index].images, found[index].images) for index in found)
    assert all(torch.equal(again[index].values, found[index].values) for index in found)
    other = {name: tensor + 1 for name, tensor in checkpoint.tensors.items()}
    assert cache_path(replace(checkpoint, tensors=other), images) != path
    assert cache_path(checkpoint, images[1:]) != path
    path.write_bytes(b"damaged")
    assert load_exemplars(path) is None
