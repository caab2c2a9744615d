"""Engines: what is chosen for this machine, and how a batch is cut up."""

import os

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nin.engine import device
from nin.engine.device import Engine, choose_engine, use_all_cores
from nin.errors import SettingsError
from nin.model.architecture import Architecture, Block
from nin.model.cost import measure_cost
from nin.model.network import NiN
from nin.presets import PRESETS

CPU = Engine(torch.device("cpu"), bfloat16=False)


def test_auto_is_a_device_that_works():
    engine = choose_engine()
    assert engine.name == ("cuda" if torch.cuda.is_available() else "mps" if engine.device.type == "mps" else "cpu")
    assert engine.graph == (engine.device.type == "cuda")


@pytest.mark.parametrize("name", ["gpu", "", "cpu0", "cudaa", "cuda:", "cuda:one", "cuda:-1", "auto:1"])
def test_unknown_device_is_refused(name):
    with pytest.raises(SettingsError, match="choose one of auto, cpu, cuda, mps"):
        choose_engine(name)


def test_number_of_a_gpu_that_is_not_there_is_refused(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: (9, 0))
    with pytest.raises(SettingsError, match="no GPU number 2: it has 2"):
        choose_engine("cuda:2")


@pytest.mark.skipif(torch.cuda.is_available(), reason="has a CUDA device")
def test_absent_device_is_refused():
    with pytest.raises(SettingsError, match="no cuda device"):
        choose_engine("cuda")


def test_precision_and_compilation_can_be_set_from_outside(monkeypatch):
    monkeypatch.setenv("NIN_BFLOAT16", "0")
    monkeypatch.setenv("NIN_COMPILE", "1")
    engine = choose_engine("cpu")
    assert not engine.bfloat16
    assert engine.compile
    assert choose_engine("cpu", bfloat16=True).bfloat16


@given(n=st.integers(1, 5000), most=st.integers(1, 600))
def test_parts_cover_a_batch_in_equal_pieces(n, most):
    architecture = Architecture(28, (Block((1,), 28),))  # one activation an image
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(device.PART_ACTIVATIONS, "cpu", most)
        parts = CPU.parts(n, architecture)
    assert [i for part in parts for i in range(n)[part]] == list(range(n))
    sizes = {part.stop - part.start for part in parts}
    assert max(sizes) <= most
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_a_part_on_the_cpu_takes_about_as_much_work_for_every_network(preset):
    architecture = preset.architecture
    cost = measure_cost(NiN(architecture), architecture.input_size)
    part = min(CPU.part_size(architecture), 128)
    assert part * cost.forward_macs < 32e9  # half a second and less, there and back, on two slow cores


def test_processes_of_one_machine_share_its_cores(monkeypatch):
    asked = []
    monkeypatch.setattr(torch, "set_num_threads", asked.append)
    use_all_cores()
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "2")
    use_all_cores()
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "1000")
    use_all_cores()
    assert asked == [asked[0], max(1, asked[0] // 2), 1]
    if hasattr(os, "sched_getaffinity"):
        assert asked[0] == len(os.sched_getaffinity(0))
