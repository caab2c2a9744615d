"""An engine whose gradients differ from the CPU's is noticed, and the nearest one that is right is used."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nin.engine import self_check
from nin.engine.device import Engine, choose_engine
from nin.engine.fast_network import FastNetwork
from nin.engine.self_check import check_engine, first_sound, gradient_difference
from nin.errors import Message, SettingsError
from nin.model.network import NiN
from nin.presets import PRESETS
from nin.process import worker
from nin.process.worker import train_run
from nin.storage.run import Run, RunConfig
from tests.running import SMALL

PLAIN = Engine(torch.device("cpu"), bfloat16=False, fold=False, channels_last=False)
FAST = Engine(torch.device("cpu"), bfloat16=True)
POCKET, FOLDED = PRESETS["pocket"].architecture, PRESETS["classic-112"].architecture


@pytest.mark.parametrize("preset", ["pocket", "paper", "classic-112"])
@pytest.mark.parametrize("engine", [replace(FAST, bfloat16=False), FAST], ids=["float32", "bf16"])
def test_what_is_fast_and_right_is_kept(preset: str, engine: Engine) -> None:
    assert gradient_difference(engine, PRESETS[preset].architecture) is None


def pool_with(fault: Callable[[Tensor], None]) -> Callable[..., Tensor]:
    right = F.max_pool2d

    def pool(x: Tensor, *arguments: object, **options: object) -> Tensor:
        fault(x)
        return right(x, *arguments, **options)

    return pool


def wrong_when_channels_last(x: Tensor) -> None:
    """As pooling of channels_last tensors is on Macs."""
    if x.is_contiguous(memory_format=torch.channels_last) and not x.is_contiguous():
        x.register_hook(lambda gradient: gradient * 4)


def cannot_do_bf16(x: Tensor) -> None:
    if x.dtype == torch.bfloat16:
        raise RuntimeError("max_pool2d: not implemented for BFloat16\nsome pages of advice")


def no_numbers_from_bf16(x: Tensor) -> None:
    if x.dtype == torch.bfloat16:
        x.register_hook(lambda gradient: gradient * float("nan"))


@pytest.mark.parametrize(
    ("fault", "sound", "words"),
    [
        (
            wrong_when_channels_last,
            replace(FAST, channels_last=False),
            r"\(that of \S+ is off by \d+%\): training uses the contiguous memory layout instead",
        ),
        (
            cannot_do_bf16,
            replace(FAST, channels_last=False, bfloat16=False),
            r"\(max_pool2d: not implemented for BFloat16\): training uses float32 instead",
        ),
        (
            no_numbers_from_bf16,
            replace(FAST, channels_last=False, bfloat16=False),
            r"\(that of \S+ is not a number\): training uses float32 instead",
        ),
    ],
    ids=["wrong way back", "not there", "no numbers"],
)
def test_the_nearest_engine_that_is_right_is_used_and_said(
    monkeypatch: pytest.MonkeyPatch, fault: Callable[[Tensor], None], sound: Engine, words: str
) -> None:
    monkeypatch.setattr(F, "max_pool2d", pool_with(fault))
    checked = first_sound(FAST, POCKET)
    assert checked.engine == sound
    assert checked.fault is not None
    assert re.search("cpu gives other gradients than the CPU " + words, str(checked.fault))


def test_a_device_that_is_never_right_is_left_for_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(self_check, "gradient_difference", lambda engine, architecture: "all is wrong")
    mps = replace(FAST, device=torch.device("mps"))
    checked = check_engine(mps, POCKET)
    assert checked.engine == choose_engine("cpu")
    assert str(checked.fault) == "mps gives other gradients than the CPU (all is wrong): training uses the CPU instead"
    with pytest.raises(SettingsError, match="choose --device cpu"):  # the others of a team would wait for it
        check_engine(mps, POCKET, may_leave=False)


def test_the_cpu_itself_is_not_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(self_check, "gradient_difference", lambda engine, architecture: 1 / 0)
    assert check_engine(FAST, POCKET) == self_check.Checked(FAST)


def test_macs_compute_on_contiguous_tensors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    engine = choose_engine("mps")
    assert (engine.channels_last, engine.fold) == (False, False)
    assert choose_engine("cpu").channels_last


@pytest.mark.parametrize("preset", ["pocket", "paper", "classic-112"])
def test_a_contiguous_engine_gives_every_layer_contiguous_tensors_there_and_back(preset: str) -> None:
    seen: list[bool] = []

    def look(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        seen.append(inputs[0].is_contiguous())
        if output.requires_grad:
            output.register_hook(lambda gradient: seen.append(gradient.is_contiguous()))

    model = PLAIN.place(NiN(PRESETS[preset].architecture)).train()
    network = FastNetwork(model, normalise=True, engine=PLAIN)
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d | nn.MaxPool2d | nn.AvgPool2d | nn.AdaptiveAvgPool2d):
            layer.register_forward_hook(look)
    masks = network.draw_masks(2, torch.Generator().manual_seed(0))
    F.cross_entropy(network(torch.rand(2, 1, 28, 28), masks), torch.arange(2)).backward()
    assert len(seen) > 20
    assert all(seen)


def test_a_run_trains_on_the_engine_that_was_found_right_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    fault = Message("cpu gives other gradients than the CPU (all is wrong): training uses float32 instead")
    monkeypatch.setattr(
        worker, "check_engine", lambda engine, *_, **__: self_check.Checked(replace(engine, bfloat16=False), fault)
    )
    run = Run.create(RunConfig(**SMALL, epochs=1))
    assert train_run(run) == "done"
    assert (run.status()["warning"], run.status()["bfloat16"]) == (str(fault), False)
