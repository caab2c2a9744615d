"""Predicted memory is what a real step takes, and a step that asks for too much harms nobody but itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TypeVar

import pytest

from nin.anatomy.chapter_networks import CHAPTER_NETWORKS
from nin.anatomy.largest_batch import confirmed_largest_batch, predicted_bytes, predicted_largest_batch
from nin.anatomy.measurement import (
    MemoryQuestion,
    known_memory,
    known_seconds,
    measured_memory,
    measured_seconds,
    memory_at_hand,
)
from nin.model.cost import NetworkCost, measure_cost
from nin.model.network import NiN
from nin.presets import PRESETS

Answer = TypeVar("Answer")
MIB = 2**20
POCKET = MemoryQuestion("train", PRESETS["pocket"].architecture, 28, 256)


def last(work: Iterator[tuple[float, Answer | None]]) -> Answer:
    *before, (share, answer) = work
    assert share == 1
    assert all(0 <= share < 1 and found is None for share, found in before)
    assert answer is not None
    return answer


def cost_of(question: MemoryQuestion) -> NetworkCost:
    return measure_cost(NiN(question.architecture), question.input_size)


@pytest.mark.parametrize(
    "question",
    [
        POCKET,
        replace(POCKET, what="predict", batch_size=512),
        MemoryQuestion("train", PRESETS["classic"].architecture, 224, 16, optimizer="sgd"),
    ],
    ids=["pocket", "pocket-predict", "classic"],
)
def test_predicted_memory_is_within_15_percent_of_what_a_real_step_takes(question: MemoryQuestion) -> None:
    measured = last(measured_memory(question))
    assert measured.fits
    assert predicted_bytes(cost_of(question), question) == pytest.approx(measured.bytes, rel=0.15)
    # Measured once on a machine, it is known.
    assert known_memory(question) == measured
    assert list(measured_memory(question)) == [(1.0, measured)]
    assert known_memory(replace(question, batch_size=3)) is None


def test_a_step_that_does_not_fit_is_an_answer() -> None:
    too_much = replace(POCKET, batch_size=4096)
    found = last(measured_memory(too_much, limit_bytes=200 * MIB))
    assert not found.fits
    assert known_memory(too_much) is None


def test_the_largest_batch_that_fits_is_found_by_trying() -> None:
    cost, memory = cost_of(POCKET), 120 * MIB
    predicted = predicted_largest_batch(cost, POCKET, memory)
    assert predicted_bytes(cost, replace(POCKET, batch_size=predicted)) <= memory
    assert predicted_bytes(cost, replace(POCKET, batch_size=predicted + 1)) > memory
    found = last(confirmed_largest_batch(cost, POCKET, memory))
    assert found.memory is not None
    assert found.memory.fits
    assert 0.7 * predicted < found.batch_size <= predicted
    assert predicted_largest_batch(cost, POCKET, 1000) == 0


def test_what_is_at_hand_leaves_something_to_spare() -> None:
    import psutil

    assert 0 < memory_at_hand() < psutil.virtual_memory().available


def test_a_measurement_that_is_given_up_ends_its_process() -> None:
    import psutil

    work = measured_memory(replace(POCKET, batch_size=2000))
    while not any("nin.anatomy.one_step" in part.cmdline() for part in psutil.Process().children()):
        next(work)
    work.close()
    assert not [part for part in psutil.Process().children() if "nin.anatomy.one_step" in part.cmdline()]


def test_seconds_an_image_are_measured_for_each_network() -> None:
    networks = {
        "pocket": {"architecture": PRESETS["pocket"].architecture.to_dict(), "input_size": 28},
        "lenet": {"chapter": "lenet", "input_size": CHAPTER_NETWORKS["lenet"].input_size},
    }
    found = last(measured_seconds(networks, batch_size=4))
    assert 0 < found.seconds["lenet"] < found.seconds["pocket"] < 1
    assert known_seconds(networks, 4) == found
