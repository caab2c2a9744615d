"""What the page looks at: a picture, weights, and the size at which the network is fed."""

from __future__ import annotations

import random

import streamlit as st

from nin.model.network import NiN
from nin.model.shapes import stage_shapes
from nin.storage.weights import shelf
from ui.base import address
from ui.base.answers import with_newest
from ui.base.controls import control, show
from ui.base.item import Item, current_item, item_from_test_set, item_in_address, set_current_item
from ui.base.navigation import link
from ui.base.recent import recent_pictures
from ui.base.resources import dataset, network
from ui.base.text import plain, t
from ui.base.weights import KEY, Choice, choose_weights

_NUMBER, _SIZE = "layers_item_number", "size"
_SMALLEST, _LARGEST = 28, 224  # pixels a side
_BOOK = "classic"  # the weights of the network that the chapter builds


def choose_inputs() -> tuple[Item, Choice, int]:
    """The item, the weights, and the pixels a side that the network is fed."""
    picture, seen_by = st.columns([3, 2], gap="large")
    with picture:
        item = choose_item()
    with seen_by:
        weights = choose_weights()
        with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
            size = choose_size(with_newest(weights, network)[1])
            _offer_the_book(weights)
    return item, weights, size


def choose_item() -> Item:
    """The visitor's item, with buttons to change it: test images by number, and the way to a page with a canvas."""
    item = current_item()
    item_in_address()
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.image(item.array(), width=112, output_format="PNG")
        controls = st.container(width="stretch", gap="small")
    with controls:
        # The box shows the item's number wherever it was chosen, and nothing for a drawing.
        show(**{_NUMBER: int(item.name) if item.source == "test" else None})
        last = len(dataset().test.labels) - 1
        st.markdown(caption(item))
        control(
            _NUMBER,
            st.number_input,
            t("layers.item_number", last=f"{last:,}"),
            0,
            last,
            step=1,
            placeholder=t("layers.item_number_none"),
            on_change=_take_number,
        )
        with st.container(horizontal=True, gap="small"):
            st.button(t("layers.item_random"), icon=":material/casino:", key="item_random", on_click=_take_random)
            link("pages/classify.py", t("layers.item_bring"), ":material/draw:")
        recent_pictures(key="recent")
    return item


def caption(item: Item) -> str:
    if item.source == "test":
        return t("layers.item_test", number=item.name, label=item.label_name)
    return t(f"classify.about_{item.source}", name=plain(item.name))


def _take_number() -> None:
    number = st.session_state[_NUMBER]
    if number is not None:
        set_current_item(item_from_test_set(number))


def _take_random() -> None:
    # Nobody's secret depends on which picture comes next.
    set_current_item(item_from_test_set(random.randrange(len(dataset().test.labels))))  # noqa: S311


def _offer_the_book(weights: Choice) -> None:
    """One click to the network whose shapes the book prints."""
    key = f"shipped:{_BOOK}"
    if weights.key != key and _BOOK in shelf():
        st.button(
            t("layers.book_network"),
            icon=":material/menu_book:",
            key="book_network",
            help=t("layers.book_network_help"),
            on_click=lambda: st.session_state.update({KEY: key}),
        )


def choose_size(model: NiN) -> int:
    """Pixels a side. The size of training until the visitor chooses another that suits the network."""
    trained = model.architecture.input_size
    if not model.architecture.has_class_maps:
        st.caption(t("layers.size_dense", size=trained))
        return trained
    sizes = [size for size in (trained // 2, trained, 2 * trained) if _SMALLEST <= size <= _LARGEST]
    sizes = [size for size in sizes if _fits(model, size)]
    given = address.given_number(_SIZE, _LARGEST)
    size = st.segmented_control(
        t("layers.size"),
        sizes,
        default=given if given in sizes else trained,
        required=True,
        key=f"layers_size_{trained}",
        format_func=lambda size: t("layers.size_trained" if size == trained else "layers.size_other", size=size),
        help=t("layers.size_help"),
        persist_state="session",
        width="content",
    )
    address.show(_SIZE, size=None if size == trained else str(size))
    return size


def _fits(model: NiN, size: int) -> bool:
    try:
        stage_shapes(model, size)
    except ValueError:
        return False
    return True
