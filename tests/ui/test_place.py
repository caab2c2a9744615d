"""One place of the picture is followed through the network, and through networks."""

import numpy as np
import pytest

from nin.storage.weights import find_weights
from ui.base.item import item_from_test_set
from ui.layers.place import Place
from ui.layers.subject import look


@pytest.fixture(scope="module")
def pocket():
    return look(item_from_test_set(9), find_weights("pocket"))


@pytest.fixture(scope="module")
def classic():
    return look(item_from_test_set(9), find_weights("classic"))


def at(subject, layer="0"):
    place = Place()
    place.open(subject, layer)
    return place


def centre(subject, place):
    field = subject.receptive_field(place.layer)
    return np.array([field.centre(position) for position in place.pixel]) / subject.input_size


def test_a_visit_begins_where_the_strongest_channel_answers_most(pocket):
    place, maps = at(pocket), pocket.maps("0")
    assert maps[place.channel].max() == maps.max() == maps[place.channel, *place.pixel]


@pytest.mark.parametrize("layers", [("0", "1", "2", "3", "5"), ("5.4", "2", "0.0")])
def test_another_layer_shows_the_same_spot_of_the_picture(pocket, layers):
    place = at(pocket, layers[0])
    row, column = 3, 1
    place.choose_pixel(pocket, (row, column))
    spot = centre(pocket, place)
    for layer in layers[1:]:
        place.open(pocket, layer)
        field = pocket.receptive_field(layer)
        within = np.clip(spot * pocket.input_size, field.centre(0), field.centre(len(field.windows) - 1))
        assert np.abs(centre(pocket, place) * pocket.input_size - within).max() <= field.stride / 2
    place.open(pocket, layers[0])
    assert place.pixel == (row, column)


def test_a_map_of_one_value_does_not_forget_the_spot(pocket):
    place = at(pocket, "5")
    place.choose_pixel(pocket, (4, 1))
    place.open(pocket, "6")
    assert place.pixel == (0, 0)
    place.open(pocket, "5")
    assert place.pixel == (4, 1)


def test_another_network_and_another_size_show_the_same_spot(pocket, classic):
    place = at(pocket)
    place.choose_pixel(pocket, (10, 2))
    spot = centre(pocket, place)
    place.open(classic, "0")
    assert np.abs(centre(classic, place) - spot).max() < 4 / 224
    twice = look(item_from_test_set(9), find_weights("pocket"), 56)
    place.open(twice, "0")
    assert np.abs(centre(twice, place) - spot).max() <= 1 / 56


def test_the_class_is_kept_at_class_maps(pocket, classic):
    place = at(pocket, "5")
    assert place.channel == pocket.probabilities().argmax()
    place.choose_channel(pocket, 6)
    for subject, layer in ((pocket, "7"), (pocket, "0"), (pocket, "6"), (classic, "7")):
        place.open(subject, layer)
    assert place.channel == 6


def test_a_channel_keeps_its_number_until_a_convolution_mixes_it(pocket):
    place = at(pocket, "1.4")
    place.choose_channel(pocket, 17)
    for layer in ("1.5", "1", "2"):
        place.open(pocket, layer)
        assert place.channel == 17
    place.open(pocket, "3")
    here = np.abs(pocket.maps("3")[:, *place.pixel])
    assert here[place.channel] == here.max()  # what answers most at this place
    place.open(pocket, "1.4")
    assert place.channel == 17


def test_what_was_chosen_in_an_earlier_opening_is_told_apart(pocket):
    place = at(pocket)
    before = place.opening
    place.choose_pixel(pocket, (1, 1))
    place.open(pocket, "0")  # as each redraw does
    assert (place.opening, place.pixel) == (before, (1, 1))
    place.open(pocket, "1")
    assert place.opening > before
    place.choose_channel(pocket, 5)
    place.draw_anew()
    assert place.initial_channel == 5
