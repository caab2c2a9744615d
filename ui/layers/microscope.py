"""The pixel microscope: one number of a map, taken apart into the numbers it is made of."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st
from torch import nn

from nin.explain.arithmetic import Dense, convolution_window, per_pixel_mlp, pooling_window
from ui.base.colours import encode, table
from ui.base.component import component, only_read
from ui.base.text import t
from ui.layers.place import Place
from ui.layers.subject import Subject

_TERMS = 4  # the largest products that are written out

_component = component("microscope", '<div class="scope"></div>', paints=True)
# The weights of a block do not change from click to click, so they travel alone: what is the
# same as last time is not sent again. They wait in the window until the microscope asks.
_weights = st.components.v2.component(
    "nin_block_weights",
    js="""export default function ({ data }) {
      window.ninBlockWeights = data;
      window.dispatchEvent(new Event("nin-block-weights"));
    }""",
    html="<span hidden></span>",
    isolate_styles=False,
)
_WORDS = (
    "patch", "kernel", "products", "product", "padding", "inputs", "input_sum", "hover", "hover_dense", "entering",
    "weights", "weight", "convolution", "linear", "relu", "no_relu", "output", "channel_value", "cell",
    "choose_unit", "choose_unit_label", "keys",
)  # fmt: skip


def microscope(subject: Subject, place: Place, *, key: str) -> None:
    """Take the value apart that is open: of one channel, at one pixel of a layer or stage."""
    index, channel, pixel = place.layer, place.channel, place.pixel
    stage = index.partition(".")[0]
    module = subject.module(stage)
    data: dict[str, Any] = {
        "tables": {"signed": encode(table(signed=True)), "positive": encode(table(signed=False))},
        "words": {name: t(f"layers.scope_{name}") for name in _WORDS} | {"between": t("shell.between_sentences")},
    }
    if isinstance(module, nn.Sequential):
        layers = subject.inside(stage)
        # Where the convolution itself or its ReLU is open, it is the open channel that is taken apart.
        is_open = index in layers[:2]
        unit = channel if is_open else _unit(subject, stage, pixel, st.session_state.get(key, {}).get("unit"))
        data["unit"] = None if is_open else unit
        data["window"] = _window(subject, f"{stage}.0", (unit, *pixel))
        steps = per_pixel_mlp(subject.features, subject.model, stage, *pixel)
        data["weights"] = f"{subject.weights} {stage}"
        _weights(data={"id": data["weights"], "steps": [encode(step.weight) for step in steps]}, key=f"{key}_weights")
        data["dense"] = [_dense(step, number, pixel) for number, step in enumerate(steps, start=2)]
        for step, dense in zip(steps, data["dense"], strict=True):
            if subject.silenced(step.index) or subject.is_bypassed(step.index):
                dense["difference"] = t("layers.scope_changed")
            # The open channel is marked where it is made.
            made_here = layers.index(subject.last_layer(index)) - layers.index(step.index) in (0, 1)
            dense["mark"] = channel if made_here else None
    elif isinstance(module, nn.MaxPool2d | nn.AvgPool2d | nn.AdaptiveAvgPool2d | nn.AdaptiveMaxPool2d):
        data["pooled"] = _pooled(subject, stage, (channel, *pixel))
    else:
        kind = {nn.Dropout: "dropout", nn.Linear: "fully", nn.ReLU: "rectified"}.get(type(module), "flatten")
        if kind == "flatten" and subject.module(stage) is not list(subject.model)[-1]:
            kind = "row"
        value = float(subject.maps(index)[channel, *pixel])
        data["nothing"] = t(f"layers.scope_{kind}", value=f"{value:.6g}")
    _component(data=data, key=key, default={"unit": None}, on_unit_change=only_read)


def _unit(subject: Subject, stage: str, pixel: tuple[int, int], chosen: int | None) -> int:
    """Which channel of the spatial convolution is taken apart: the one the visitor chose, else that which answers most."""
    vector = subject.maps(subject.inside(stage)[min(1, len(subject.inside(stage)) - 1)])[:, *pixel]
    return chosen if chosen is not None and chosen < len(vector) else int(vector.argmax())


def _window(subject: Subject, index: str, output: tuple[int, int, int]) -> dict[str, Any]:
    window = convolution_window(subject.features, subject.model, index, output)
    products = window.products
    sums = products.sum((1, 2))
    channel, row, column = output
    return {
        "title": t("layers.scope_window", index=index, channel=channel, row=row, column=column),
        "about": t("layers.scope_window_about", k=products.shape[-1], inputs=len(products)),
        "patch": encode(window.patch),
        "kernel": encode(window.kernel),
        "padded": window.padded.ravel().tolist(),
        "k": products.shape[-1],
        "inputs": len(products),
        "sums": sums.tolist(),
        "strongest_input": int(np.abs(sums).argmax()),
        "text": t(
            "layers.scope_sum",
            terms=_largest_terms(window.patch, window.kernel),
            count=products.size,
            products=f"{products.sum():.6f}",
            bias=f"{window.bias:+.6f}",
            total=f"{window.total:.6f}",
            answer=f"{window.answer:.6f}",
            difference=f"{abs(window.total - window.answer):.1e}",
        )
        + ("\n" + t("layers.scope_off") if channel in subject.silenced(index) else ""),
    }


def _largest_terms(patch: np.ndarray, kernel: np.ndarray) -> str:
    """The largest products, written out."""
    patch, kernel = patch.ravel(), kernel.ravel()
    largest = np.argsort(-np.abs(patch * kernel), kind="stable")[:_TERMS]
    return " + ".join(f"({patch[i]:.4f} × {kernel[i]:.4f})" for i in largest)


def _dense(step: Dense, number: int, pixel: tuple[int, int]) -> dict[str, Any]:
    outputs, inputs = step.weight.shape
    vectors = ("bias", "entering", "convolution", "linear", "leaving")
    return {
        **{name: encode(getattr(step, name)) for name in vectors},
        "title": t("layers.scope_dense", number=number, index=step.index),
        "about": t("layers.scope_dense_about", inputs=inputs, outputs=outputs, row=pixel[0], column=pixel[1]),
        "inputs": inputs,
        "outputs": outputs,
        "has_relu": step.has_relu,
        "difference": t(
            "layers.scope_difference",
            inputs=inputs,
            outputs=outputs,
            here=f"{step.largest_difference:.1e}" if step.largest_difference else "0",
            anywhere=f"{step.largest_difference_anywhere:.1e}" if step.largest_difference_anywhere else "0",
        ),
    }


def _pooled(subject: Subject, index: str, output: tuple[int, int, int]) -> dict[str, Any]:
    pooled = pooling_window(subject.features, subject.model, index, output)
    height, width = pooled.window.shape
    total = float(pooled.window.sum(dtype=np.float64))
    values = {"answer": f"{pooled.answer:.6f}", "count": pooled.window.size, "total": f"{total:.6f}"}
    if pooled.mode == "mean":
        values["mean"] = f"{total / pooled.window.size:.6f}"
    else:
        values["largest"] = f"{pooled.window.max():.6f}"
    last = isinstance(subject.module(index), nn.AdaptiveAvgPool2d)
    kind = "logit" if last else "peak" if isinstance(subject.module(index), nn.AdaptiveMaxPool2d) else pooled.mode
    return {
        "title": t(f"layers.scope_{kind}_title"),
        "about": t(f"layers.scope_{kind}_about"),
        "label": t("layers.scope_pooled", height=height, width=width),
        "window": encode(pooled.window),
        "height": height,
        "width": width,
        "top": pooled.top,
        "left": pooled.left,
        "text": t(f"layers.scope_{kind}_text", **values),
    }
