"""What can go wrong, in words for the person at the screen.

Front ends catch `LabError` and show its text; anything else is a bug.
Each message says what was wrong, with which value, and what to do next.
"""


class LabError(Exception):
    """Something a person can put right."""


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
