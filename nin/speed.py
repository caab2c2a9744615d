"""How fast each network trains on this machine: measured, kept, and turned into estimates."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from nin.atomic import read_json, write_json
from nin.presets import PRESETS, Preset, architecture_for, recipe_named
from nin.runs import RunConfig, runs_directory

if TYPE_CHECKING:
    from nin.device import Engine

# A forward pass is about a third of a training step's arithmetic.
EVALUATION_SPEED_UP = 3.0
_WARM_UP, _TIMED_SECONDS, _MOST_TIMED = 1, 0.5, 10


def measure(preset: Preset, engine: Engine) -> float:
    """Training throughput in images/s: forward and backward passes of one part of a batch."""
    import torch

    from nin.model import NiN, initialise

    architecture = architecture_for(preset, recipe_named("tuned", preset))
    model = engine.place(initialise(NiN(architecture), "he", 0))
    n = min(engine.part_size(architecture), 128)
    images = engine.arrange(torch.rand(n, 1, architecture.input_size, architecture.input_size, device=engine.device))
    labels = torch.arange(n, device=engine.device) % 10
    seconds: list[float] = []
    # The fastest of several: what else the machine does in this half second should not count.
    while len(seconds) < _WARM_UP + 2 or (sum(seconds) < _TIMED_SECONDS and len(seconds) < _WARM_UP + _MOST_TIMED):
        began = time.perf_counter()
        with engine.autocast():
            logits = model(images)
        loss = torch.nn.functional.cross_entropy(logits.float(), labels)
        loss.backward()
        loss.item()  # waits for the device
        seconds.append(time.perf_counter() - began)
    return n / min(seconds[_WARM_UP:])


def known(device: str, preset: str) -> float | None:
    """Images/s last measured for `preset` on `device`, or None."""
    return read_json(_path()).get(device, {}).get(preset)


def record(device: str, preset: str, images_per_second: float) -> None:
    rates = read_json(_path())
    rates.setdefault(device, {})[preset] = round(images_per_second, 1)
    write_json(_path(), rates)


def devices() -> list[str]:
    """The devices that something was measured on, the latest last."""
    return list(read_json(_path()))


def estimate(config: RunConfig, device: str, train_images: int, test_images: int) -> float | None:
    """Seconds that a run would take, or None while its network has not been measured here."""
    rate = known(device, config.preset)
    if rate is None:
        return None
    config = config.resolved()
    images = min(config.train_size or train_images, train_images)
    return config.epochs * images / rate + test_images / (rate * EVALUATION_SPEED_UP)


def faster_preset(config: RunConfig, device: str) -> str | None:
    """The measured network that trains fastest here, if it is faster than the configured one."""
    rates = {name: rate for name in PRESETS if (rate := known(device, name))}
    best = max(rates, key=rates.__getitem__, default=None)
    return best if best and rates[best] > rates.get(config.preset, 0.0) else None


def _path() -> Path:
    return runs_directory() / "speed.json"
