"""Where a visitor is in the network: one place of the picture, followed from layer to layer."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
import streamlit as st

from ui.base import address
from ui.layers.subject import Subject

_KEY = "layers_place"


@dataclass
class Place:
    """The layer, channel and pixel that are open, and what of them is kept when another layer is opened.

    The browser holds what the visitor chooses, and tells it with the number of the `opening` that
    it was chosen in: what was chosen in an earlier one has been overtaken by this one.
    """

    layer: str = "0"
    channel: int = 0
    pixel: tuple[int, int] = (0, 0)  # row, column
    spot: tuple[float, float] | None = None  # the same place in the picture, in shares of its height and width
    class_id: int | None = None  # whose map the visitor chose last
    channels: dict[tuple[str, str], int] = field(default_factory=dict)  # open last, by network and convolution
    opening: int = 0
    initial_channel: int = 0  # what the browser begins with in this opening
    initial_pixel: tuple[int, int] = (0, 0)
    turn: int = 0  # as `opening`, for the layer that the page itself opens
    initial_layer: str = "0"
    opened: tuple[object, ...] = ()
    wanted: tuple[int, tuple[int, int]] | None = None  # a channel and a pixel to begin with, as an address says

    def lead(self, layer: str) -> None:
        """Open a layer for the visitor."""
        self.initial_layer = layer
        self.turn += 1

    def begin_at(self, layer: str) -> None:
        """Open a layer when the page is drawn next: for a way from another page."""
        self.layer = layer
        self.lead(layer)

    def draw_anew(self) -> None:
        """The page is drawn as a whole: its parts begin with what is chosen now."""
        if self.initial_layer != self.layer:
            self.lead(self.layer)
        if (self.initial_channel, self.initial_pixel) != (self.channel, self.pixel):
            self._begin()

    def open(self, subject: Subject, layer: str) -> None:
        """Another layer may be open now, or another network or picture: find the same place there."""
        opened = (layer, subject.checkpoint.preset, subject.input_size, subject.pixels)
        if opened == self.opened:
            return
        self.layer, self.opened = layer, opened
        maps, centres = subject.maps(layer), subject.receptive_field(layer)
        if self.wanted is not None:
            self._take_what_is_wanted(subject, maps)
        elif self.spot is None:
            self.channel = self._channel(subject, maps)
            self.pixel = divmod(int(np.abs(maps[self.channel]).argmax()), maps.shape[-1])
            self._keep_spot(subject)
        else:
            row, column = (centres.nearest(share * subject.input_size) for share in self.spot)
            self.pixel = row, column
            self.channel = self._channel(subject, maps)
        self._begin()

    def choose_channel(self, subject: Subject, channel: int) -> None:
        if channel != self.channel:
            self.channel = channel
            self.channels[_made_by(subject, self.layer)] = channel
            if subject.has_class_maps(self.layer):
                self.class_id = channel

    def choose_pixel(self, subject: Subject, pixel: tuple[int, int]) -> None:
        if pixel != self.pixel:
            self.pixel = pixel
            self._keep_spot(subject)

    def _channel(self, subject: Subject, maps: np.ndarray) -> int:
        """At class maps the class; elsewhere what was open of these channels, else what answers most at this place."""
        if subject.has_class_maps(self.layer):
            return int(subject.probabilities().argmax()) if self.class_id is None else self.class_id
        key = _made_by(subject, self.layer)
        if self.channels.get(key, len(maps)) >= len(maps):
            strength = np.abs(maps).max(axis=(1, 2))
            here = strength if self.spot is None else np.abs(maps[:, *self.pixel])
            self.channels[key] = int((here if here.any() else strength).argmax())
        return self.channels[key]

    def _take_what_is_wanted(self, subject: Subject, maps: np.ndarray) -> None:
        """As far as this layer has it."""
        (channel, (row, column)), self.wanted = self.wanted or (0, (0, 0)), None
        self.channel = min(channel, len(maps) - 1)
        self.channels[_made_by(subject, self.layer)] = self.channel
        if subject.has_class_maps(self.layer):
            self.class_id = self.channel
        self.pixel = min(row, maps.shape[1] - 1), min(column, maps.shape[2] - 1)
        self._keep_spot(subject)

    def _keep_spot(self, subject: Subject) -> None:
        if subject.maps(self.layer)[0].size > 1:  # a single value says nothing about where
            row, column = (subject.receptive_field(self.layer).centre(at) / subject.input_size for at in self.pixel)
            self.spot = row, column

    def _begin(self) -> None:
        self.initial_channel, self.initial_pixel = self.channel, self.pixel
        self.opening += 1


def _made_by(subject: Subject, layer: str) -> tuple[str, str]:
    """The convolution whose channels a layer has: ReLU, pooling and dropout keep their numbers."""
    return subject.checkpoint.preset, subject.channels_from(layer)


def is_inside() -> bool:
    """Whether the visitor has opened a layer behind the first stage."""
    return _KEY in st.session_state and st.session_state[_KEY].layer.partition(".")[0] != "0"


def place() -> Place:
    """The visitor's own, on every page and after a change of page; in a new tab as the address says."""
    if _KEY not in st.session_state:
        st.session_state[_KEY] = _of_address()
    return st.session_state[_KEY]


_LARGEST = 9999  # whatever is beyond is cut to what the layer has
_LAYER = r"[0-9]{1,2}(\.[0-9]{1,2})?"


def _of_address() -> Place:
    layer = address.given("layer") or ""
    if not re.fullmatch(_LAYER, layer):
        return Place()
    numbers = [address.given_number(name, _LARGEST) for name in ("channel", "row", "column")]
    channel, row, column = numbers
    wanted = None if None in numbers else (channel, (row, column))
    return Place(layer=layer, initial_layer=layer, wanted=wanted)


def place_in_address(place: Place) -> None:
    """Have the address say what is open."""
    row, column = place.pixel
    address.show("place", layer=place.layer, channel=str(place.channel), row=str(row), column=str(column))
