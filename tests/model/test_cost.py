"""Parameters, computation, memory and receptive fields are counted right."""

from __future__ import annotations

import json

import pytest
import torch

from nin.model.cost import measure_cost
from nin.model.network import NiN, parameter_count
from nin.paths import ROOT
from nin.presets import PRESETS

REFERENCE = json.loads((ROOT / "data" / "published_results.json").read_text())["classic_224"]


def test_classic_costs_what_the_reference_says() -> None:
    cost = measure_cost(NiN(PRESETS["classic"].architecture), 224)
    assert cost.parameters == REFERENCE["parameters"]
    assert cost.forward_macs == REFERENCE["forward_macs_per_image"]


@pytest.mark.parametrize("name", PRESETS)
def test_macs_agree_with_torchs_own_counter(name: str) -> None:
    from torch.utils.flop_counter import FlopCounterMode

    size = PRESETS[name].architecture.input_size
    model = NiN(PRESETS[name].architecture).eval()
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(torch.zeros(1, 1, size, size))
    assert counter.get_total_flops() == 2 * measure_cost(model, size).forward_macs


def test_layers_add_up() -> None:
    model = NiN(PRESETS["paper"].architecture)
    cost = measure_cost(model, 28)
    assert sum(layer.parameters for layer in cost.layers) == cost.parameters == parameter_count(model)
    assert len(cost.layers) == len([m for m in model.modules() if not list(m.children())])


@pytest.mark.parametrize("name", ["pocket", "classic-112"])
def test_receptive_field_is_what_a_gradient_finds(name: str) -> None:
    """The input pixels that one value depends on, found by differentiating, lie where they are said to."""
    size = PRESETS[name].architecture.input_size
    model = NiN(PRESETS[name].architecture).eval()
    cost = measure_cost(model, size)
    model.double()
    torch.manual_seed(0)
    # With positive weights no ReLU closes, so that no path is lost.
    for parameter in model.parameters():
        parameter.data.uniform_(0.1, 1.0)
    for index, place in (("0.0", 2), ("2.0" if name == "classic-112" else "1.0", 3)):
        layer = next(layer for layer in cost.layers if layer.index == index)
        # Of a maximum only the winner has a gradient: look at what any of many images moves.
        touched = torch.zeros(size, size, dtype=torch.bool)
        for _ in range(30):
            image = torch.rand(1, 1, size, size, dtype=torch.double, requires_grad=True)
            output = _up_to(model, index, image)
            output[0, 0, place, place].backward()
            touched |= image.grad[0, 0] != 0
        rows = touched.any(1).nonzero().flatten()
        centre = layer.first_centre + place * layer.stride
        first = max(0, round(centre - layer.receptive_field / 2))
        last = min(size, round(centre + layer.receptive_field / 2)) - 1
        assert (rows.min().item(), rows.max().item()) == (first, last)


def _up_to(model: NiN, index: str, x: torch.Tensor) -> torch.Tensor:
    stage_index, layer_index = map(int, index.split("."))
    for stage in list(model)[:stage_index]:
        x = stage(x)
    for layer in list(model[stage_index])[: layer_index + 1]:
        x = layer(x)
    return x


def test_training_takes_more_memory_than_predicting_and_both_grow_with_the_batch() -> None:
    model = NiN(PRESETS["pocket"].architecture)
    small, large = measure_cost(model, 28, 1), measure_cost(model, 28, 128)
    assert small.training_bytes > small.inference_bytes
    assert large.training_bytes > small.training_bytes
    assert large.inference_bytes > small.inference_bytes
    # Nobody can predict with less than the weights, or train with less than four copies of them.
    assert small.inference_bytes > 4 * small.parameters
    assert small.training_bytes > 16 * small.parameters
