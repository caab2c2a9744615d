"""A run that seems to train, for as long as the process that wrote it lives."""

from __future__ import annotations

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
