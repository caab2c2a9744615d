"""What the network sees: the way from the picture to 28x28 and to the network's own input size."""

from __future__ import annotations

import numpy as np
import streamlit as st
import torch

from nin.checkpoint import Checkpoint, prepare
from ui.gallery import Picture, gallery
from ui.item import Item
from ui.words import t

SHOWN_SIDE = 132  # pixels on the screen


def seen_by_network(item: Item, checkpoint: Checkpoint) -> None:
    with st.container(key="seen-by-network"):
        st.subheader(t("classify.seen_title"))
        st.caption(t("classify.seen_note"))
        pictures = [Picture(item.array(), t("classify.seen"))]
        if item.picture:
            pictures.insert(0, Picture(np.asarray(item.original()), t("classify.brought"), smooth=True))
        size = checkpoint.architecture.input_size
        pictures.append(Picture(_input_pixels(item, checkpoint), t("classify.resized", size=size)))
        gallery(pictures, key="classify_seen", side=SHOWN_SIDE)


def _input_pixels(item: Item, checkpoint: Checkpoint) -> np.ndarray:
    """The network's input as a picture, uint8 (S, S): enlarged, but not yet normalised."""
    image = item.tensor()[None, None].float() / 255
    resized = prepare(image, checkpoint.architecture, normalise=False)
    return (resized[0, 0] * 255).round().clamp(0, 255).to(torch.uint8).numpy()
