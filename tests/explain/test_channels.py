"""Statistics, orders and colour ranges of maps, and where on the input maps belong."""

import numpy as np
import pytest
import torch

from nin.explain.channels import ORDERS, SCALES, as_maps, colour_ranges, histogram, order, statistics

MAPS = np.array([[[1, 1], [1, 1]], [[0, 0], [0, 0]], [[0, 0], [0, 5]], [[2, 0], [0, 0]]], np.float32)


def test_statistics():
    found = statistics(MAPS)
    assert found.silent.tolist() == [False, True, False, False]
    assert found.zeros.tolist() == [0, 1, 0.75, 0.75]
    assert found.sparsity == (0 + 4 + 3 + 3) / 16
    assert found.deviation[2] == pytest.approx(MAPS[2].std())
    assert not found.is_signed


@pytest.mark.parametrize(
    ("how", "expected"),
    [("index", [0, 1, 2, 3]), ("strongest", [2, 3, 0, 1]), ("varied", [2, 3, 0, 1]), ("silent-last", [0, 2, 3, 1])],
)
def test_orders(how, expected):
    assert order(statistics(MAPS), how).tolist() == expected


def test_every_order_shows_every_channel():
    maps = np.random.default_rng(0).normal(size=(384, 3, 3)).astype(np.float32)
    for how in ORDERS:
        assert sorted(order(statistics(maps), how)) == list(range(384))


def test_colour_ranges():
    found = statistics(MAPS)
    assert colour_ranges(found, "channel", (-9, 9))[:, 1].tolist() == [1, 0, 5, 2]
    assert colour_ranges(found, "layer", (-9, 9)).tolist() == [[0, 5]] * 4
    assert colour_ranges(found, "network", (-9, 7)).tolist() == [[0, 9]] * 4
    signed = statistics(MAPS - 2)
    for scale in SCALES:
        ranges = colour_ranges(signed, scale, (-9, 7))
        assert (ranges[:, 0] == -ranges[:, 1]).all()
        assert (ranges[:, 1] >= np.abs(MAPS - 2).max((1, 2))).all()
    assert colour_ranges(signed, "network", (-9, 7))[0].tolist() == [-9, 9]


def test_the_histogram_of_one_value_is_one_part():
    counts, edges = histogram(np.zeros((2, 3, 3), np.float32))
    assert (counts.tolist(), edges.tolist()) == ([18], [0, 0])
    counts, edges = histogram(MAPS)
    assert (counts.sum(), edges[0], edges[-1]) == (16, 0, 5)


def test_a_logit_is_a_map_of_one_pixel():
    assert as_maps(torch.zeros(1, 10)).shape == (10, 1, 1)
    assert as_maps(torch.zeros(1, 3, 4, 5)).shape == (3, 4, 5)
