"""The weights behind the maps: the first layer's kernels, and the filter of the open channel."""

from __future__ import annotations

import numpy as np
import streamlit as st

from nin.explain.channels import colour_ranges, statistics
from nin.explain.timelapse import first_kernels
from ui.base.text import t, together
from ui.layers.maps import OpenLayer
from ui.layers.mosaic import mosaic
from ui.layers.subject import Subject


def filter_view(subject: Subject, layer: OpenLayer, channel: int) -> None:
    first, own = st.columns(2, gap="large")
    with first:
        kernels = first_kernels(subject.model)
        st.markdown(t("layers.filters_first", count=len(kernels), k=kernels.shape[-1]))
        chosen = _kernels(kernels, "first_kernels")
        st.caption(_described(kernels[chosen], chosen))
    with own:
        index = subject.convolution_behind(layer.index)
        if index is None:
            st.info(t("layers.filters_none", name=subject.name(layer.index)), icon=":material/filter_alt_off:")
            return
        module = subject.module(index)
        weights = module.weight[channel].detach().numpy()
        k = weights.shape[-1]
        st.markdown(t("layers.filters_own", channel=channel, index=index, inputs=len(weights), k=k))
        chosen = _kernels(weights, "own_filter")
        bias = float(module.bias[channel].detach())
        st.caption(together(_described(weights[chosen], chosen), t("layers.filters_bias", bias=f"{bias:.6g}")))


def _kernels(kernels: np.ndarray, key: str) -> int:
    found = statistics(kernels)
    ranges = colour_ranges(found, "layer", (0, 0))
    return mosaic(kernels, ranges, key=key, fallback=int(found.strength.argmax()))


def _described(kernel: np.ndarray, number: int) -> str:
    return t(
        "layers.filters_described",
        number=number,
        low=f"{kernel.min():.4f}",
        high=f"{kernel.max():.4f}",
        norm=f"{np.linalg.norm(kernel):.4f}",
    )
