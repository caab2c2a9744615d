"""Shapes are worked out as a forward pass would find them, and a shared network is only read for it."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
import torch

from nin.explain.activations import capture
from nin.model.cost import measure_cost
from nin.model.network import NiN
from nin.model.shapes import output_shape, stage_shapes
from nin.presets import PRESETS

ROUNDS = 100


@pytest.mark.parametrize("ceil_mode", [False, True])
@pytest.mark.parametrize("name", PRESETS)
def test_shapes_are_those_of_a_real_forward_pass_at_every_size(name: str, ceil_mode: bool) -> None:
    architecture = PRESETS[name].architecture
    pools = [replace(s, ceil_mode=ceil_mode) if hasattr(s, "ceil_mode") else s for s in architecture.stages]
    model = NiN(replace(architecture, stages=tuple(pools))).eval()
    size = architecture.input_size
    for side in (size, size - 1, size + 1, size + 2, size // 2, size // 4):
        x, shape, fits = torch.zeros(1, 1, side, side), (1, 1, side, side), True
        for layer in model.layers().values():
            try:
                with torch.inference_mode():
                    x = layer(x)
            except RuntimeError:
                fits = False
                with pytest.raises(ValueError, match="does not fit"):
                    output_shape(layer, shape)
                break
            shape = output_shape(layer, shape)
            assert shape == tuple(x.shape), (side, layer)
        if fits:
            assert stage_shapes(model, side)[-1] == (1, 10)
        else:
            with pytest.raises(ValueError, match=f"an input of {side} px leaves nothing"):
                stage_shapes(model, side)


def test_an_input_that_is_too_small_is_named_with_the_stage_that_cannot_take_it() -> None:
    with pytest.raises(ValueError, match="30 px leaves nothing after stage 3"):
        stage_shapes(NiN(PRESETS["classic"].architecture), 30)


def test_threads_that_share_a_network_leave_it_as_it_is() -> None:
    model = NiN(PRESETS["pocket"].architecture).eval()
    x = torch.rand(1, 1, 28, 28)
    expected = capture(model, x).logits
    before = {name: (p.data_ptr(), p.device.type, p._version) for name, p in model.named_parameters()}
    wrong: list[object] = []

    def visit() -> None:
        try:
            for _ in range(ROUNDS):
                stage_shapes(model, 28)
                measure_cost(model, 56)
                if not torch.equal(capture(model, x).logits, expected):
                    wrong.append("another answer")
        except Exception as error:  # a thread's exception is seen by nobody else
            wrong.append(error)

    threads = [threading.Thread(target=visit) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert {name: (p.data_ptr(), p.device.type, p._version) for name, p in model.named_parameters()} == before


def test_a_network_that_trains_is_captured_without_being_switched_over() -> None:
    """Also where a part has a mode of its own, and where the input does not fit."""
    model = NiN(PRESETS["paper"].architecture).train()
    model[0].eval()
    modes = {name: module.training for name, module in model.named_modules()}
    seen = []
    hook = model[1].register_forward_hook(lambda *_: seen.append({n: m.training for n, m in model.named_modules()}))
    capture(model, torch.rand(1, 1, 28, 28))
    hook.remove()
    with pytest.raises(RuntimeError):
        capture(model, torch.zeros(1, 3, 28, 28))
    assert seen == [modes]
    assert {name: module.training for name, module in model.named_modules()} == modes
