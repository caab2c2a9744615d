"""What readers of the chapter ask, answered with this network's own numbers."""

from __future__ import annotations

import streamlit as st
from torch import nn

from nin.model.cost import LayerCost, NetworkCost
from nin.model.network import NiN
from ui.base.text import t


def reader_notes(cost: NetworkCost, network: NiN) -> None:
    """Kernels, 1×1 convolutions, and what is behind them; those that this network has."""
    _kernels(_widest(cost, "spatial"))
    if (pointwise := _widest(cost, "pointwise")) is not None:
        _pointwise(pointwise)
    _last(cost, network)


def _widest(cost: NetworkCost, kind: str) -> LayerCost | None:
    """The first layer of a kind that has several channels on both sides, else the first."""
    found = [layer for layer in cost.layers if layer.weight_kind == kind]
    return next((layer for layer in found if layer.weight[1] > 1), found[0] if found else None)


def _kernels(layer: LayerCost | None) -> None:
    if layer is None:
        return
    width_out, width_in, k, _ = layer.weight
    values = {"index": layer.index, "inputs": width_in, "outputs": width_out, "k": k}
    counts = {"kernels": f"{width_in * width_out:,}", "numbers": k * k, "bias": layer.bias}
    st.markdown(t("anatomy.note_kernels", **values, **counts, formula=layer.parameter_formula))


def _pointwise(layer: LayerCost) -> None:
    width_out, width_in = layer.weight[:2]
    height, width = layer.shape[-2:]
    values = {"index": layer.index, "inputs": width_in, "outputs": width_out, "height": height, "width": width}
    counts = {"weights": f"{width_in * width_out:,}", "pixels": f"{height * width:,}"}
    st.markdown(t("anatomy.note_pointwise", **values, **counts, formula=layer.macs_formula))


def _last(cost: NetworkCost, network: NiN) -> None:
    pools = {index: layer for index, layer in network.named_children() if isinstance(layer, _GLOBAL)}
    layers = list(cost.layers)
    for index, pool in pools.items():
        at = next(place for place, layer in enumerate(layers) if layer.index == index)
        _, channels, height, width = layers[at - 1].shape
        how = "average" if isinstance(pool, nn.AdaptiveAvgPool2d) else "max"
        values = {"index": index, "channels": channels, "height": height, "width": width, "count": height * width}
        st.markdown(t(f"anatomy.note_{how}", **values))
    dense = next((layer for layer in layers if layer.weight_kind == "dense"), None)
    if dense is not None:
        width_out, width_in = dense.weight
        values = {"index": dense.index, "inputs": f"{width_in:,}", "outputs": f"{width_out:,}"}
        st.markdown(t("anatomy.note_dense", **values, formula=dense.parameter_formula))


_GLOBAL = (nn.AdaptiveAvgPool2d, nn.AdaptiveMaxPool2d)
