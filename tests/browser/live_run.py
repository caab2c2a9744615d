"""A run that seems to train, for as long as the process that wrote it lives."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

from nin.model.architecture import Architecture
from nin.model.network import NiN, initialise
from nin.storage.checkpoint import Checkpoint, save_checkpoint
from nin.storage.files import write_json
from nin.storage.process_id import this_process
from nin.storage.run import Run, RunConfig


class LiveRun:
    """Its newest checkpoint replaces the one before, as that of a real run does."""

    def __init__(self, architecture: Architecture, path: Path | None = None) -> None:
        self.run = Run.create(RunConfig(preset="pocket"), path)
        self._architecture = architecture
        self.save(1)
        self._tell("running")

    def save(self, step: int) -> None:
        before = self.run.checkpoints().values()
        model = initialise(NiN(self._architecture), "he", seed=step)
        checkpoint = Checkpoint(self._architecture, model.state_dict(), "pocket", True, step)
        save_checkpoint(checkpoint, self.run.checkpoint_path(step))
        for path in before:
            path.unlink()

    def end(self) -> None:
        self._tell("done")

    def _tell(self, state: str) -> None:
        write_json(self.run.path / "status.json", {"state": state, "step": 1, **this_process()})


class SteppingRun:
    """A run that takes a step every 50 ms and does what its control file says; its loss is made up.

    What a page shows of it is as of a real one, without a training that takes the cores from the browser.
    """

    STEPS_PER_EPOCH = 200

    def __init__(self, path: Path, config: RunConfig | None = None) -> None:
        self.run = Run.create(config or RunConfig(preset="pocket", epochs=20), path)
        self._step = 0
        self._over = threading.Event()
        self._tell("running")
        self._thread = threading.Thread(target=self._go, daemon=True)
        self._thread.start()

    def end(self, state: str = "stopped") -> None:
        self._over.set()
        self._thread.join()
        self._tell(state)

    def _go(self) -> None:
        while not self._over.wait(0.05):
            wanted = self.run.wanted()
            if wanted.stop:
                self._tell("stopped")
                return
            if not wanted.paused:
                self._step += 1
                row = {"kind": "step", "step": self._step, "loss": 2.3 / self._step**0.3, "accuracy": 0.5}
                with self.run.metrics_path.open("a") as file:
                    file.write(json.dumps(row) + "\n")
            self._tell("paused" if wanted.paused else "running")

    def _tell(self, state: str) -> None:
        wanted = self.run.wanted()
        status = {
            "state": state,
            "step": self._step,
            "steps": wanted.epochs * self.STEPS_PER_EPOCH,
            "epoch": self._step // self.STEPS_PER_EPOCH + 1,
            "epochs": wanted.epochs,
            "batch_size": 128,
            "images_per_second": 2560.0,
            "lr_next": wanted.lr,
            "heartbeat": time.time(),
        }
        write_json(self.run.path / "status.json", {**status, **this_process()})
