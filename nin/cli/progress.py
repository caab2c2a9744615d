"""What `python -m nin train` says in a terminal while it works."""

from __future__ import annotations

import os
import sys
import time

from nin.training.records import Epoch, Event, Record, Step, loss_text
from nin.training.trainer import Trainer

LINE_SECONDS = 0.5


class TerminalProgress:
    """A line that is rewritten while an epoch runs, and one that stays at its end.

    Once nobody can read it (the terminal was closed, the pipe broke) it falls silent and training
    goes on: the run directory has it all.
    """

    def __init__(self) -> None:
        self._last = 0.0
        self._live = sys.stdout.isatty()

    def say(self, text: str, end: str = "\n") -> None:
        try:
            print(text, end=end, flush=True)
        except OSError:
            # For good, so that what is left in the buffer gives no second error when Python ends.
            with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123
                os.dup2(nowhere.fileno(), sys.stdout.fileno())

    def __call__(self, record: Record, trainer: Trainer) -> None:
        match record:
            case Step() if self._live and time.monotonic() - self._last > LINE_SECONDS:
                self._last = time.monotonic()
                text = f"step {record.step}/{trainer.total_steps}  loss {loss_text(record.loss)}"
                self.say(f"\r{text}  lr {record.lr:.2g}  {record.images_per_second:,.0f} images/s   ", end="")
            case Epoch():
                self.say(
                    f"\repoch {record.epoch}/{trainer.epochs}  loss {loss_text(record.train_loss, '.4f')}  "
                    f"train {record.train_accuracy:.2%}  test {record.test_accuracy:.2%} of {record.test_n:,}  "
                    f"{record.seconds:,.0f} s"
                )
            case Event():
                self.say(f"\rstep {record.step}: {record.what} {record.details or ''}")
