"""A run's moments with a slider and a play button, drawn in the browser without asking the server again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nin.explain.channels import Array
from nin.explain.timelapse import Moment, shared_range
from ui.base.colours import encode, levels, table
from ui.base.component import component
from ui.base.text import t
from ui.base.text.classes import class_names

_MOST_VALUES = 3_000_000  # of maps sent at once, one byte each

_component = component(
    "player",
    """
    <div class="player">
      <div class="player-controls">
        <button type="button" class="player-play"></button>
        <input class="player-slider" type="range" min="0" max="0" step="1">
      </div>
      <p class="player-caption" aria-live="polite"></p>
      <h3 data-word="maps"></h3><div class="player-maps"></div>
      <h3 data-word="evidence"></h3><div class="player-evidence"></div>
    </div>""",
    paints=True,
)


def player(moments: Sequence[Moment], captions: Sequence[str], *, run: str, key: str) -> None:
    """Replay `moments`. Colours mean the same in all of them, so growth can be seen.

    Where a layer has too many values to send at once, its strongest channels are shown and
    the heading says how many.
    """
    shown = strongest_that_fit(moments)
    maps = [moment.maps[shown] for moment in moments]
    evidence = [moment.evidence for moment in moments]
    parts = {"maps": maps, "evidence": evidence}
    ranges = {name: shared_range(arrays) for name, arrays in parts.items()}
    total = len(moments[0].maps)
    maps_word = t("layers.film_maps" if len(shown) == total else "layers.film_strongest", count=len(shown), total=total)
    data = {
        "run": run,
        "classes": class_names(),
        **{
            name: {
                "count": len(arrays[0]),
                "height": arrays[0].shape[1],
                "width": arrays[0].shape[2],
                "table": encode(table(signed=ranges[name][0] < 0)),
            }
            for name, arrays in parts.items()
        },
        "frames": [
            {
                "caption": caption,
                "maps": encode(levels(moment_maps, *ranges["maps"])),
                "evidence": encode(levels(moment.evidence, *ranges["evidence"])),
                "probabilities": [round(float(p), 6) for p in moment.probabilities],
            }
            for moment, moment_maps, caption in zip(moments, maps, captions, strict=True)
        ],
        "words": {
            "play": t("layers.film_play"),
            "pause": t("layers.film_pause"),
            "moment": t("layers.film_moment"),
            "maps": maps_word,
            "evidence": t("layers.film_evidence"),
        },
    }
    _component(data=data, key=key)


def strongest_that_fit(moments: Sequence[Moment]) -> Array:
    """Numbers of the channels that are shown, in order: all of them where that is not too much."""
    count, height, width = moments[-1].maps.shape
    fitting = max(1, min(count, _MOST_VALUES // (len(moments) * height * width)))
    strength = np.abs(moments[-1].maps).max(axis=(1, 2))
    return np.sort(np.argsort(-strength, kind="stable")[:fitting])
