"""The process that stands by: everything imported, loaded and warmed up, waiting for a run."""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path

from nin.data import dataset as data
from nin.data.fashion_mnist import find_source
from nin.engine.device import be_polite, choose_engine, use_all_cores
from nin.engine.self_check import check_engine
from nin.errors import LabError
from nin.presets import PRESETS
from nin.process import speed
from nin.process.worker import train_run
from nin.storage.run import Run


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
    # Warms up the kernels, and tells the page how long each network would take here.
    for preset in sorted(PRESETS.values(), key=lambda preset: preset.architecture.input_size):
        if arrived.is_set():
            break
        sound = check_engine(engine, preset.architecture).engine
        speed.record(sound.name, preset.name, speed.measure(preset, sound))
    arrived.wait()
    if not orders[0].strip():
        return
    run = Run(Path(json.loads(orders[0])["run"]))
    with run.log_path.open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    train_run(run, resume=True, dataset=dataset if find_source() == source else None)
