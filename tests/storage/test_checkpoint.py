"""Weights travel with their description; what is damaged is refused by name."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from nin.data.fashion_mnist import PIXEL_MEAN, PIXEL_STD
from nin.errors import WeightsError
from nin.model.network import NiN, initialise
from nin.presets import PRESETS
from nin.storage.checkpoint import Checkpoint, load_checkpoint, network_input, prepare, save_checkpoint
from nin.storage.weights import find_weights, shelf
from tests.model.book_network import book_network

ARCHITECTURE = replace(PRESETS["pocket"].architecture, logit_head=True, pointwise=1)


@pytest.fixture
def checkpoint() -> Checkpoint:
    model = initialise(NiN(ARCHITECTURE), "he", 0)
    return Checkpoint(ARCHITECTURE, model.state_dict(), "pocket", normalise=True, step=7, extra={"note": [1, 2]})


def test_what_is_written_is_read(checkpoint: Checkpoint, tmp_path: Path) -> None:
    path = tmp_path / "sub" / "w.safetensors"
    save_checkpoint(checkpoint, path)
    read = load_checkpoint(path)
    assert (read.architecture, read.preset, read.normalise) == (ARCHITECTURE, "pocket", True)
    assert (read.step, read.extra) == (7, {"note": [1, 2]})
    image = torch.rand(1, 1, 28, 28)
    with torch.inference_mode():
        assert torch.equal(read.network()(image), checkpoint.network()(image))
    assert [entry.name for entry in path.parent.iterdir()] == ["w.safetensors"], "no temporary file is left"


def test_a_file_cut_anywhere_is_refused_by_name(checkpoint: Checkpoint, tmp_path: Path) -> None:
    path = tmp_path / "cut.safetensors"
    save_checkpoint(checkpoint, path)
    content = path.read_bytes()
    for share in (0, 0.001, 0.01, 0.5, 0.999):
        path.write_bytes(content[: int(len(content) * share)])
        with pytest.raises(WeightsError, match=r"cut\.safetensors"):
            load_checkpoint(path)


@pytest.fixture(scope="module")
def book_net() -> nn.Sequential:
    """With weights in which every tensor differs from every other."""
    torch.manual_seed(1)
    return book_network()


def _save_with_the_names_of_a_class(net: nn.Module, path: Path) -> None:
    torch.save({"epoch": 9, "model_state_dict": {f"module.net.{k}": v for k, v in net.state_dict().items()}}, path)


@pytest.mark.parametrize(
    "save",
    [
        lambda net, path: torch.save(net.state_dict(), path),
        lambda net, path: torch.save(net.state_dict(), path, _use_new_zipfile_serialization=False),
        lambda net, path: save_file(net.state_dict(), path),
        _save_with_the_names_of_a_class,
    ],
    ids=["torch.save", "torch.save before 1.6", "safetensors", "a training script's checkpoint"],
)
def test_the_books_network_is_taken_as_that_however_it_was_saved(
    book_net: nn.Sequential, tmp_path: Path, save: Callable[[nn.Module, Path], None]
) -> None:
    path = tmp_path / "nin.params"
    save(book_net, path)
    read = load_checkpoint(path)
    assert (read.preset, read.normalise, read.architecture.logit_head) == ("classic", False, False)
    image = torch.rand(1, 1, 224, 224)
    with torch.inference_mode():
        assert torch.equal(read.network()(image), book_net(image))


class _Evil:
    def __reduce__(self) -> tuple:
        return Path.touch, (Path("was-run"),)


@pytest.mark.parametrize(
    ("save", "message"),
    [
        (lambda path: save_file({"layer": torch.zeros(3)}, path), "has 24 tensors, this file 1"),
        (lambda path: torch.save(NiN(ARCHITECTURE).state_dict(), path), "not the book's"),
        (lambda path: torch.save(nn.Linear(2, 2), path), "holds more than tensors"),
        (lambda path: torch.save({"a": _Evil()}, path), "holds more than tensors"),
        (lambda path: torch.save([1, 2], path), "this file 0"),
        (lambda path: path.write_bytes(b"PK\3\4" + bytes(100)), "is damaged"),
        (lambda path: path.write_bytes(b"\x80abc"), "is damaged"),
    ],
    ids=["no network", "another network", "a whole module", "code", "no tensors", "a cut archive", "a cut pickle"],
)
def test_what_is_neither_ours_nor_the_books_is_refused_by_name_and_never_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, save: Callable[[Path], None], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "other.params"
    save(path)
    with pytest.raises(WeightsError, match=message) as refused:
        load_checkpoint(path)
    assert "other.params" in str(refused.value)
    assert not Path("was-run").exists()


@pytest.mark.parametrize("shape", [(96, 3, 11, 11), (96, 1, 7, 7)])
def test_a_variant_of_the_books_network_is_refused_with_what_differs(
    book_net: nn.Sequential, tmp_path: Path, shape: tuple[int, ...]
) -> None:
    path = tmp_path / "colour.params"
    torch.save({**book_net.state_dict(), "0.0.weight": torch.zeros(shape)}, path)
    size = "×".join(map(str, shape))
    with pytest.raises(WeightsError, match=rf"0\.0\.weight is {size}, in the book's network 96×1×11×11"):
        load_checkpoint(path)


def test_a_description_that_does_not_fit_its_weights_is_refused(checkpoint: Checkpoint, tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    save_checkpoint(replace(checkpoint, architecture=PRESETS["paper"].architecture), path)
    with pytest.raises(WeightsError, match="do not fit"):
        load_checkpoint(path).network()


def test_prepare_enlarges_as_torch_does_and_normalises_when_told() -> None:
    images = torch.rand(3, 1, 28, 28)
    architecture = PRESETS["classic-112"].architecture
    plain = prepare(images, architecture, normalise=False)
    assert plain.shape == (3, 1, 112, 112)
    assert torch.equal(plain, torch.nn.functional.interpolate(images, (112, 112), mode="bilinear"))
    assert torch.equal(prepare(images, PRESETS["pocket"].architecture, normalise=False), images)
    normalised = prepare(images, PRESETS["pocket"].architecture, normalise=True)
    assert torch.allclose(normalised * PIXEL_STD + PIXEL_MEAN, images, atol=1e-6)


def test_a_name_that_is_none_lists_those_that_are() -> None:
    with pytest.raises(WeightsError, match=r"'nobody'.*pocket"):
        find_weights("nobody")


@pytest.mark.parametrize("name", ["classic", "pocket"])
def test_shipped_weights_are_what_their_card_says(name: str) -> None:
    card = shelf()[name].values
    checkpoint = load_checkpoint(find_weights(name))
    assert checkpoint.preset == card["preset"]
    assert checkpoint.architecture.input_size == card["input_size"]
    assert checkpoint.architecture.logit_head == card["logit_head"]
    assert card["data"].startswith("60,000 training and 10,000 test images")
    assert card["test_n"] == 10_000
    assert card["command"].startswith("python -m nin train")
    assert json.dumps(card)


@pytest.mark.parametrize(("name", "least"), [("pocket", 0.90), ("classic", 0.88)])
def test_shipped_weights_recognise_the_sample(name: str, least: float) -> None:
    """On 200 test images that is a rough check; `nin eval` on the full set is the real one."""
    from nin.data import dataset
    from nin.engine.device import choose_engine
    from nin.engine.evaluate import evaluate

    test = dataset.load("sample").test
    evaluation = evaluate(load_checkpoint(find_weights(name)), test.first(200), choose_engine("cpu"))
    assert evaluation.accuracy > least - 0.05
    assert evaluation.confusion.sum() == 200
    assert evaluation.confusion.diagonal().sum() == round(evaluation.accuracy * 200)


def test_network_input_is_what_training_prepares() -> None:
    model = NiN(PRESETS["classic-112"].architecture)
    checkpoint = Checkpoint(model.architecture, {}, "classic-112", normalise=True)
    pixels = torch.arange(784, dtype=torch.int64).remainder(256).to(torch.uint8).view(28, 28)
    x = network_input(pixels, checkpoint)
    assert x.shape == (1, 1, 112, 112)
    # Bilinear enlarging by whole factors keeps the mean.
    expected = (pixels.float() / 255 - 0.2860) / 0.3530
    assert torch.isclose(x.mean(), expected.mean(), atol=1e-3)
    assert network_input(pixels.repeat(3, 1, 1), checkpoint).shape == (3, 1, 112, 112)
