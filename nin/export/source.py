"""What is taken away: a run's newest weights, or weights by name or file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from nin.errors import RunError
from nin.storage.checkpoint import Checkpoint, load_checkpoint
from nin.storage.run import Run, run_named
from nin.storage.weights import find_weights, newest_checkpoint


@dataclass(frozen=True)
class Source:
    """Weights as they were read, and the run that they are from."""

    path: Path  # of the weights
    checkpoint: Checkpoint  # without what only a resumed run needs; tensors in the order of the network's layers
    run: Run | None  # None: weights that no run is known of

    @classmethod
    def of_run(cls, run: Run) -> Source:
        """WeightsError where there are none yet."""
        return cls._read(newest_checkpoint(run), run)

    @classmethod
    def named(cls, which: str | Path) -> Source:
        """A run by name or directory, else weights as `find_weights` finds them; WeightsError if there are none."""
        try:
            return cls.of_run(run_named(which))
        except RunError:
            return cls._read(find_weights(which), None)

    @classmethod
    def _read(cls, path: Path, run: Run | None) -> Source:
        checkpoint = load_checkpoint(path)
        tensors = {name: tensor.float() for name, tensor in checkpoint.network().state_dict().items()}
        return cls(path, replace(checkpoint, tensors=tensors, extra={}), run)

    @property
    def stem(self) -> str:
        """What files of it are called."""
        return self.path.stem if self.run is None else self.run.id
