"""Resources, predicted against measured: memory of a training step and of a prediction, and time, over input and batch sizes.

Each measurement of memory is made in a process of its own (`nin.anatomy`).
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Any

import torch
from filelock import FileLock, Timeout

from nin.anatomy.measurement import MemoryQuestion, measured_memory
from nin.engine.device import choose_engine, use_all_cores
from nin.experiments.conductor import Conductor
from nin.experiments.folder import Result
from nin.model.cost import NetworkCost, measure_cost
from nin.model.memory import prediction_memory, training_memory
from nin.model.network import NiN
from nin.presets import Preset, preset_named
from nin.process import speed
from nin.storage.files import write_json


def points(base: dict[str, Any]) -> list[tuple[int, int]]:
    """(input size, batch size), the cheapest first."""
    return sorted(product(base["input_sizes"], base["batch_sizes"]), key=lambda point: point[0] ** 2 * point[1])


def conduct_resources(conductor: Conductor) -> str:
    """Measure what is not measured yet; "done" or "stopped"."""
    folder, on_result = conductor.folder, conductor.on_result
    base = dict(folder.experiment().base)
    use_all_cores()
    with conductor.at_work():
        for input_size, batch_size in points(base):
            if folder.wants_stop:
                return "stopped"
            path = folder.run(f"{input_size:03d}px-{batch_size:03d}").path / "result.json"
            with _claimed(path.parent) as is_ours:
                if path.exists() or not is_ours:
                    continue
                result = _measured(preset_named(base["preset"]), input_size, batch_size, conductor)
                if result is None:
                    return "stopped"
                write_json(path, result)
                on_result(result)
    return "done"


@contextmanager
def _claimed(directory: Path) -> Iterator[bool]:
    """Whether this process alone measures there; where another does, it is left to it."""
    directory.mkdir(parents=True, exist_ok=True)
    lock = FileLock(directory / "lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def _measured(preset: Preset, input_size: int, batch_size: int, conductor: Conductor) -> Result | None:
    """None where it was to stop."""
    began, cpu_began = time.monotonic(), _cpu_seconds()
    architecture = replace(preset.architecture, input_size=input_size)
    cost = measure_cost(NiN(architecture), input_size)
    engine = choose_engine(conductor.device)
    result: Result = {
        "arm": f"{input_size}px-{batch_size}",
        "seed": 0,
        "state": "done",
        "input_size": input_size,
        "batch_size": batch_size,
        "parameters": cost.parameters,
        "forward_macs": cost.forward_macs,
        **_predicted(cost, batch_size, engine.device.type),
    }
    for what in ("train", "predict"):
        for _share, found in measured_memory(MemoryQuestion(what, architecture, input_size, batch_size)):
            conductor.beat()
            if conductor.folder.wants_stop:
                return None
            if found is not None:
                result[f"measured_{what}_bytes"] = found.bytes
                result["hardware"] = found.hardware
    varied = replace(preset, architecture=architecture)
    load = speed.Load()
    rate = speed.measure(varied, engine, batch_size, lambda: conductor.folder.wants_stop)
    if rate is None:
        return None
    when = datetime.now().astimezone().isoformat(timespec="seconds")
    took = round(time.monotonic() - began, 2)
    return {
        **result,
        "seconds_per_image": round(1 / rate, 6),
        "undisturbed": load.leaves(speed.cores_used(engine)),
        "wall_seconds": took,
        "cpu_seconds": round(_cpu_seconds() - cpu_began, 2),
        "threads": torch.get_num_threads(),
        "device": engine.name,
        "when": when,
    }


def _cpu_seconds() -> float:
    """Of this process and of those that it waited for: here the ones that measure memory."""
    return sum(os.times()[:4])


def _predicted(cost: NetworkCost, batch_size: int, device: str) -> dict[str, int]:
    return {
        "predicted_train_bytes": training_memory(cost, batch_size, device=device).peak,
        "predicted_predict_bytes": prediction_memory(cost, batch_size, device=device).peak,
    }
