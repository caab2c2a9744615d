"""What can be taken home: the open layer's maps, and the table of shapes."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
import streamlit as st

from ui.base.csv_text import csv_text
from ui.base.text import language, speaking, t
from ui.base.weights import file_stem_of
from ui.layers.maps import OpenLayer, tile_labels
from ui.layers.subject import Subject
from ui.layers.tools.animation import language_of_pictures, mosaic_picture


def downloads(subject: Subject, layer: OpenLayer, channel: int) -> None:
    weights = file_stem_of(subject.path)
    name = f"{weights}-layer-{layer.index}"
    with speaking(language_of_pictures(language())):
        labels = tile_labels(subject, layer.index)
    # Made here: what is called when a button is pressed runs for no visitor, and knows no language.
    shapes = shapes_csv(subject)
    shape = "×".join(map(str, layer.maps.shape))
    offers = {
        "npy": (lambda: npy_bytes(layer.maps), f"{name}.npy", "application/octet-stream"),
        "png": (lambda: png_bytes(layer, labels), f"{name}.png", "image/png"),
        "csv": (shapes.encode, f"{weights}-shapes.csv", "text/csv"),
    }
    with st.container(horizontal=True, key="downloads"):
        for kind, (make, file_name, mime) in offers.items():
            st.download_button(
                t(f"layers.download_{kind}", shape=shape),
                data=make,
                file_name=file_name,
                mime=mime,
                key=f"download_{kind}",
                icon=":material/download:",
                on_click="ignore",
            )


def npy_bytes(maps: np.ndarray) -> bytes:
    """float32 (C, H, W), for `numpy.load`."""
    content = io.BytesIO()
    np.save(content, maps)
    return content.getvalue()


def png_bytes(layer: OpenLayer, labels: Sequence[str]) -> bytes:
    """The mosaic in the order of the channels' numbers, coloured as on the page."""
    content = io.BytesIO()
    mosaic_picture(layer.maps, layer.ranges[:, 0], layer.ranges[:, 1], labels).save(content, "PNG")
    return content.getvalue()


def shapes_csv(subject: Subject) -> str:
    """A line for each layer: where it is, what it is, and what it costs."""
    columns = ["index", "layer", "shape", "parameters", "macs", "receptive_field", "stride"]
    rows = []
    for index, cost in subject.costs.items():
        shape, field = "x".join(map(str, cost.shape)), cost.receptive_field
        rows.append([index, subject.name(index), shape, cost.parameters, cost.macs, field.size, field.stride])
    return csv_text(columns, rows)
