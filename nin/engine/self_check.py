"""Does this device compute gradients as they should be? Asked before anything is trained on it.

Backends have shipped layers whose way back aborts or is wrong without a word: pooling of
channels_last tensors on Macs (pytorch#175190), average pooling with padding on CUDA
(pytorch#188344). A network trained on such gradients looks like one with a bad learning rate. So
one small step of the network is worked out on the device and on the CPU; where the two differ,
the engine gives up what may be to blame, one thing after the other, and in the end the device.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from nin.data.fashion_mnist import SIDE
from nin.engine.device import Engine, choose_engine
from nin.engine.fast_network import FastNetwork
from nin.errors import Message, SettingsError
from nin.model.architecture import Architecture
from nin.model.network import NiN, initialise

IMAGES = 2
# How far the gradient of a parameter may be off, as a share of its length. Rounding to bf16 moved one by
# 0.22 at most (all presets, on a CPU), float32 by 1e-6; TF32, eight times as fine as bf16, lies between.
# A wrong way back is off by its whole length and more.
TOLERANCE = {True: 0.5, False: 0.1}  # by whether bf16 is used
_REFERENCE = Engine(torch.device("cpu"), bfloat16=False, fold=False, channels_last=False)


@dataclass(frozen=True)
class Checked:
    """An engine whose gradients are right for one network."""

    engine: Engine
    fault: Message | None = None  # what was wrong with the engine that was asked for, and what is used instead


@functools.lru_cache
def check_engine(engine: Engine, architecture: Architecture, *, may_leave: bool = True) -> Checked:
    """`engine`, or the nearest one whose gradients for this network agree with the CPU's; the CPU itself is not checked.

    SettingsError where only another device would do and `may_leave` is False.
    """
    return Checked(engine) if engine.device.type == "cpu" else first_sound(engine, architecture, may_leave=may_leave)


def first_sound(engine: Engine, architecture: Architecture, *, may_leave: bool = True) -> Checked:
    difference = gradient_difference(engine, architecture)
    if difference is None:
        return Checked(engine)
    fault = Message(
        "{engine} gives other gradients than the CPU ({difference})", {"engine": engine.name, "difference": difference}
    )
    for instead, words in _with_less(engine):
        if gradient_difference(instead, architecture) is None:
            return Checked(instead, _used_instead(fault, words))
    if not may_leave:
        raise SettingsError("{fault}: choose --device cpu", fault=fault)
    return Checked(choose_engine("cpu"), _used_instead(fault, Message("the CPU")))


def _used_instead(fault: Message, what: Message) -> Message:
    return Message("{fault}: training uses {what} instead", {"fault": fault, "what": what})


def _with_less(engine: Engine) -> Iterator[tuple[Engine, Message]]:
    """Engines that do without one thing after another, each with words for what it uses instead."""
    if engine.channels_last:
        engine = replace(engine, channels_last=False)
        yield engine, Message("the contiguous memory layout")
    if engine.bfloat16:
        engine = replace(engine, bfloat16=False)
        yield engine, Message("float32")
    if engine.fold:
        yield replace(engine, fold=False), Message("the first convolution as it is")


def gradient_difference(engine: Engine, architecture: Architecture) -> Message | str | None:
    """Which gradient of one step on a few images is furthest off, and by how much; None where all are right."""
    architecture = replace(architecture, logit_head=True)  # a last ReLU may leave a class without a gradient
    right = _gradients(_REFERENCE, architecture)
    try:
        found = _gradients(engine, architecture)
    except torch.OutOfMemoryError:  # says nothing of the gradients
        raise
    except (RuntimeError, NotImplementedError, TypeError) as error:  # what the device cannot do at all
        return str(error).strip().partition("\n")[0] or type(error).__name__
    off = {name: _relative_error(found[name], right[name]) for name in right}
    worst = max(off, key=off.__getitem__)
    if off[worst] <= TOLERANCE[engine.bfloat16]:
        return None
    if math.isfinite(off[worst]):
        return Message("that of {name} is off by {share:.0%}", {"name": worst, "share": off[worst]})
    return Message("that of {name} is not a number", {"name": worst})


def _gradients(engine: Engine, architecture: Architecture) -> dict[str, Tensor]:
    """By parameter, on the CPU; the same images, weights and dropout on every engine."""
    generator = torch.Generator().manual_seed(0)
    images, labels = torch.rand(IMAGES, 1, SIDE, SIDE, generator=generator), torch.arange(IMAGES)
    model = initialise(NiN(architecture), "he", seed=0)
    masks = FastNetwork(model, normalise=True, engine=_REFERENCE).draw_masks(IMAGES, generator)
    network = FastNetwork(engine.place(model), normalise=True, engine=engine)
    logits = network(images.to(engine.device), [engine.arrange(mask.to(engine.device)) for mask in masks])
    F.cross_entropy(logits, labels.to(engine.device)).backward()
    return {name: parameter.grad.float().cpu() for name, parameter in model.named_parameters()}


def _relative_error(found: Tensor, right: Tensor) -> float:
    error = float((found - right).norm() / right.norm().clamp_min(torch.finfo(right.dtype).tiny))
    return error if math.isfinite(error) else math.inf
