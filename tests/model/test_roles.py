"""Layers of two networks are matched by what they do, not by their number."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nin.model.network import NiN
from nin.model.roles import counterpart, roles
from nin.presets import PRESETS

ARCHITECTURES = {name: preset.architecture for name, preset in PRESETS.items()}


@pytest.mark.parametrize("changes", [{}, {"logit_head": True}, {"pointwise": 0}, {"pointwise": 3, "dropout": 0.1}])
@pytest.mark.parametrize("name", PRESETS)
def test_every_stage_and_layer_has_a_role_of_its_own(name: str, changes: dict) -> None:
    architecture = replace(ARCHITECTURES[name], **changes)
    model, found = NiN(architecture), roles(architecture)
    assert found.keys() == {*dict(model.named_children()), *model.layers()}
    assert len(set(found.values())) == len(found)
    for index, role in found.items():
        kind = type(model.get_submodule(index)).__name__
        expected = {"convolution": "Conv2d", "relu": "ReLU", "block": "Sequential", "dropout": "Dropout"}
        assert expected.get(role.part, kind) == kind
        assert counterpart(index, architecture, architecture) == index


@pytest.mark.parametrize(
    ("one", "index", "other", "expected"),
    [
        ("pocket", "5", "classic", "7"),  # the ten class maps
        ("pocket", "5", "paper", "6"),
        ("pocket", "6", "classic", "8"),  # global average pooling
        ("pocket", "7", "classic", "9"),  # the logits
        ("pocket", "1.2", "classic", "2.2"),  # the first 1×1 convolution of the second block
        ("pocket", "2", "classic", "3"),  # the pooling behind the second block
        ("classic", "1", "pocket", None),  # pocket does not pool behind its first block
        ("classic", "4", "paper", None),  # paper has no third block before its last
        ("classic", "3", "classic-112", "3"),
    ],
)
def test_counterparts(one: str, index: str, other: str, expected: str | None) -> None:
    assert counterpart(index, ARCHITECTURES[one], ARCHITECTURES[other]) == expected


def test_a_network_without_the_last_relu_has_no_counterpart_for_it() -> None:
    faithful, logit_head = ARCHITECTURES["pocket"], replace(ARCHITECTURES["pocket"], logit_head=True)
    assert counterpart("5.5", faithful, logit_head) is None
    assert counterpart("5.4", faithful, logit_head) == "5.4"
