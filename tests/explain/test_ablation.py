"""Switching parts of a network off: the right part, and the network stays whole."""

from dataclasses import replace

import pytest
import torch

from nin.data.dataset import Split
from nin.errors import SettingsError
from nin.explain.ablation import Ablation, accuracy_with, can_bypass, capture_with, classes_at_zero, logits_with
from nin.explain.activations import capture
from nin.model.network import NiN, initialise
from nin.presets import PRESETS
from nin.storage.checkpoint import Checkpoint, network_input


@pytest.fixture(scope="module")
def model():
    return initialise(NiN(PRESETS["pocket"].architecture), "he", seed=0).eval()


@pytest.fixture(scope="module")
def x():
    return torch.rand(4, 1, 28, 28, generator=torch.Generator().manual_seed(0))


def test_no_ablation_changes_nothing(model, x):
    assert torch.equal(logits_with(model, [], x), capture(model, x).logits)


def test_channels_off_is_weights_and_bias_at_zero(model, x):
    without = initialise(NiN(model.architecture), "he", seed=0).eval()
    with torch.no_grad():
        without[1][2].weight[[3, 5]] = 0
        without[1][2].bias[[3, 5]] = 0
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    assert torch.allclose(logits_with(model, [Ablation("1.2", frozenset({3, 5}))], x), capture(without, x).logits)
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())


def test_a_bypassed_1x1_is_an_identity(model, x):
    without = initialise(NiN(model.architecture), "he", seed=0).eval()
    with torch.no_grad():
        without[0][2].weight.copy_(torch.eye(48)[:, :, None, None])
        without[0][2].bias.zero_()
    got = logits_with(model, [Ablation("0.2")], x)
    assert torch.allclose(got, capture(without, x).logits, atol=1e-5)
    assert not torch.allclose(got, logits_with(model, [], x))


def test_ablations_add_up(model, x):
    both = logits_with(model, [Ablation("0.2"), Ablation("1.0", frozenset(range(96)))], x)
    assert torch.equal(both, logits_with(model, [Ablation("1.0", frozenset(range(96)))], x))


def test_the_maps_of_an_ablated_network_are_all_there(model, x):
    ablations = [Ablation("0.2"), Ablation("1.1", frozenset({3, 5}))]
    without, whole = capture_with(model, ablations, x), capture(model, x)
    assert without.layers.keys() == whole.layers.keys()
    assert without.stages.keys() == whole.stages.keys()
    assert torch.equal(without.logits, logits_with(model, ablations, x))
    assert torch.equal(without["0.1"], whole["0.1"])  # before the first ablation nothing changes
    assert torch.equal(without["0.2"], without["0.1"])  # a bypassed layer hands on what it was given
    assert not without["1.1"][:, [3, 5]].any()
    assert not torch.equal(without["1"], whole["1"])
    assert torch.equal(capture_with(model, [], x).logits, whole.logits)


def test_a_class_whose_map_is_switched_off_has_a_logit_of_0_and_leaves_the_others_as_they_were(x):
    model = initialise(NiN(replace(PRESETS["pocket"].architecture, logit_head=True)), "he", seed=0).eval()
    whole = capture(model, x).logits
    unlikely = int(whole[0].argmin())
    assert whole[0, unlikely] < 0
    for part in (Ablation("5.4", frozenset({unlikely})), Ablation("6", frozenset({unlikely}))):
        assert classes_at_zero(model, [part, Ablation("5.2", frozenset({4}))]) == [unlikely]
        logits = logits_with(model, [part], x)
        others = [c for c in range(10) if c != unlikely]
        assert not logits[:, unlikely].any()
        assert torch.equal(logits[:, others], whole[:, others])
        # What spoke against the class is silent, too: it is likelier now.
        assert logits[0].softmax(0)[unlikely] > whole[0].softmax(0)[unlikely]


def test_what_cannot_be_switched_off(model, x):
    assert not can_bypass(model[0][0])
    assert not can_bypass(model[5][4])  # 64 channels in, 10 out
    with pytest.raises(SettingsError, match=r"0\.0 changes the shape"):
        logits_with(model, [Ablation("0.0")], x)
    with pytest.raises(SettingsError, match="no layer '9'"):
        logits_with(model, [Ablation("9", frozenset({0}))], x)
    with pytest.raises(SettingsError, match="48 channels: there is no channel 48"):
        logits_with(model, [Ablation("0.0", frozenset({1, 48}))], x)


def test_accuracy_counts_what_the_answers_say(model):
    images = torch.randint(0, 256, (700, 28, 28), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
    checkpoint = Checkpoint(model.architecture, model.state_dict(), "pocket", normalise=False)
    ablations = [Ablation("3.1", frozenset(range(64)))]
    labels = logits_with(model, ablations, network_input(images, checkpoint)).argmax(1)
    labels[:200] = (labels[:200] + 1) % 10
    progress = list(accuracy_with(checkpoint, model, ablations, Split(images, labels)))
    assert len(progress) > 1
    assert progress[-1][0] == 700
    assert progress[-1][1] == pytest.approx(500, abs=2)
