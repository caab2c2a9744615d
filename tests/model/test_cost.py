"""Parameters, computation and memory are counted right."""

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


def test_training_takes_more_memory_than_predicting_and_both_grow_with_the_batch() -> None:
    model = NiN(PRESETS["pocket"].architecture)
    small, large = measure_cost(model, 28, 1), measure_cost(model, 28, 128)
    assert small.training_bytes > small.inference_bytes
    assert large.training_bytes > small.training_bytes
    assert large.inference_bytes > small.inference_bytes
    # Nobody can predict with less than the weights, or train with less than four copies of them.
    assert small.inference_bytes > 4 * small.parameters
    assert small.training_bytes > 16 * small.parameters
