"""The fold computes what resizing and convolution compute: the book's network, loss and gradients."""

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from nin.data.augment import AUGMENTATIONS
from nin.engine.device import Engine
from nin.engine.fast_network import FastNetwork
from nin.engine.fold import FoldedConvolution, plan_fold
from nin.model.architecture import Architecture, Block
from nin.model.network import NiN, initialise
from nin.presets import PRESETS
from nin.storage.checkpoint import prepare

CPU = torch.device("cpu")


def relative_error(value, expected):
    return ((value - expected).norm() / expected.norm()).item()


def loss_and_gradients(network, images, masks, *, fold, normalise):
    engine = Engine(CPU, bfloat16=False, fold=fold)
    network.zero_grad()
    fast_network = FastNetwork(network, normalise=normalise, engine=engine)
    assert (fast_network.folded is not None) == fold
    loss = F.cross_entropy(fast_network(images, masks), torch.arange(len(images)), label_smoothing=0.05)
    loss.backward()
    return loss.detach(), {name: parameter.grad.clone() for name, parameter in network.named_parameters()}


@pytest.mark.parametrize("name", ["classic-112", "paper", "pocket"])
def test_network_without_fold_equals_the_books(name):
    """Its ReLUs stand behind the max-pools instead of before them, which makes no difference."""
    architecture = replace(PRESETS[name].architecture, logit_head=True)
    network = initialise(NiN(architecture), "he", seed=1).eval()
    images = torch.rand(2, 1, 28, 28)
    expected = network(prepare(images, architecture, normalise=True))
    F.cross_entropy(expected, torch.arange(2)).backward()
    expected_gradients = [parameter.grad for parameter in network.parameters()]
    network.zero_grad()
    logits = FastNetwork(network, normalise=True, engine=Engine(CPU, bfloat16=False, fold=False))(images)
    F.cross_entropy(logits, torch.arange(2)).backward()
    assert torch.equal(logits, expected)
    for parameter, gradient in zip(network.parameters(), expected_gradients, strict=True):
        torch.testing.assert_close(parameter.grad, gradient, rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("normalise", [False, True])
@pytest.mark.parametrize("name", ["classic", "classic-112"])
def test_network_with_fold_equals_the_books(name, normalise):
    architecture = PRESETS[name].architecture
    network = initialise(NiN(architecture), "he", seed=1).double()
    generator = torch.Generator().manual_seed(2)
    # Unlike real images these are bright at the borders, where resizing clamps.
    images = AUGMENTATIONS["flip"](torch.rand(2, 1, 28, 28, dtype=torch.float64, generator=generator), generator)
    masks = FastNetwork(network, normalise=normalise, engine=Engine(CPU, False)).draw_masks(2, generator)
    expected_loss, expected = loss_and_gradients(network, images, masks, fold=False, normalise=normalise)
    loss, gradients = loss_and_gradients(network, images, masks, fold=True, normalise=normalise)
    assert loss.item() == pytest.approx(expected_loss.item(), rel=1e-9)
    for parameter, gradient in gradients.items():
        assert relative_error(gradient, expected[parameter]) < 1e-9, parameter


@settings(max_examples=60, deadline=None, derandomize=True)
@given(scale=st.integers(2, 9), kernel_size=st.integers(1, 13), stride=st.integers(1, 8))
def test_any_first_convolution(scale, kernel_size, stride):
    architecture = Architecture(28 * scale, (Block((3,), kernel_size, stride),))
    plan = plan_fold(architecture)
    outputs = (28 * scale - kernel_size) // stride + 1
    convolution = nn.Conv2d(1, 3, kernel_size, stride).double()
    images = torch.rand(2, 1, 28, 28, dtype=torch.float64)
    if plan is None:
        assert outputs % (scale // torch.gcd(torch.tensor(scale), torch.tensor(stride)).item())
        return
    expected = convolution(prepare(images, architecture, normalise=False))
    folded = FoldedConvolution(convolution, plan)(images)
    assert folded.shape == expected.shape
    assert relative_error(folded, expected) < 1e-12


@pytest.mark.parametrize("name", ["pocket", "paper"])
def test_networks_that_enlarge_nothing_have_no_fold(name):
    assert plan_fold(PRESETS[name].architecture) is None


def test_parameters_stay_the_books():
    network = NiN(PRESETS["classic"].architecture)
    fast_network = FastNetwork(network, normalise=True, engine=Engine(CPU, False))
    assert list(map(id, fast_network.parameters())) == list(map(id, network.parameters()))


def test_result_is_laid_out_for_what_follows():
    architecture = PRESETS["classic"].architecture
    folded = FoldedConvolution(NiN(architecture)[0][0], plan_fold(architecture))
    assert folded(torch.rand(2, 1, 28, 28)).is_contiguous(memory_format=torch.channels_last)


def test_bfloat16_is_as_close_as_without_the_fold():
    architecture = PRESETS["classic-112"].architecture
    network = initialise(NiN(architecture), "he", seed=0)
    images = torch.rand(4, 1, 28, 28)
    exact = FastNetwork(network, normalise=True, engine=Engine(CPU, False, fold=False))(images)
    errors = {
        fold: relative_error(FastNetwork(network, normalise=True, engine=Engine(CPU, True, fold=fold))(images), exact)
        for fold in (False, True)
    }
    assert errors[True] < max(2 * errors[False], 0.02)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("name", ["classic", "classic-112"])
def test_fold_on_the_gpu(name):
    network = initialise(NiN(PRESETS[name].architecture), "he", 0).cuda().double()
    images = torch.rand(4, 1, 28, 28, dtype=torch.float64, device="cuda")
    plain, folded = (
        FastNetwork(network, normalise=True, engine=Engine(images.device, bfloat16=False, fold=fold))(images)
        for fold in (False, True)
    )
    assert relative_error(folded, plain) < 1e-9
