"""The steps of the tour: where each is done, and how the app itself can tell that it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ui.base.item import has_drawn
from ui.layers.place import is_inside
from ui.layers.tools.ablation import is_anything_off
from ui.train import session


@dataclass(frozen=True)
class Step:
    """Its words are tour.<name>, tour.<name>_done and tour.name_<name>."""

    name: str
    page: str  # as the shell calls it
    path: str
    is_done: Callable[[], bool]


def _trains() -> bool:
    """Whether a run of this visitor has begun to learn."""
    followed = session.followed()
    return followed is not None and followed.is_own and followed.status.get("step", 0) > 0


STEPS = (
    Step("train", "train", "app.py", _trains),
    Step("draw", "classify", "pages/classify.py", has_drawn),
    Step("look", "layers", "pages/layers.py", is_inside),
    Step("break", "layers", "pages/layers.py", is_anything_off),
)
