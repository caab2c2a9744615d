"""How fast each network trains on this machine: measured, kept, and turned into estimates."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from nin.data.fashion_mnist import CLASS_NAMES, SIDE
from nin.paths import runs_directory
from nin.presets import PRESETS, Preset, recipe_named
from nin.storage.files import read_json, write_json
from nin.storage.run import RunConfig

if TYPE_CHECKING:
    from nin.engine.device import Engine

# A forward pass is about a third of a training step's arithmetic.
EVALUATION_SPEED_UP = 3.0
_TIMED_SECONDS, _LEAST_TIMED, _MOST_TIMED = 0.5, 2, 10


def measure(preset: Preset, engine: Engine) -> float:
    """Training throughput in images/s: a few real steps on random images, the fastest counts."""
    import torch

    from nin.data.dataset import Dataset, Split
    from nin.engine.cuda_graph import WARM_UP_STEPS
    from nin.training.step import Stepper
    from nin.training.trainer import Trainer

    n = min(engine.part_size(preset.architecture), 128)
    warm_up = 1 + (WARM_UP_STEPS if engine.graph else 0)  # the last of them records the graph
    recipe = replace(recipe_named("tuned", preset), batch_size=n, epochs=warm_up + _MOST_TIMED)
    split = Split(torch.randint(0, 256, (n, SIDE, SIDE), dtype=torch.uint8), torch.arange(n) % len(CLASS_NAMES))
    trainer = Trainer(preset, recipe, Dataset(split, split, "random", Path()), engine=engine)
    stepper = Stepper(trainer)
    seconds: list[float] = []
    while (timed := len(seconds) - warm_up) < _LEAST_TIMED or (
        timed < _MOST_TIMED and sum(seconds[warm_up:]) < _TIMED_SECONDS
    ):
        began = time.perf_counter()
        stepper.take()
        engine.wait()
        seconds.append(time.perf_counter() - began)
    return n / min(seconds[warm_up:])


def known(device: str, preset: str) -> float | None:
    """Images/s last measured for `preset` on `device`, or None."""
    return read_json(_path()).get(device, {}).get(preset)


def record(device: str, preset: str, images_per_second: float) -> None:
    rates = read_json(_path())
    of_device = {**rates.pop(device, {}), preset: round(images_per_second, 1)}
    write_json(_path(), {**rates, device: of_device})  # the latest last


def devices() -> list[str]:
    """The devices that something was measured on, the latest last."""
    return list(read_json(_path()))


def estimate(config: RunConfig, device: str, train_images: int, test_images: int) -> float | None:
    """Seconds that a run would take, or None while its network has not been measured here."""
    rate = known(device, config.preset)
    if rate is None:
        return None
    _, recipe = config.network_recipe()
    photos = min(config.train_size or train_images, train_images)
    images = photos / (1 - recipe.drawings)  # drawings are that share of them all
    return recipe.epochs * images / rate + test_images / (rate * EVALUATION_SPEED_UP)


def faster_preset(config: RunConfig, device: str) -> str | None:
    """The measured network that trains fastest here, if it is faster than the configured one."""
    rates = {name: rate for name in PRESETS if (rate := known(device, name))}
    best = max(rates, key=rates.__getitem__, default=None)
    return best if best and rates[best] > rates.get(config.preset, 0.0) else None


def _path() -> Path:
    return runs_directory() / "speed.json"
