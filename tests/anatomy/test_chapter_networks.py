"""The networks that the chapter compares with are the book's, and are counted as torch counts them."""

from __future__ import annotations

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from nin.anatomy.chapter_networks import CHAPTER_NETWORKS
from nin.model.cost import measure_cost

# Shapes behind the layers with weights, as sections 7.6, 8.1 and 8.2 print them.
SHAPES = {
    "lenet": [(6, 28, 28), (16, 10, 10), (120,), (84,), (10,)],
    "alexnet": [(96, 54, 54), (256, 26, 26), (384, 12, 12), (384, 12, 12), (256, 12, 12), (4096,), (4096,), (10,)],
    "vgg-11": [
        (64, 224, 224), (128, 112, 112), (256, 56, 56), (256, 56, 56), (512, 28, 28), (512, 28, 28), (512, 14, 14),
        (512, 14, 14), (4096,), (4096,), (10,),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", CHAPTER_NETWORKS)
def test_a_chapter_network_has_the_books_shapes_and_torchs_count(name: str) -> None:
    network = CHAPTER_NETWORKS[name]
    with torch.device("meta"):  # VGG-11 has half a gigabyte of weights, and none is needed
        model = network.build().eval()
        images = torch.zeros(1, 1, network.input_size, network.input_size)
    cost = measure_cost(model, network.input_size)
    assert [layer.shape[1:] for layer in cost.layers if layer.weight] == SHAPES[name]
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        assert model(images).shape == (1, 10)
    assert counter.get_total_flops() == 2 * cost.forward_macs
    assert cost.parameters == sum(parameter.numel() for parameter in model.parameters())
