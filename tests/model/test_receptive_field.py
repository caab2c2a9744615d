"""What a value is said to depend on is what a gradient finds, at the borders above all."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from nin.model.architecture import Architecture, Block, Pool
from nin.model.cost import measure_cost
from nin.model.network import NiN
from nin.presets import PRESETS

SIZES = [
    (name, size)
    for name, preset in PRESETS.items()
    for size in (preset.architecture.input_size + extra for extra in (0, 1, 2, 3, preset.architecture.input_size // 2))
]


def thin(architecture: Architecture) -> NiN:
    """The same windows with a channel each, all weights above 0, means for maxima: every path has a gradient."""
    stages = []
    for stage in architecture.stages:
        match stage:
            case Block():
                stage = replace(stage, channels=(1,) * len(stage.channels))
            case Pool():
                stage = replace(stage, mode="average")
        stages.append(stage)
    model = NiN(replace(architecture, stages=tuple(stages))).double().eval()
    for parameter in model.parameters():
        parameter.data.fill_(1.0)
    return model


@pytest.mark.parametrize(("name", "size"), SIZES)
def test_windows_are_what_gradients_find_at_the_borders(name: str, size: int) -> None:
    model = thin(PRESETS[name].architecture)
    picture = torch.ones(1, 1, size, size, dtype=torch.double, requires_grad=True)
    costs = {cost.index: cost for cost in measure_cost(model, size).layers}
    x = picture
    for index, layer in model.layers().items():
        x = layer(x)
        field, count = costs[index].receptive_field, x.shape[-1]
        if x.ndim < 4:
            x = x[..., None, None]
        assert len(field.windows) == count
        for place in {0, 1, count // 2, count - 2, count - 1} & set(range(count)):
            # On the diagonal, so that rows and columns are tried at once.
            (gradient,) = torch.autograd.grad(x[0, 0, place, place], picture, retain_graph=True)
            for sums in (gradient[0, 0].sum(0), gradient[0, 0].sum(1)):
                touched = sums.nonzero().flatten()
                assert (int(touched[0]), int(touched[-1]) + 1) == field.windows[place], (index, place)


def test_pooling_leaves_the_last_rows_of_the_books_network_unseen() -> None:
    costs = {cost.index: cost for cost in measure_cost(NiN(PRESETS["classic"].architecture), 224).layers}
    assert costs["2.5"].receptive_field.windows[25] == (184, 219)
    assert costs["8"].receptive_field.windows == ((0, 219),)
    assert costs["9"].receptive_field.windows == ((0, 219),)


def test_a_map_is_spread_about_its_values_centres_and_a_single_value_over_all_it_sees() -> None:
    costs = {cost.index: cost for cost in measure_cost(NiN(PRESETS["classic"].architecture), 224).layers}
    first = costs["0.0"].receptive_field
    assert (first.size, first.stride, first.first_centre) == (11, 4, 5.5)
    assert first.spread == (3.5, 219.5)
    assert (first.windows[0], first.windows[53]) == ((0, 11), (212, 223))
    assert costs["8"].receptive_field.spread == (0, 219)
