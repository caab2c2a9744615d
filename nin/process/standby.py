"""The process that stands by: everything imported, loaded and warmed up, waiting for a run."""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path

from nin.data import dataset as data
from nin.data.fashion_mnist import find_source
from nin.engine.device import Engine, be_polite, choose_engine, use_all_cores
from nin.engine.self_check import check_engine
from nin.errors import LabError
from nin.presets import PRESETS, Preset
from nin.process import speed
from nin.process.worker import train_run
from nin.storage.run import Run

LOOK_AGAIN_SECONDS = 10.0  # between two looks at whether the machine is quiet


def stand_by() -> None:
    """Wait for one line, {"run": directory}, and train that run; end when the line never comes."""
    be_polite()
    use_all_cores()
    orders: list[str] = []
    arrived = threading.Event()

    def listen() -> None:
        orders.append(sys.stdin.readline())
        arrived.set()

    threading.Thread(target=listen, daemon=True).start()
    source = find_source()
    try:
        dataset = data.load()
    except LabError:
        dataset = None  # the run will say what is wrong with it
    engine = choose_engine()
    _measure(engine, arrived)
    arrived.wait()
    if not orders[0].strip():
        return
    run = Run(Path(json.loads(orders[0])["run"]))
    with run.log_path.open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    train_run(run, resume=True, dataset=dataset if find_source() == source else None)


def _measure(engine: Engine, arrived: threading.Event) -> None:
    """Warm up the kernels and tell the pages how long each network would take here, until a run arrives.

    What was measured while other programs took the cores is measured again when they are quiet.
    """
    presets = sorted(PRESETS.values(), key=lambda preset: preset.architecture.input_size)
    sound: dict[str, Engine] = {}  # by preset: what trains it here without mistakes
    for preset in presets:
        if arrived.is_set():
            return
        sound[preset.name] = check_engine(engine, preset.architecture).engine
        speed.measure_and_record(preset, sound[preset.name], give_up=arrived.is_set)
    for preset in presets:
        speed.measure_and_record(preset, sound[preset.name], speed.SMALL_BATCH, arrived.is_set)
    while unsure := [preset for preset in presets if not _is_sure(sound[preset.name], preset)]:
        load, again = speed.Load(), unsure[0]
        if arrived.wait(LOOK_AGAIN_SECONDS):
            return
        if load.leaves(speed.cores_used(engine)):
            for batch_size in (speed.USUAL_BATCH, speed.SMALL_BATCH):
                speed.measure_and_record(again, sound[again.name], batch_size, arrived.is_set)


def _is_sure(engine: Engine, preset: Preset) -> bool:
    measured = speed.last_measured(engine.name, preset.name)
    return measured is not None and not measured.unsure
