"""The images on which a channel answers most: the same ones as when all outputs are looked at."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from nin.data.contact_sheet import from_sheet, to_sheet
from nin.data.dataset import Split
from nin.explain import top_images
from nin.explain.activations import capture
from nin.explain.shipped_top_images import load_shipped, shipped_path, write_shipped
from nin.explain.top_images import KEPT, load_search, search, search_path, searched, stored_search
from nin.model.network import NiN, initialise
from nin.presets import PRESETS
from nin.storage.checkpoint import Checkpoint, load_checkpoint, network_input
from nin.storage.weights import SHELF

IMAGES = torch.randint(0, 256, (300, 28, 28), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def checkpoint(monkeypatch) -> Checkpoint:
    monkeypatch.setattr(top_images, "PART_PIXELS", 128 * 28 * 28)
    model = initialise(NiN(PRESETS["pocket"].architecture), "he", seed=0)
    return Checkpoint(model.architecture, model.state_dict(), "pocket", normalise=True)


def test_strongest_of_all_whatever_the_parts(checkpoint):
    model = checkpoint.network()
    parts = list(search(checkpoint, model, IMAGES))
    assert [found.seen for found in parts] == [128, 256, 300]
    found, sources = parts[-1], searched(model)
    features = capture(model, network_input(IMAGES, checkpoint))
    assert list(sources) == list(features.layers)
    for index, source in sources.items():
        layer, outputs = found.layers[source], features[index].reshape(300, features[index].shape[1], -1)
        best = outputs.amax(dim=2).T.topk(KEPT, dim=1).values
        # A ReLU, a dropout or the flatten hands on what is above 0: the strongest are those of its input.
        torch.testing.assert_close(layer.values.clamp(min=0), best.clamp(min=0), atol=1e-5, rtol=1e-5)
        for channel in (0, 7):
            for image, value, position in zip(*(column[channel] for column in layer.columns), strict=True):
                if value > 0:
                    assert torch.isclose(outputs[image, channel, position], value, atol=1e-5)


def test_a_search_that_was_cut_short_goes_on_where_it_was(checkpoint, monkeypatch):
    model, path = checkpoint.network(), search_path(checkpoint, IMAGES)
    *_, whole = search(checkpoint, model, IMAGES)
    assert load_search(path) is None
    monkeypatch.setattr(top_images, "STORED_SECONDS", 0)
    begun = stored_search(checkpoint, model, IMAGES, path)
    assert next(begun).seen == 128
    begun.close()
    later = list(stored_search(checkpoint, model, IMAGES, path))
    assert [found.seen for found in later] == [128, 256, 300]
    for found in (later[-1], load_search(path)):
        assert found.layers.keys() == whole.layers.keys()
        for index, layer in whole.layers.items():
            assert all(map(torch.equal, layer.columns, found.layers[index].columns))
    path.write_bytes(b"damaged")
    assert load_search(path) is None


def test_a_search_is_named_by_weights_input_size_and_images(checkpoint):
    path = search_path(checkpoint, IMAGES)
    other = {name: tensor + 1 for name, tensor in checkpoint.tensors.items()}
    larger = replace(checkpoint.architecture, input_size=56)
    assert search_path(replace(checkpoint, tensors=other), IMAGES) != path
    assert search_path(replace(checkpoint, architecture=larger), IMAGES) != path
    assert search_path(checkpoint, IMAGES[1:]) != path


def test_what_is_shipped_brings_its_pictures_and_serves_its_own_weights_alone(checkpoint, tmp_path):
    weights = tmp_path / "mine.safetensors"
    train = Split(IMAGES, torch.arange(300) % 10)
    *_, found = search(checkpoint, checkpoint.network(), IMAGES)
    assert load_shipped(weights, checkpoint) is None
    write_shipped(found, checkpoint, train, shipped_path(weights))
    shipped = load_shipped(weights, checkpoint)
    layer = shipped.found.layers["1.0"]
    for channel, image in ((0, 0), (5, KEPT - 1)):
        number = int(layer.images[channel, image])
        picture, label = shipped.picture(number)
        assert label == number % 10
        assert (picture.float() - IMAGES[number].float()).abs().mean() < 60  # noise is what WebP keeps worst
    assert load_shipped(weights, replace(checkpoint, tensors={})) is None
    shipped_path(weights).write_bytes(b"damaged")
    assert load_shipped(weights, checkpoint) is None


@pytest.mark.parametrize("path", sorted(SHELF.glob("top_images/*.safetensors")), ids=lambda path: path.stem)
def test_the_answers_in_the_repository_belong_to_their_weights_and_cover_all_training_images(path):
    weights = SHELF / path.name
    checkpoint = load_checkpoint(weights)
    model, shipped = checkpoint.network(), load_shipped(weights, checkpoint)
    assert shipped.found.seen == 60_000
    assert shipped.found.layers.keys() == set(searched(model).values())
    # The thumbnail of the strongest image makes the channel answer about as much as the image itself did.
    layer = shipped.found.layers["0.0"]
    number = int(layer.images[0, 0])
    answer = capture(model, network_input(shipped.picture(number)[0], checkpoint))["0.0"][0, 0].max()
    assert float(answer) == pytest.approx(float(layer.values[0, 0]), rel=0.2)


def test_a_contact_sheet_is_read_as_it_was_written():
    assert torch.equal(from_sheet(to_sheet(IMAGES))[:300], IMAGES)
