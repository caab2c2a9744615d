"""Where tensors live and how fast arithmetic is done there.

An `Engine` is chosen once per process and answers the questions that depend on the hardware.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import math
import os
import platform
from dataclasses import dataclass
from pathlib import Path

import psutil
import torch
from torch import Tensor

from nin.errors import SettingsError
from nin.model.architecture import Architecture
from nin.model.cost import measure_cost
from nin.model.network import NiN

DEVICES = ("auto", "cpu", "cuda", "mps")
# How many activations (outputs of convolutions) are worked on at once.
# CPU: measured on two cores, images/s in parts of 32 and of 128: 88 and 72 at 224 px, 363 and
# 430 at 112 px. 32 images at 224 px have 49 million activations, 128 at 112 px 43 million.
# Elsewhere: 512 images at 224 px, about 5 GB of GPU memory in bf16.
PART_ACTIVATIONS = {"cpu": 50_000_000}
PART_ACTIVATIONS_ELSEWHERE = 800_000_000
# A step at 224 px without the fold takes 1.08 times as long, at 112 px as long (two CPU cores, bf16:
# bench/README.md).
FASTER_FOLDED = ("cpu", "cuda")
# On Macs the way back through pooling aborts, or is wrong, for channels_last tensors (pytorch#175190; the
# repair, pytorch#189233, was not merged in November 2026).
FASTER_CHANNELS_LAST = ("cpu", "cuda")


@dataclass(frozen=True)
class Engine:
    device: torch.device
    bfloat16: bool  # whether convolutions run in bf16 (weights and optimizer stay fp32)
    fold: bool = True  # whether enlarging and first convolution are one (nin.engine.fold)
    graph: bool = False  # whether a training step is recorded once and replayed (nin.engine.cuda_graph)
    compile: bool = False  # whether torch.compile is used: faster steps, a first one that takes a minute
    channels_last: bool = True  # the memory layout: a pixel's channels side by side, or a channel's pixels

    @property
    def name(self) -> str:
        return str(self.device)

    @property
    def hardware(self) -> str:
        """What the maker calls the device, e.g. "NVIDIA H100 80GB HBM3" or "AMD EPYC"."""
        return torch.cuda.get_device_name(self.device) if self.device.type == "cuda" else _processor()

    @property
    def fused_optimizer(self) -> bool:
        return self.device.type in ("cpu", "cuda")

    @property
    def memory_format(self) -> torch.memory_format:
        return torch.channels_last if self.channels_last else torch.contiguous_format

    def place(self, model: NiN) -> NiN:
        """Moved to the device, in the memory layout that its convolutions are fastest in."""
        return model.to(self.device, memory_format=self.memory_format)

    def arrange(self, images: Tensor) -> Tensor:
        return images.contiguous(memory_format=self.memory_format)

    def autocast(self) -> contextlib.AbstractContextManager[None]:
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.bfloat16)

    def generator(self) -> torch.Generator:
        """The source of random numbers for training steps; on CUDA the one that graphs replay with fresh numbers."""
        if self.device.type == "cuda":
            torch.cuda.init()
            return torch.cuda.default_generators[self.device.index or 0]
        return torch.Generator(self.device)

    def wait(self) -> None:
        """Return when the device has done all it was given: for whoever measures time."""
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
        elif self.device.type == "mps":
            torch.mps.synchronize()

    def part_size(self, architecture: Architecture) -> int:
        """How many images go through the network at once."""
        most = PART_ACTIVATIONS.get(self.device.type, PART_ACTIVATIONS_ELSEWHERE)
        return max(1, most // activations(architecture))

    def parts(self, n: int, architecture: Architecture) -> list[slice]:
        """`n` images cut into parts that differ by one image at most: kernels are tuned for each size anew."""
        count = max(1, -(-n // self.part_size(architecture)))
        edges = [n * i // count for i in range(count + 1)]
        return [slice(start, end) for start, end in itertools.pairwise(edges)]


@functools.lru_cache
def activations(architecture: Architecture) -> int:
    """Values that all convolutions together put out for one image."""
    with torch.device("meta"):  # without values: nothing is drawn at random
        network = NiN(architecture)
    layers = measure_cost(network, architecture.input_size).layers
    return sum(math.prod(layer.shape) for layer in layers if layer.kind == "Conv2d")


def choose_engine(device: str = "auto", *, bfloat16: bool | None = None) -> Engine:
    """The engine for "cpu", "cuda" (or "cuda:1"), "mps", or for the best of them with "auto".

    bf16 is used where the hardware multiplies it, unless `bfloat16` or NIN_BFLOAT16=0 in the
    environment says otherwise; with NIN_COMPILE=1 torch.compile is used. Raises SettingsError
    for a device that this machine does not have.
    """
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    kind, colon, number = device.partition(":")
    if kind not in DEVICES or (colon and (kind == "auto" or not number.isdecimal())):
        raise SettingsError(
            "there is no device {device!r}: choose one of {choices}", device=device, choices=", ".join(DEVICES)
        )
    available = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}[kind]
    if not available:
        raise SettingsError("this machine has no {kind} device that torch can use: choose cpu or auto", kind=kind)
    if bfloat16 is None:
        bfloat16 = os.environ.get("NIN_BFLOAT16") != "0" and _multiplies_bfloat16(kind)
    if kind == "cuda":
        if number:
            _use_gpu(int(number))
        torch.backends.cudnn.benchmark = True
    return Engine(
        # One name for one device: runs queue by it.
        torch.device("cuda" if device == "cuda:0" else device),
        bfloat16,
        fold=kind in FASTER_FOLDED,
        graph=kind == "cuda",
        compile=os.environ.get("NIN_COMPILE") == "1",
        channels_last=kind in FASTER_CHANNELS_LAST,
    )


def _use_gpu(number: int) -> None:
    count = torch.cuda.device_count()
    if number >= count:
        raise SettingsError(
            "this machine has no GPU number {number}: it has {count}, counted from 0", number=number, count=count
        )
    torch.cuda.set_device(number)  # streams and events are made on the present device


def use_all_cores() -> None:
    """One thread per core that this process may use; call before any work in torch.

    Processes that torchrun started on one machine share its cores.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    torch.set_num_threads(max(1, cores // int(os.environ.get("LOCAL_WORLD_SIZE", "1"))))


def be_polite() -> None:
    """Let the web server go first: this process takes what is left."""
    process = psutil.Process()
    if psutil.WINDOWS:
        process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    elif process.nice() < 10:
        process.nice(10)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _multiplies_bfloat16(kind: str) -> bool:
    """Whether bf16 is done in hardware: emulated, it is slower than fp32.

    On two cores with avx512_bf16 it trains this network 2.0 to 2.2 times as fast.
    """
    if kind == "cuda":
        return torch.cuda.get_device_capability()[0] >= 8
    if kind == "cpu":
        checks = (getattr(torch.cpu, name, None) for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"))
        return any(check is not None and check() for check in checks)
    return False
