"""One test image of each class, to be sent through the network at a click."""

from __future__ import annotations

import streamlit as st

from nin.data.fashion_mnist import CLASS_NAMES
from ui.base.item import item_from_test_set, set_current_item
from ui.base.resources import data_name, dataset
from ui.base.text.classes import class_name
from ui.classify.gallery import Picture, gallery


def choose_item() -> None:
    images = dataset().test.images
    numbers = _first_of_each_class(data_name(dataset()))
    gallery(
        [Picture(images[number].numpy(), class_name(class_id)) for class_id, number in enumerate(numbers)],
        key="welcome_items",
        side=56,
        on_chosen=lambda place: set_current_item(item_from_test_set(numbers[place])),
    )


@st.cache_data(max_entries=4, show_spinner=False)
def _first_of_each_class(data: tuple[str, str]) -> list[int]:
    """The number of the first test image of each class."""
    labels = dataset().test.labels.tolist()
    return [labels.index(class_id) for class_id in range(len(CLASS_NAMES))]
