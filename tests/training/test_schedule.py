"""The learning rate does what its schedule and the slider say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nin.training.schedule import START, WARM_UP, Schedule

progress = st.floats(0, 1)
rates = st.floats(1e-6, 10)


@given(progress, rates)
def test_constant_is_constant(at: float, lr: float) -> None:
    assert Schedule("constant", lr).at(at) == lr


def test_one_cycle_climbs_to_its_peak_and_falls() -> None:
    schedule = Schedule("one-cycle", 2.0)
    assert schedule.at(0) == pytest.approx(2.0 * START)
    assert schedule.at(WARM_UP) == pytest.approx(2.0)
    assert schedule.at(0.6) == pytest.approx(1.0)
    assert 0 < schedule.at(1) < 0.01


@given(rates, progress)
def test_a_rate_set_by_hand_holds_at_once_and_exactly(lr: float, at: float) -> None:
    for kind in ("constant", "one-cycle"):
        schedule = Schedule(kind, 0.123)
        schedule.set(lr, at)
        assert schedule.at(at) == lr


@given(rates, progress, progress)
def test_a_rate_set_by_hand_is_never_exceeded(lr: float, at: float, later: float) -> None:
    schedule = Schedule("one-cycle", 0.123)
    schedule.set(lr, at)
    assert 0 < schedule.at(later) <= lr


@given(rates, progress, progress)
def test_state_carries_everything(lr: float, at: float, later: float) -> None:
    schedule = Schedule("one-cycle", 0.5)
    schedule.set(lr, at)
    other = Schedule("one-cycle", 0.5)
    other.restore(schedule.state())
    assert other.at(later) == schedule.at(later)


@given(rates, progress, progress)
def test_a_schedule_that_is_followed_again_is_as_if_nothing_had_been_set(lr: float, at: float, later: float) -> None:
    schedule = Schedule("one-cycle", 0.123)
    schedule.set(lr, at)
    schedule.follow(0.123)
    assert schedule.at(later) == Schedule("one-cycle", 0.123).at(later)
    assert not schedule.is_set_by_hand
