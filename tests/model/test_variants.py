"""Every variation of every network: it answers, counts, folds, trains and is read again like the network it varies."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from nin.data.dataset import load
from nin.engine.device import Engine
from nin.engine.fast_network import FastNetwork
from nin.errors import SettingsError, WeightsError
from nin.explain.ablation import classes_at_zero
from nin.explain.activations import capture
from nin.explain.class_maps import find_evidence
from nin.explain.neighbours import features
from nin.model.architecture import HEADS, INITIALISATIONS, Architecture, Variant
from nin.model.cost import measure_cost
from nin.model.network import NiN, initialise, parameter_count
from nin.model.roles import counterpart, has_class_maps, roles
from nin.model.shapes import stage_shapes
from nin.presets import PRESETS, recipe_named
from nin.storage.checkpoint import prepare
from nin.training.step import Stepper
from nin.training.trainer import Trainer

CPU = Engine(torch.device("cpu"), bfloat16=False)
VARIANTS = {
    "as it is": Variant(),
    **{f"pointwise {count}": Variant(pointwise=count) for count in range(4)},
    **{f"head {head}": Variant(head=head) for head in HEADS[1:]},
    "max pooling": Variant(pooling="max"),
    "gradual of 4": Variant(pointwise=3, head="gradual"),
    "one step of 1": Variant(pointwise=0, head="one-step", pooling="max"),
    "two dense layers": Variant(pointwise=1, head="dense", dense_widths=(48, 24)),
    "one dense layer": Variant(head="dense", dense_widths=()),
}
every = pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
each_preset = pytest.mark.parametrize("name", PRESETS)


@every
@each_preset
def test_a_variant_answers_and_is_counted(name: str, variant: Variant) -> None:
    architecture = variant.of(PRESETS[name].architecture)
    model, size = NiN(architecture).eval(), architecture.input_size
    cost = measure_cost(model, size)
    assert stage_shapes(model, size)[-1] == (1, 10)
    assert cost.parameters == parameter_count(model) == sum(layer.parameters for layer in cost.layers)
    found = roles(architecture)
    assert found.keys() == {*dict(model.named_children()), *model.layers()}
    assert len(set(found.values())) == len(found)
    last = list(model.layers())[-1]
    assert has_class_maps(last, architecture)
    assert counterpart(last, architecture, PRESETS["classic"].architecture) == "9"
    capturing = capture(model, torch.rand(1, 1, size, size))
    shapes = {cost.index: cost.shape for cost in cost.layers}
    assert {index: tuple(output.shape) for index, output in capturing.layers.items()} == shapes
    for layer in cost.layers:
        assert len(layer.receptive_field.windows) == (layer.shape[-1] if len(layer.shape) == 4 else 1), layer.index


@every
@each_preset
def test_the_fast_network_of_a_variant_equals_the_plain_one(name: str, variant: Variant) -> None:
    architecture = replace(variant.of(PRESETS[name].architecture), logit_head=True)
    if name == "classic":  # a quarter of the work, and the same layers
        architecture = replace(architecture, input_size=112)
    network = initialise(NiN(architecture), "he", seed=1).eval()
    images = torch.rand(1, 1, 28, 28)
    with torch.inference_mode():
        expected = network(prepare(images, architecture, normalise=True))
        for fold in (False, True):
            fast = FastNetwork(network, normalise=True, engine=replace(CPU, fold=fold))
            torch.testing.assert_close(fast(images), expected, rtol=1e-3, atol=1e-4)


@every
def test_a_variant_trains(variant: Variant) -> None:
    preset = replace(PRESETS["pocket"], architecture=variant.of(PRESETS["pocket"].architecture))
    recipe = replace(recipe_named("tuned", preset), batch_size=8)
    trainer = Trainer(preset, recipe, load("sample"), engine=CPU, train_size=16)
    before = [parameter.clone() for parameter in trainer.model.parameters()]
    Stepper(trainer).take()
    assert all(not torch.equal(old, new.detach()) for old, new in zip(before, trainer.model.parameters(), strict=True))


@pytest.mark.parametrize("init", INITIALISATIONS)
@every
def test_a_variant_begins_with_the_weights_of_what_it_varies(variant: Variant, init: str) -> None:
    plain = initialise(NiN(PRESETS["pocket"].architecture), init, seed=3).state_dict()
    varied = initialise(NiN(variant.of(PRESETS["pocket"].architecture)), init, seed=3).state_dict()
    shared = [name for name in varied if name in plain and varied[name].shape == plain[name].shape]
    assert "0.0.weight" in shared
    assert all(torch.equal(varied[name], plain[name]) for name in shared)
    assert all(bool(varied[name].any()) for name in varied if name.endswith("weight"))


@every
def test_a_variant_survives_json_and_says_no_more_than_it_must(variant: Variant) -> None:
    architecture = variant.of(PRESETS["paper"].architecture)
    values = json.loads(json.dumps(architecture.to_dict()))
    assert Architecture.from_dict(values) == architecture
    assert ("head" in values, "pooling" in values) == (variant.head is not None, variant.pooling is not None)


def test_the_heads_are_what_they_are_called() -> None:
    widths = {
        head: [
            layer.out_channels for layer in NiN(Variant(head=head).of(PRESETS["classic"].architecture)).last_block[::2]
        ]
        for head in ("block", "one-step", "gradual")
    }
    assert widths == {"block": [10, 10, 10], "one-step": [10, 10, 10], "gradual": [114, 34, 10]}
    dense = NiN(Variant(head="dense", dense_widths=(4096,)).of(PRESETS["classic"].architecture))
    assert [(layer.in_features, layer.out_features) for layer in dense if isinstance(layer, nn.Linear)] == [
        (384 * 5 * 5, 4096), (4096, 10),
    ]  # fmt: skip


@pytest.mark.parametrize("pooling", ["average", "max"])
def test_the_cells_of_a_class_map_add_up_to_the_logit(pooling: str) -> None:
    architecture = Variant(pooling=pooling).of(PRESETS["pocket"].architecture)
    network, image = initialise(NiN(architecture), "he", seed=0).eval(), torch.rand(1, 1, 28, 28)
    evidence = find_evidence(network, image)
    with torch.inference_mode():
        torch.testing.assert_close(evidence.logits.float(), network(image)[0], rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(evidence.contributions.sum((1, 2)), evidence.logits)


def test_a_dense_head_has_no_class_maps_and_says_so() -> None:
    network = NiN(Variant(head="dense").of(PRESETS["pocket"].architecture)).eval()
    image = torch.rand(1, 1, 28, 28)
    with pytest.raises(WeightsError, match="dense head and no class maps"):
        find_evidence(network, image)
    assert features(network, image).shape == (1, 512)
    assert classes_at_zero(network, []) == []
    loss = F.cross_entropy(network(image), torch.tensor([3]))
    assert torch.isfinite(loss)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"pointwise": 4}, "pointwise is 4"),
        ({"head": "deep"}, "choose one of block, one-step, gradual, dense"),
        ({"pooling": "mean"}, "choose one of average, max"),
        ({"dense_widths": (0,)}, "dense widths"),
        ({"head": "dense", "pooling": "max"}, "no maps to pool"),
    ],
)
def test_a_variant_that_cannot_be_is_refused(values: dict, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        Variant(**values)
