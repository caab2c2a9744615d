"""All channels of the open layer: order, colours, and the mosaic itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from nin.explain.channels import ORDERS, SCALES, ChannelStatistics, colour_ranges, histogram, order, statistics
from ui.base.choice import select
from ui.base.text import t, together
from ui.base.text.classes import class_names
from ui.layers.mosaic import mosaic
from ui.layers.place import Place
from ui.layers.subject import Subject


@dataclass(frozen=True)
class OpenLayer:
    """The layer that is open and how its maps are coloured."""

    index: str
    maps: np.ndarray  # float32 (C, H, W)
    statistics: ChannelStatistics
    ranges: np.ndarray  # (C, 2): the values at the two ends of the colours


def layer_maps(subject: Subject, place: Place) -> OpenLayer:
    """Draw the maps of the layer or stage that is open, and note in `place` which channel is chosen."""
    index = place.layer
    maps = subject.maps(index)
    found = statistics(maps)
    count, height, width = maps.shape
    labels = class_labels(subject, index)
    st.header(t("layers.maps_title", name=f"{index} · {subject.name(index)}"))
    st.caption(t("layers.maps_count", count=count, height=height, width=width, **subject.figures([index])))
    with st.container(horizontal=True, gap="medium"):
        how = _choice("order", ORDERS, ORDERS[0])
        # Class maps are there to be compared with each other: they begin on one scale, and keep one of their own.
        scale = _choice("scale_classes", SCALES, "layer") if labels else _choice("scale", SCALES, "channel")
    if height * width == 1 and scale == "channel":
        scale = "layer"  # a single number on a scale of its own would say nothing
    ranges = colour_ranges(found, scale, subject.value_range)
    with st.container(key="mosaic"):
        channel = mosaic(
            maps,
            ranges,
            key="layer_mosaic",
            order=order(found, how),
            initial=place.initial_channel,
            opening=place.opening,
            labels=labels,
        )
    place.choose_channel(subject, channel)
    sign = "signed" if found.is_signed else "positive"
    st.caption(together(t(f"layers.legend_{sign}"), t(f"layers.legend_{scale}")))
    _numbers(maps, found)
    return OpenLayer(index, maps, found, ranges)


def class_labels(subject: Subject, index: str) -> tuple[str, ...] | None:
    """The classes, where each map belongs to one: from the network's last convolution on."""
    return class_names() if subject.has_class_maps(index) else None


def tile_labels(subject: Subject, index: str) -> tuple[str, ...]:
    """What stands below each tile of a picture to take home: the class, or the channel's number."""
    return class_labels(subject, index) or tuple(map(str, range(len(subject.maps(index)))))


def channel_title(subject: Subject, index: str, channel: int) -> str:
    title = t("layers.channel_title", channel=channel)
    labels = class_labels(subject, index)
    return f"{title} · {labels[channel]}" if labels else title


def _numbers(maps: np.ndarray, found: ChannelStatistics) -> None:
    """How many channels are silent, how sparse the layer is, and how its values are spread."""
    silent, count = int(found.silent.sum()), len(maps)
    low, high = f"{found.low.min():.4g}", f"{found.high.max():.4g}"
    st.markdown(t("layers.statistics", silent=silent, count=count, zeros=f"{found.sparsity:.1%}", low=low, high=high))
    counts, edges = histogram(maps)
    # Logarithmic heights: behind a ReLU the zeros would leave nothing to see of all others.
    heights = np.log1p(counts) / np.log1p(counts.max())
    bars = "".join(
        f'<i style="height:{100 * height:.1f}%" title="{start:.4g} … {end:.4g}: {number:,}"></i>'
        for height, number, start, end in zip(heights, counts, edges[:-1], edges[1:], strict=True)
    )
    caption = f"<p><span>{low}</span><span>{t('layers.histogram')}</span><span>{high}</span></p>"
    name = t("layers.histogram_name", low=low, high=high)
    chart = f'<div class="map-histogram" role="img" aria-label="{name}">{bars}</div>'
    st.html(f'{_STYLE}{chart}<div class="map-histogram-axis">{caption}</div>')


_STYLE = """<style>
.map-histogram { display: flex; align-items: flex-end; gap: 1px; height: 64px; }
.map-histogram i { flex: 1; min-width: 0; background: #2e86de; border-radius: 1px 1px 0 0; }
.map-histogram i:hover { background: #f0812b; }
.map-histogram-axis p { display: flex; justify-content: space-between; font-size: 12px; opacity: 0.85; margin: 2px 0 0; }
</style>"""


def _choice(name: str, options: tuple[str, ...], default: str) -> str:
    kind = name.partition("_")[0]
    return select(
        t(f"layers.{kind}"),
        options,
        index=options.index(default),
        key=f"layers_{name}",
        format_func=lambda option: t(f"layers.{kind}_{option}"),
        persist_state="session",
    )
