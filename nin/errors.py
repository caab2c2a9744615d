"""What can go wrong, in words for the person at the screen.

Front ends catch `LabError` and show its text; anything else is a bug.
Each message says what was wrong, with which value, and what to do next. It is an English sentence
with `{names}`, and the values for them apart, as gettext has it: a page finds the sentence of
another language by the English one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Message:
    """`template` with `{names}`, filled in by `values`: numbers, texts, or messages again."""

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", {name: _plain(value) for name, value in self.values.items()})

    def __str__(self) -> str:
        return self.template.format(**self.values) if self.values else self.template

    def to_dict(self) -> dict[str, Any]:
        """As a run's status.json keeps it."""
        return {"template": self.template, "values": {name: _kept(value) for name, value in self.values.items()}}

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Message:
        values = {
            name: cls.from_dict(value) if isinstance(value, Mapping) else value
            for name, value in kept["values"].items()
        }
        return cls(kept["template"], values)


def _kept(value: Any) -> Any:
    return value.to_dict() if isinstance(value, Message) else value


def _plain(value: object) -> object:
    """Paths and other errors as text: a message may be kept for long, and what they hold on to is not its business."""
    return value if value is None or isinstance(value, int | float | str | Message) else str(value)


class LabError(Exception):
    """Something a person can put right: `LabError("there is no run {name!r}", name=name)`."""

    def __init__(self, template: str | Message = "", /, **values: Any) -> None:
        self.message = template if isinstance(template, Message) else Message(template, values)
        super().__init__(str(self.message))


class DataError(LabError):
    """The data set is missing, damaged or not what it says it is."""


class PictureError(LabError):
    """A file that is not a picture, or not one that can be used."""


class WeightsError(LabError):
    """Weights that are missing, damaged or belong to another network."""


class SettingsError(LabError):
    """A setting out of range or of the wrong kind."""


class RunError(LabError):
    """A run directory that cannot be used for what was asked."""


class Diverged(LabError):
    """Training whose loss has become infinite or not a number."""
