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

_STARTED_MOST = "pocket"  # the network that the page offers first
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

    What was measured lately on a quiet machine still holds, so that a spare that follows a run leaves the
    cores to others. What was measured while other programs took them is measured again when they are quiet.
    """
    presets = sorted(PRESETS.values(), key=lambda preset: preset.architecture.input_size)
    sound: dict[str, Engine] = {}  # by preset: what trains it here without mistakes
    for preset in presets:
        if arrived.is_set():
            return
        sound[preset.name] = check_engine(engine, preset.architecture).engine
    still_holds = speed.is_recent()
    asked = [preset for preset in presets if not (still_holds and _is_sure(sound[preset.name], preset))]
    if not asked:  # for the warmth alone
        speed.measure(PRESETS[_STARTED_MOST], sound[_STARTED_MOST], give_up=arrived.is_set)
    for batch_size in (speed.USUAL_BATCH, speed.SMALL_BATCH):
        for preset in asked:
            speed.measure_and_record(preset, sound[preset.name], batch_size, arrived.is_set)
    while unsure := [preset for preset in presets if not _is_sure(sound[preset.name], preset)]:
        load, again = speed.Load(), unsure[0]
        if arrived.wait(LOOK_AGAIN_SECONDS):
            return
        if load.leaves(speed.cores_used(engine)):
            for batch_size in (speed.USUAL_BATCH, speed.SMALL_BATCH):
                speed.measure_and_record(again, sound[again.name], batch_size, arrived.is_set)


def _is_sure(engine: Engine, preset: Preset) -> bool:
    measured = speed.last_measured(engine.name, preset.name)
    return measured is not None and measured.is_complete and not measured.unsure
