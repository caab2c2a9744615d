"""Where tensors live and how fast arithmetic is done there.

An `Engine` is chosen once per process and answers every question that depends on the
hardware; nothing else in the core asks what kind of device it is on.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass

import torch
from torch import Tensor

from nin.errors import SettingsError
from nin.model import Architecture, NiN

DEVICES = ("auto", "cpu", "cuda", "mps")
# Measured on two CPU cores, images/s in parts of 32 and of 128: 88 and 72 at 224 px, 363 and
# 430 at 112 px. A part of 32 at 224 px holds as many pixels as one of 128 at 112 px.
CPU_PART_PIXELS = 32 * 224 * 224


@dataclass(frozen=True)
class Engine:
    device: torch.device
    bfloat16: bool  # whether convolutions run in bf16 (weights and optimizer stay fp32)

    @property
    def name(self) -> str:
        return str(self.device)

    @property
    def fused_optimizer(self) -> bool:
        return self.device.type in ("cpu", "cuda")

    def place(self, model: NiN) -> NiN:
        """Moved to the device, in the memory layout that its convolutions are fastest in."""
        return model.to(self.device, memory_format=torch.channels_last)

    def arrange(self, images: Tensor) -> Tensor:
        return images.contiguous(memory_format=torch.channels_last)

    def autocast(self) -> contextlib.AbstractContextManager[None]:
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.bfloat16)

    def part_size(self, architecture: Architecture) -> int:
        """How many images go through the network at once."""
        if self.device.type != "cpu":
            return 4096
        return max(1, CPU_PART_PIXELS // architecture.input_size**2)


def choose_engine(device: str = "auto", *, bfloat16: bool | None = None) -> Engine:
    """The engine for "cpu", "cuda" (or "cuda:1"), "mps", or for the best of them with "auto".

    bf16 is used where the hardware multiplies it, unless `bfloat16` says otherwise. Raises
    SettingsError for a device that this machine does not have.
    """
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    kind = device.partition(":")[0]
    if kind not in DEVICES:
        raise SettingsError(f"there is no device {device!r}: choose one of {', '.join(DEVICES)}")
    available = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}[kind]
    if not available:
        raise SettingsError(f"this machine has no {kind} device that torch can use: choose cpu or auto")
    if bfloat16 is None:
        bfloat16 = _multiplies_bfloat16(kind)
    if kind == "cuda":
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
        torch.backends.cudnn.benchmark = True
    return Engine(torch.device(device), bfloat16)


def use_all_cores() -> None:
    """One thread per core that this process may use; call before any work in torch."""
    torch.set_num_threads(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


def _multiplies_bfloat16(kind: str) -> bool:
    """Whether bf16 is done in hardware: emulated, it is slower than fp32.

    On two cores with avx512_bf16 it trains this network 2.0 to 2.3 times as fast.
    """
    if kind == "cuda":
        return torch.cuda.get_device_capability()[0] >= 8
    if kind == "cpu":
        checks = (getattr(torch.cpu, name, None) for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"))
        return any(check is not None and check() for check in checks)
    return False
