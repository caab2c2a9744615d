"""What memory a step takes is worked out from the layers; what is kept for the way back, to the byte."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from nin.model.cost import measure_cost
from nin.model.memory import prediction_memory, training_memory
from nin.model.network import NiN
from nin.presets import PRESETS

DENSE = nn.Sequential(
    nn.Conv2d(1, 6, 5, padding=2), nn.Sigmoid(), nn.AvgPool2d(2, 2), nn.Conv2d(6, 4, 3), nn.ReLU(), nn.MaxPool2d(2, 2),
    nn.Flatten(), nn.Linear(4 * 6 * 6, 20), nn.ReLU(), nn.Dropout(0.5), nn.Linear(20, 10),
)  # fmt: skip
NETWORKS = {name: (NiN(preset.architecture), preset.architecture.input_size) for name, preset in PRESETS.items()}
NETWORKS["dense"] = DENSE, 28


def kept_by_autograd(model: nn.Module, images: torch.Tensor, labels: torch.Tensor) -> int:
    """Bytes of all storage that is kept for the way back, the batch included, parameters left out."""
    kept = {}

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    model.train()
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        loss = F.cross_entropy(model(images), labels)
    weights = {parameter.untyped_storage().data_ptr() for parameter in model.parameters()}
    total = sum(size for pointer, size in kept.items() if pointer not in weights)
    scale = 4  # cross-entropy keeps the sum of the labels' weights, one number
    assert loss.requires_grad
    return total - scale


@pytest.mark.parametrize("name", NETWORKS)
def test_what_is_kept_for_the_way_back_is_what_autograd_keeps(name: str) -> None:
    model, size = NETWORKS[name]
    n = 3
    kept = kept_by_autograd(model, torch.rand(n, 1, size, size), torch.arange(n))
    assert training_memory(measure_cost(model, size), n).kept == kept


def test_an_optimizer_adds_what_it_remembers_of_each_parameter() -> None:
    cost = measure_cost(NETWORKS["pocket"][0], 28)
    copies = {
        ("sgd", 0.0): 0,
        ("sgd", 0.9): 1,
        ("adam", 0.0): 2,
        ("adamw", 0.0): 2,
    }
    for (optimizer, momentum), count in copies.items():
        memory = training_memory(cost, 16, optimizer, momentum=momentum)
        assert memory.optimizer == count * memory.parameters == count * memory.gradients


@pytest.mark.parametrize("name", NETWORKS)
def test_training_takes_more_memory_than_predicting_and_both_grow_with_the_batch(name: str) -> None:
    model, size = NETWORKS[name]
    cost = measure_cost(model, size)
    small, large = (training_memory(cost, n) for n in (1, 64))
    assert small.peak < large.peak
    assert prediction_memory(cost, 1).peak < prediction_memory(cost, 64).peak < large.peak
    # Nobody can predict with less than the weights, or train with less than four copies of them.
    assert prediction_memory(cost, 1).peak > 4 * cost.parameters
    assert small.peak > 15 * cost.parameters
    # What is kept is there at once, when the forward pass is done.
    assert large.peak >= large.parameters + large.optimizer + large.kept
    assert large.fullest.phase in ("forward", "backward")
