"""How fast each network trains on this machine: measured, kept, and turned into estimates."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from nin.data.fashion_mnist import CLASS_NAMES, SIDE, find_source, image_counts
from nin.paths import runs_directory
from nin.presets import PRESETS, Preset, preset_named, recipe_named
from nin.storage.files import read_json, write_json
from nin.storage.run import VARIANT_SETTINGS, Run, RunConfig

if TYPE_CHECKING:
    from nin.engine.device import Engine

# A forward pass is about a third of a training step's arithmetic.
EVALUATION_SPEED_UP = 3.0
USUAL_BATCH, SMALL_BATCH = 128, 16  # what is measured; other sizes follow from the two
_TIMED_SECONDS, _LEAST_TIMED, _MOST_TIMED = 0.5, 2, 10
_HOLDS_SECONDS = 24 * 3600.0
_PACE_SHARE = 0.1  # of a run, after which its own pace is known
_QUIET_SHARE = 0.85  # of the cores that training uses; with fewer of them free, a measurement is a lower bound


@dataclass(frozen=True)
class Speed:
    """How fast a network trains on a device, as measured."""

    rates: dict[int, float]  # images/s by batch size
    unsure: frozenset[int] = frozenset()  # sizes that were measured while other programs took the cores

    @property
    def is_complete(self) -> bool:
        return {USUAL_BATCH, SMALL_BATCH} <= self.rates.keys()

    def at(self, batch_size: int) -> float:
        """Images/s in batches of `batch_size`: a step takes a fixed time and a time for each image."""
        sizes = sorted(self.rates)
        if batch_size in self.rates or len(sizes) == 1 or batch_size > sizes[-1]:
            return self.rates.get(batch_size, self.rates[sizes[-1]])
        upper = next((size for size in sizes[1:] if size >= batch_size), sizes[-1])
        lower = sizes[sizes.index(upper) - 1]
        seconds = {size: size / self.rates[size] for size in (lower, upper)}
        each = max(0.0, (seconds[upper] - seconds[lower]) / (upper - lower))
        step = seconds[upper] - each * (upper - batch_size)
        return batch_size / max(step, batch_size / self.rates[upper])  # never faster than in larger batches

    def is_sure_at(self, batch_size: int) -> bool:
        """Whether what `at` says rests on nothing that was measured on a busy machine."""
        if batch_size in self.rates or batch_size > max(self.rates):
            return min(batch_size, max(self.rates)) not in self.unsure
        return not self.unsure


class Load:
    """What other programs do on this machine's cores, from the moment it is made."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._began, self._others = time.monotonic(), self._by_others()

    def _by_others(self) -> float:
        times, own = psutil.cpu_times(), self._process.cpu_times()
        busy = sum(getattr(times, name, 0.0) for name in ("user", "nice", "system", "irq", "softirq", "steal"))
        return busy - own.user - own.system

    def leaves(self, cores: int) -> bool:
        """Whether the others left `cores` cores, or nearly, to this process."""
        seconds = max(time.monotonic() - self._began, 1e-3)
        free = (psutil.cpu_count() or 1) - (self._by_others() - self._others) / seconds
        return free >= _QUIET_SHARE * min(cores, psutil.cpu_count() or 1)


def cores_used(engine: Engine) -> int:
    """How many cores a training keeps busy."""
    import torch

    return torch.get_num_threads() if engine.device.type == "cpu" else 1


def measure_and_record(
    preset: Preset, engine: Engine, batch_size: int = USUAL_BATCH, give_up: Callable[[], bool] = lambda: False
) -> None:
    """Measure a network and keep the result, unless `give_up` says that there is no time for it."""
    load = Load()
    rate = measure(preset, engine, batch_size, give_up)
    if rate is not None:
        record(engine.name, preset.name, rate, batch_size=batch_size, is_sure=load.leaves(cores_used(engine)))


def measure(
    preset: Preset, engine: Engine, batch_size: int = USUAL_BATCH, give_up: Callable[[], bool] = lambda: False
) -> float | None:
    """Training throughput in images/s: a few real steps on random images, the fastest counts; None if given up."""
    import torch

    from nin.data.dataset import Dataset, Split
    from nin.engine.cuda_graph import WARM_UP_STEPS
    from nin.training.step import Stepper
    from nin.training.trainer import Trainer

    n = min(engine.part_size(preset.architecture), batch_size)
    warm_up = 1 + (WARM_UP_STEPS if engine.graph else 0)  # the last of them records the graph
    recipe = replace(recipe_named("tuned", preset), batch_size=n, epochs=warm_up + _MOST_TIMED)
    split = Split(torch.randint(0, 256, (n, SIDE, SIDE), dtype=torch.uint8), torch.arange(n) % len(CLASS_NAMES))
    trainer = Trainer(preset, recipe, Dataset(split, split, "random", Path()), engine=engine)
    stepper = Stepper(trainer)
    seconds: list[float] = []
    while (timed := len(seconds) - warm_up) < _LEAST_TIMED or (
        timed < _MOST_TIMED and sum(seconds[warm_up:]) < _TIMED_SECONDS
    ):
        if give_up():
            return None
        began = time.perf_counter()
        stepper.take()
        engine.wait()
        seconds.append(time.perf_counter() - began)
    return n / min(seconds[warm_up:])


def network_name(preset: Preset) -> str:
    """What the speed of a network is kept under: the preset's name, and what was varied in it, which is another network."""
    plain, here = preset_named(preset.name).architecture, preset.architecture
    varied = [f"{name} {value}" for name in VARIANT_SETTINGS if (value := getattr(here, name)) != getattr(plain, name)]
    return ", ".join([preset.name, *varied])


def last_measured(device: str, preset: str) -> Speed | None:
    """What was measured last for the network of that name (see `network_name`) on `device`, or None."""
    found = _entries(read_json(_path()).get(device, {}).get(preset))
    if not found:
        return None
    unsure = frozenset(size for size, (_, is_sure) in found.items() if not is_sure)
    return Speed({size: rate for size, (rate, _) in found.items()}, unsure)


def record(
    device: str, preset: str, images_per_second: float, *, batch_size: int = USUAL_BATCH, is_sure: bool = True
) -> None:
    """Keep a measurement. One that is not sure is a lower bound, and counts only where it is above what is known."""
    kept = read_json(_path())
    of_device = kept.pop(device, {})
    entries = _entries(of_device.get(preset))
    before, was_sure = entries.get(batch_size, (0.0, False))
    if is_sure or images_per_second > before:
        entries[batch_size] = (round(images_per_second, 1), is_sure or was_sure)
    of_device[preset] = {str(size): entry for size, entry in entries.items()}
    write_json(_path(), {**kept, device: of_device})  # the latest last


def _entries(value: object) -> dict[int, tuple[float, bool]]:
    """Rate and whether it is sure, by batch size; a mere number is what was kept before there were sizes."""
    if isinstance(value, int | float):
        return {USUAL_BATCH: (float(value), True)}
    if not isinstance(value, dict):
        return {}
    return {int(size): (float(rate), bool(is_sure)) for size, (rate, is_sure) in value.items()}


def is_recent() -> bool:
    """Whether what is known was measured within a day; the machine may be another by now, or run other programs."""
    try:
        return 0 <= time.time() - _path().stat().st_mtime < _HOLDS_SECONDS
    except OSError:
        return False


def devices() -> list[str]:
    """The devices that something was measured on, the latest last."""
    return list(read_json(_path()))


def estimate(config: RunConfig, device: str, train_images: int, test_images: int) -> float | None:
    """Seconds that a run would take, or None while its network has not been measured here."""
    preset, recipe = config.network_recipe()
    speed = last_measured(device, network_name(preset))
    if speed is None:
        return None
    photos = min(config.train_size or train_images, train_images)
    images = photos / (1 - recipe.drawings)  # drawings are that share of them all
    evaluation = test_images / (speed.at(USUAL_BATCH) * EVALUATION_SPEED_UP)
    return recipe.epochs * images / speed.at(recipe.batch_size) + evaluation


def seconds_left(run: Run, device: str) -> float | None:
    """What a run that trains or waits still needs, once it is its turn; None where that is not known."""
    status = run.status()
    if status.get("images_per_second") is not None:
        return remaining(status)
    config = run.config()
    speed = last_measured(device, network_name(config.network_recipe()[0]))
    if speed is None or not status.get("steps"):
        return estimate(config, device, *image_counts(find_source(config.data)))
    return remaining({**status, "seconds": 0.0, "images_per_second": speed.at(status["batch_size"])})


def remaining(status: Mapping[str, Any]) -> float | None:
    """Seconds that a run in training still needs, by its status; None where it does not say how fast it is.

    After its first tenth by its own pace, in which evaluations and slow moments count as often as they come;
    before that by the rate of its latest step.
    """
    step, steps, seconds = status.get("step", 0), status.get("steps", 0), status.get("seconds", 0.0)
    if seconds and step >= _PACE_SHARE * steps > 0:
        return (steps - step) * seconds / step
    rate = status.get("images_per_second") or math.nan
    return (steps - step) * status["batch_size"] / rate if math.isfinite(rate) and rate > 0 else None


def faster_preset(config: RunConfig, device: str) -> str | None:
    """The measured network that trains fastest here, if it is faster than the configured one."""
    rates = {name: speed.at(USUAL_BATCH) for name in PRESETS if (speed := last_measured(device, name))}
    best = max(rates, key=rates.__getitem__, default=None)
    return best if best and rates[best] > rates.get(config.preset, 0.0) else None


def _path() -> Path:
    return runs_directory() / "speed.json"
