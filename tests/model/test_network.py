"""The networks are the published ones, and their options do what they say."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch
from torch import nn

from nin.model.architecture import Architecture, Block
from nin.model.network import NiN, convolutions, initialise, parameter_count, stage_name
from nin.model.shapes import stage_shapes
from nin.paths import ROOT
from nin.presets import PRESETS

REFERENCE = json.loads((ROOT / "data" / "published_results.json").read_text())["classic_224"]


def test_classic_has_the_books_shapes_and_parameters() -> None:
    model = NiN(PRESETS["classic"].architecture)
    shapes = {str(index): list(shape) for index, shape in enumerate(stage_shapes(model, 224))}
    assert shapes == dict(REFERENCE["shapes"])
    assert parameter_count(model) == REFERENCE["parameters"] == 1_992_166


def test_classic_layers_come_in_the_books_order() -> None:
    model = NiN(PRESETS["classic"].architecture)
    kinds = [type(stage).__name__ for stage in model]
    block, pool = "Sequential", "MaxPool2d"
    assert kinds == [block, pool, block, pool, block, pool, "Dropout", block, "AdaptiveAvgPool2d", "Flatten"]
    assert [type(layer).__name__ for layer in model[0]] == ["Conv2d", "ReLU"] * 3


def test_paper_has_the_published_widths_and_parameters() -> None:
    model = NiN(PRESETS["paper"].architecture)
    assert [layer.out_channels for layer in convolutions(model)] == [192, 160, 96, 192, 192, 192, 192, 192, 10]
    assert parameter_count(model) == 957_386


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS.keys())
def test_every_preset_answers_with_ten_logits(preset) -> None:
    size = preset.architecture.input_size
    with torch.inference_mode():
        assert NiN(preset.architecture).eval()(torch.rand(2, 1, size, size)).shape == (2, 10)


@pytest.mark.parametrize("count", [0, 1, 2, 3])
@pytest.mark.parametrize("name", ["classic-112", "paper", "pocket"])
def test_pointwise_sets_the_1x1_convolutions_of_each_block(name: str, count: int) -> None:
    model = NiN(replace(PRESETS[name].architecture, pointwise=count))
    blocks = [stage for stage in model if isinstance(stage, nn.Sequential)]
    assert [len(convolutions(block)) for block in blocks] == [1 + count] * len(blocks)
    assert all(layer.kernel_size == (1, 1) for block in blocks for layer in convolutions(block)[1:])
    # What a block takes and gives is the same, so the network still fits together.
    plain = NiN(PRESETS[name].architecture)
    widths = [convolutions(stage)[-1].out_channels for stage in plain if isinstance(stage, nn.Sequential)]
    assert [convolutions(block)[-1].out_channels for block in blocks] == widths


def test_two_pointwise_convolutions_are_the_books() -> None:
    assert Block((96, 96, 96), 11).with_pointwise(2) == Block((96, 96, 96), 11)
    assert Block((192, 160, 96), 5).with_pointwise(2) == Block((192, 160, 96), 5)


def test_logit_head_drops_the_last_relu_and_nothing_else() -> None:
    faithful = NiN(PRESETS["pocket"].architecture)
    logit_head = NiN(replace(PRESETS["pocket"].architecture, logit_head=True))
    logit_head.load_state_dict(faithful.state_dict())
    images = torch.rand(64, 1, 28, 28)
    maps = {}
    for name, model in (("faithful", faithful), ("logit head", logit_head)):
        with torch.inference_mode():
            maps[name] = model.eval().class_maps(images)
    assert maps["logit head"].min() < 0
    assert torch.equal(maps["faithful"], maps["logit head"].relu())


def test_dropout_option_reaches_every_dropout_stage() -> None:
    model = NiN(replace(PRESETS["paper"].architecture, dropout=0.1))
    assert [layer.p for layer in model.modules() if isinstance(layer, nn.Dropout)] == [0.1, 0.1]


@pytest.mark.parametrize("options", [{"pointwise": 4}, {"pointwise": -1}, {"dropout": 1.0}, {"dropout": -0.1}])
def test_options_out_of_range_are_refused(options: dict) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        replace(PRESETS["pocket"].architecture, **options)


def test_the_same_seed_gives_the_same_weights_and_leaves_the_generator_alone() -> None:
    model = NiN(PRESETS["pocket"].architecture)
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    first = initialise(model, "he", seed=7).state_dict()["0.0.weight"].clone()
    assert torch.rand(1) == expected
    assert torch.equal(initialise(model, "he", seed=7).state_dict()["0.0.weight"], first)
    assert not torch.equal(initialise(model, "he", seed=8).state_dict()["0.0.weight"], first)


def test_blocks_of_an_identity_initialisation_begin_as_their_first_convolution() -> None:
    block = initialise(NiN(PRESETS["classic"].architecture), "he-identity", seed=0)[0]
    images = torch.rand(2, 1, 64, 64)
    torch.testing.assert_close(block(images), block[0](images).relu())
    he = initialise(NiN(PRESETS["classic"].architecture), "he", seed=0)[0]
    assert not torch.allclose(he(images), he[0](images).relu(), atol=0.01)


def test_initialisations_carry_the_signal_as_far_as_they_are_said_to() -> None:
    """How much the class maps of different images differ: with He a lot, by default next to nothing."""
    images = torch.randn(16, 1, 112, 112)
    spread = {}
    for how in ("default", "xavier", "he", "he-identity"):
        model = initialise(NiN(PRESETS["classic-112"].architecture), how, seed=0).eval()
        with torch.inference_mode():
            spread[how] = model.class_maps(images).std(dim=0).mean().item()
    assert min(spread["he"], spread["he-identity"]) > 0.01
    assert spread["xavier"] < spread["he"] / 100
    assert spread["default"] < spread["xavier"] / 10


def test_stages_have_the_books_words() -> None:
    names = [stage_name(stage) for stage in NiN(PRESETS["classic"].architecture)]
    assert names[0] == "NiN block 96 @ 11×11, stride 4"
    assert names[1] == "Max-pool 3×3, stride 2"
    assert names[-2:] == ["Global average pool", "Flatten"]


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS.keys())
def test_an_architecture_survives_json(preset) -> None:
    architecture = replace(preset.architecture, logit_head=True, pointwise=1, dropout=0.25)
    assert Architecture.from_dict(json.loads(json.dumps(architecture.to_dict()))) == architecture
