"""What a machine lets its visitors use of it: settings in the server's environment, with defaults.

    NIN_MOST_WAITING        runs that may be in training or wait for their turn, of all visitors together
    NIN_MOST_WAITING_EACH   the same of one visitor
    NIN_MOST_EPOCHS         of a run
    NIN_MOST_RUNS           runs that are kept: the oldest without a star make room
    NIN_RUNS_GB             what they may take on the disk; likewise

Whoever sits at the machine itself is held to nothing that was not set: it is their disk, and their work.
Visitors from elsewhere are strangers, and for them there are the defaults below. What was set holds
for everybody. (How large an upload may be is Streamlit's own setting, server.maxUploadSize.)
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from nin.errors import RunError, SettingsError


@dataclass(frozen=True)
class Limits:
    """None: as much as one likes."""

    waiting: int | None = None
    waiting_each: int | None = None
    epochs: int | None = None
    runs: int | None = None
    gigabytes: float | None = None

    def check_epochs(self, epochs: int) -> None:
        """SettingsError for a run that would train for longer."""
        if self.epochs is not None and epochs > self.epochs:
            raise SettingsError("epochs is {epochs}: choose at most {most} here", epochs=epochs, most=self.epochs)

    def check_queue(self, in_queue: int, of_visitor: int) -> None:
        """RunError where so many runs train or wait already that there is no place for another."""
        if self.waiting_each is not None and of_visitor >= self.waiting_each:
            raise RunError(
                "{count} of your runs train or wait already: let one end, or stop it, before you start another",
                count=of_visitor,
            )
        if self.waiting is not None and in_queue >= self.waiting:
            raise RunError(
                "{count} runs train or wait already, and no more may: try again when one has ended", count=in_queue
            )


_OF_STRANGERS = Limits(waiting=20, waiting_each=2, epochs=100, runs=300, gigabytes=10.0)
_SETTINGS = {
    "waiting": "NIN_MOST_WAITING",
    "waiting_each": "NIN_MOST_WAITING_EACH",
    "epochs": "NIN_MOST_EPOCHS",
    "runs": "NIN_MOST_RUNS",
    "gigabytes": "NIN_RUNS_GB",
}


def limits(*, of_strangers: bool) -> Limits:
    """What holds for visitors from elsewhere, or for who is at the machine; SettingsError for a setting that cannot be."""
    usual = _OF_STRANGERS if of_strangers else Limits()
    return Limits(**{field: _read(name, field, getattr(usual, field)) for field, name in _SETTINGS.items()})


def _read(name: str, field: str, usual: float | None) -> float | int | None:
    text = os.environ.get(name, "").strip()
    if not text:
        return usual
    try:
        value = float(text) if field == "gigabytes" else int(text)
    except ValueError:
        value = 0
    if not 0 < value < 1e9:
        raise SettingsError("{name} is {value!r}: set it to a number above 0, or not at all", name=name, value=text)
    return value
