"""What a run is said to need still is what it takes, within a quarter, once its first tenth is done."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from nin.process import speed


@given(
    epochs=st.integers(1, 6),
    steps_per_epoch=st.integers(200, 500),
    step_seconds=st.floats(0.001, 2.0),
    evaluation=st.floats(0.0, 0.13),  # of an epoch's time, and more after the last; that of the sample takes 0.13
    seed=st.integers(0, 1000),
)
def test_the_time_that_is_left_is_right_within_a_quarter_after_the_first_tenth(
    epochs: int, steps_per_epoch: int, step_seconds: float, evaluation: float, seed: int
) -> None:
    chance = random.Random(seed)
    steps, now, told = epochs * steps_per_epoch, 0.0, []
    for step in range(1, steps + 1):
        took = step_seconds * chance.lognormvariate(0.0, 0.2)  # the machine has other things to do
        now += took
        status = {"step": step, "steps": steps, "seconds": now, "batch_size": 64, "images_per_second": 64 / took}
        if step >= steps / 10:
            told.append((now, speed.remaining(status)))
        if step % steps_per_epoch == 0:
            now += evaluation * steps_per_epoch * step_seconds
    for moment, left in told:
        really = now - moment
        if now < really:  # in the second half the last evaluation is more and more of what is left
            assert left is not None
            assert abs(left - really) <= 0.25 * really, (moment, left, really)


def test_before_its_pace_is_known_a_run_is_judged_by_its_latest_step() -> None:
    status = {"step": 5, "steps": 100, "seconds": 50.0, "batch_size": 10, "images_per_second": 100.0}
    assert speed.remaining(status) == 9.5  # the first steps are slow, and say nothing of the rest
    assert speed.remaining({**status, "step": 50}) == 50.0
    for nothing in ({}, {"images_per_second": 0.0}, {"images_per_second": float("inf")}):
        assert speed.remaining({"step": 5, "steps": 100, "batch_size": 10, **nothing}) is None
