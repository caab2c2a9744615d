"""One channel enlarged beside the input: what it answers where, and what each of its pixels sees."""

from __future__ import annotations

from typing import Any

import numpy as np

from nin.model.receptive_field import ReceptiveField
from ui.base.colours import encode, table
from ui.base.component import component, only_read
from ui.base.text import t

_HTML = """
<div class="channel-view">
  <div class="channel-view-panels">
    <figure>
      <figcaption data-word="map"></figcaption>
      <div class="channel-view-frame">
        <canvas class="channel-view-map" tabindex="0" role="img"></canvas>
        <div class="channel-view-cell"></div>
      </div>
    </figure>
    <figure>
      <figcaption data-word="input"></figcaption>
      <div class="channel-view-frame">
        <canvas class="channel-view-input"></canvas>
        <canvas class="channel-view-overlay"></canvas>
        <div class="channel-view-field"></div>
      </div>
    </figure>
  </div>
  <label><span data-word="over"></span><input class="channel-view-opacity" type="range" min="0" max="100" value="55"></label>
  <p class="channel-view-readout" aria-live="polite"></p>
  <div class="map-tip" hidden></div>
</div>
"""

_component = component("channel_view", _HTML, paints=True)


def channel_view(
    values: np.ndarray[Any, Any],
    colour_range: np.ndarray[Any, Any],
    network_input: np.ndarray[Any, Any],
    receptive_field: ReceptiveField,
    *,
    channel: int,
    key: str,
    initial: tuple[int, int] | None = None,
) -> tuple[int, int]:
    """Draw a channel's map `values` (H, W) and return the chosen (row, column).

    `network_input` (S, S) is what the network was fed. Until the visitor chooses a pixel it
    is the one with the largest absolute value; `initial` is as for `ui.layers.mosaic.mosaic`.
    """
    height, width = values.shape
    strongest = divmod(int(np.abs(values).argmax()), width)
    data = {
        "map": encode(values.astype(np.float32, copy=False)),
        "height": height,
        "width": width,
        "channel": channel,
        "range": [float(colour_range[0]), float(colour_range[1])],
        "table": encode(table(signed=bool(colour_range[0] < 0))),
        "input": encode(network_input.astype(np.float32, copy=False)),
        "input_size": len(network_input),
        "input_range": [float(network_input.min()), float(network_input.max())],
        "windows": receptive_field.windows,
        "spread": receptive_field.spread,
        "initial": list(initial) if initial else None,
        "fallback": list(strongest),
        "words": {
            "map": t("layers.view_map", channel=channel, height=height, width=width),
            "input": t("layers.view_input", size=len(network_input)),
            "over": t("layers.view_over"),
            "seen": t("layers.view_seen"),
            "value": t("layers.tip_value"),
        },
    }
    default = {"pixel": data["initial"]}
    result = _component(data=data, key=key, default=default, on_pixel_change=only_read)
    row, column = result.pixel or initial or strongest
    return (row, column) if row < height and column < width else strongest
