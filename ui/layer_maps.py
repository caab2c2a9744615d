"""All channels of the open layer: order, colours, and the mosaic itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from nin.channels import ORDERS, SCALES, ChannelStatistics, colour_ranges, order, statistics
from ui.mosaic import mosaic
from ui.subject import Subject
from ui.words import t


@dataclass(frozen=True)
class OpenLayer:
    """The layer that is open and how its maps are coloured."""

    index: str
    maps: np.ndarray  # float32 (C, H, W)
    statistics: ChannelStatistics
    ranges: np.ndarray  # (C, 2): the values at the two ends of the colours


def layer_maps(subject: Subject, index: str, initial: int | None) -> tuple[OpenLayer, int]:
    """Draw the maps of the layer or stage `index`; returns them and the chosen channel."""
    maps = subject.maps(index)
    found = statistics(maps)
    count, height, width = maps.shape
    st.subheader(t("layers.maps_title", name=f"{index} · {subject.name(index)}"))
    st.caption(t("layers.maps_count", count=count, height=height, width=width))
    with st.container(horizontal=True, gap="medium"):
        how = _choice("order", ORDERS)
        scale = _choice("scale", SCALES)
    ranges = colour_ranges(found, scale, subject.value_range())
    with st.container(key="mosaic"):
        strongest = int(found.strength.argmax())
        channel = mosaic(maps, ranges, key="layer_mosaic", order=order(found, how), initial=initial, fallback=strongest)
    sign = "signed" if found.is_signed else "positive"
    st.caption(f"{t(f'layers.legend_{sign}')} {t(f'layers.legend_{scale}')}")
    return OpenLayer(index, maps, found, ranges), channel


def _choice(name: str, options: tuple[str, ...]) -> str:
    return st.selectbox(
        t(f"layers.{name}"), options, key=f"layers_{name}", format_func=lambda option: t(f"layers.{name}_{option}")
    )
