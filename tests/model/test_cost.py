"""Parameters, computation and values are counted right, and the formulas say how."""

from __future__ import annotations

import json
import re

import pytest
import torch
import torchinfo
from torch import nn

from nin.model.cost import KINDS, measure_cost
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


@pytest.mark.parametrize("name", PRESETS)
def test_parameters_shapes_and_macs_agree_with_torchinfo(name: str) -> None:
    size = PRESETS[name].architecture.input_size
    model = NiN(PRESETS[name].architecture)
    cost = measure_cost(model, size)
    told = torchinfo.summary(model, input_size=(1, 1, size, size), verbose=0, device="cpu")
    assert told.total_params == told.trainable_params == cost.parameters
    leaves = [info for info in told.summary_list if info.is_leaf_layer]
    for info, layer in zip(leaves, cost.layers, strict=True):
        assert tuple(info.output_size) == layer.shape, layer.index
        assert max(info.num_params, 0) == layer.parameters
        # torchinfo counts an addition of the bias as a multiply-accumulate of each value that comes out.
        biases = layer.bias * layer.shape[-1] * layer.shape[-2] if layer.weight else 0
        assert info.macs == layer.macs + biases


def test_layers_add_up() -> None:
    model = NiN(PRESETS["paper"].architecture)
    cost = measure_cost(model, 28)
    assert sum(layer.parameters for layer in cost.layers) == cost.parameters == parameter_count(model)
    assert len(cost.layers) == len([m for m in model.modules() if not list(m.children())])
    assert sum(map(cost.parameters_of, KINDS)) == cost.parameters
    assert sum(map(cost.macs_of, KINDS)) == cost.forward_macs


def test_formulas_are_filled_in_as_a_reader_would() -> None:
    cost = measure_cost(NiN(PRESETS["classic"].architecture), 224)
    first, pointwise = cost.layers[0], cost.layers[2]
    assert first.parameter_formula == "96 × 1 × 11 × 11 + 96 = 11,712"
    assert first.macs_formula == "96 × 54 × 54 × 1 × 11 × 11 = 33,872,256"
    assert pointwise.parameter_formula == "96 × 96 × 1 × 1 + 96 = 9,312"
    assert (first.weight_kind, pointwise.weight_kind) == ("spatial", "pointwise")
    assert cost.layers[1].parameter_formula == cost.layers[1].macs_formula == ""


@pytest.mark.parametrize("name", PRESETS)
def test_every_formula_is_true(name: str) -> None:
    for layer in measure_cost(NiN(PRESETS[name].architecture), PRESETS[name].architecture.input_size).layers:
        for formula, count in ((layer.parameter_formula, layer.parameters), (layer.macs_formula, layer.macs)):
            if formula:
                left, _, right = formula.partition(" = ")
                expression = left.replace(",", "").replace("×", "*")
                assert re.fullmatch(r"[\d *+]+", expression)
                assert eval(expression) == int(right.replace(",", "")) == count
            else:
                assert count == 0


def test_a_network_with_dense_layers_is_counted_too() -> None:
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 26 * 26, 10, bias=False))
    cost = measure_cost(model, 28)
    dense = cost.layers[-1]
    assert dense.shape == (1, 10)
    assert dense.parameter_formula == "10 × 2,704 = 27,040"
    assert dense.macs == dense.parameters == cost.parameters_of("dense") == cost.macs_of("dense")
    assert dense.receptive_field.windows == ((0, 28),)
