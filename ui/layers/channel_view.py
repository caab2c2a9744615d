"""One channel enlarged, with what its number at one place is made of, beside what that number sees of the input."""

from __future__ import annotations

from typing import Any

import numpy as np
from torch import nn

from nin.explain.contributions import contributions, largest_positions
from ui.base.colours import GREY, encode, table
from ui.base.component import component, only_read
from ui.base.text import t
from ui.layers.maps import OpenLayer
from ui.layers.place import Place
from ui.layers.subject import Subject

_HTML = """
<div class="channel-view">
  <figure>
    <figcaption data-word="map"></figcaption>
    <div class="channel-view-frame">
      <canvas class="channel-view-map" tabindex="0" role="img"></canvas>
      <div class="channel-view-cell"></div>
    </div>
  </figure>
  <div class="channel-view-below">
    <figure>
      <figcaption data-word="input"></figcaption>
      <div class="channel-view-frame">
        <canvas class="channel-view-input" role="img"></canvas>
        <canvas class="channel-view-overlay" aria-hidden="true"></canvas>
        <div class="channel-view-field"></div>
      </div>
      <label><span data-word="over"></span><input class="channel-view-opacity" type="range" min="0" max="100" value="55"></label>
    </figure>
    <div>
      <p class="channel-view-readout" aria-live="polite"></p>
      <ul class="channel-view-made"></ul>
    </div>
  </div>
</div>
"""

_component = component("channel_view", _HTML, paints=True)


def channel_view(subject: Subject, layer: OpenLayer, place: Place, *, key: str) -> None:
    """Draw the map of the channel that is open, and note in `place` which pixel is chosen."""
    channel = place.channel
    values, (low, high) = layer.maps[channel], layer.ranges[channel]
    height, width = values.shape
    field, network_input = subject.receptive_field(layer.index), subject.input_map()
    data = {
        "opening": place.opening,
        "initial": list(place.initial_pixel),
        "map": encode(values.astype(np.float32, copy=False)),
        "height": height,
        "width": width,
        "range": [float(low), float(high)],
        "table": encode(table(signed=bool(low < 0))),
        "grey": encode(GREY),
        "input": encode(network_input.astype(np.float32, copy=False)),
        "input_size": subject.input_size,
        "input_range": [float(network_input.min()), float(network_input.max())],
        "windows": field.windows,
        "centres": [field.centre(position) for position in range(height)],
        "spread": field.spread,
        "made": _made(subject, layer.index, channel),
        "words": {
            "map": t("layers.view_map", channel=channel, height=height, width=width),
            "input": t("layers.view_input", size=subject.input_size),
            "over": t("layers.view_over"),
            "seen": t("layers.view_seen"),
            **{name: t(f"layers.made_{name}") for name in ("term", "square", "others", "bias", "total", "total_relu")},
        },
    }
    result = _component(data=data, key=key, default={"pixel": None}, on_pixel_change=only_read)
    answer = result.pixel
    row, column = answer["pixel"] if answer and answer["opening"] == place.opening else place.initial_pixel
    place.choose_pixel(subject, (row, column))


def _made(subject: Subject, index: str, channel: int) -> dict[str, Any]:
    """What the numbers of a channel are made of, as the script reads it."""
    last = subject.last_layer(index)
    convolution = subject.convolution_behind(last)
    if channel in subject.silenced(last) | (subject.silenced(convolution) if convolution else frozenset()):
        return {"kind": "text", "text": t("layers.made_off")}
    if convolution and subject.is_bypassed(convolution):
        return {"kind": "text", "text": t("layers.made_bypassed")}
    match subject.module(last):
        case nn.Conv2d():
            return _sum(subject, last, channel, relu=False)
        case nn.ReLU() if convolution:
            return _sum(subject, convolution, channel, relu=True)
        case nn.MaxPool2d() as layer:
            entering = subject.features.entering(last)
            positions = largest_positions(entering, layer)[channel]
            text = t(
                "layers.made_max", size=layer.kernel_size, row="{row}", column="{column}"
            )  # filled in by the script
            return {"kind": "max", "text": text, "positions": positions.ravel().tolist(), "width": entering.shape[-1]}
    return {"kind": "text", "text": _made_words(subject, last)}


def _made_words(subject: Subject, index: str) -> str:
    """What a layer makes of what it is given, where its numbers are not written out."""
    count = subject.features.entering(index)[0, 0].numel()  # values of one channel
    match subject.module(index):
        case nn.AvgPool2d() as layer:
            return t("layers.made_mean", size=layer.kernel_size)
        case nn.AdaptiveAvgPool2d():
            return t("layers.made_logit", count=count)
        case nn.AdaptiveMaxPool2d():
            return t("layers.made_peak", count=count)
        case nn.Dropout():
            return t("layers.made_dropout")
        case nn.Linear() as layer:
            return t("layers.made_dense", inputs=f"{layer.in_features:,}")
        case nn.ReLU():
            return t("layers.made_rectified")
    return t("layers.made_row" if count > 1 else "layers.made_flatten")


def _sum(subject: Subject, convolution: str, channel: int, *, relu: bool) -> dict[str, Any]:
    made = contributions(subject.features, subject.model, convolution, channel)
    return {
        "kind": "sum",
        "terms": encode(made.terms.astype(np.int32)),
        "products": encode(made.products.astype(np.float32)),
        "sums": encode(made.sums.astype(np.float32)),
        "bias": made.bias,
        "count": made.count,
        "side": made.side,
        "relu": relu,
    }
