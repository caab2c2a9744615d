"""From metrics to curves: nothing invented, nothing lost that an eye would miss."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.train.curves import MAX_POINTS, Curve, accuracy_traces, loss_traces, marks, reference_trace, running_mean, thin
from ui.train.series import Series

ROWS = [
    *({"kind": "step", "step": n, "epoch": 1, "loss": 3 - n / 10, "accuracy": n / 20, "lr": 0.1} for n in range(1, 11)),
    {"kind": "event", "step": 5, "what": "lr", "lr": 0.05, "from": 0.1},
    {"kind": "event", "step": 6, "what": "paused"},
    {"kind": "epoch", "epoch": 1, "step": 10, "train_accuracy": 0.3, "test_accuracy": 0.4},
]
SERIES = Series().extended(ROWS)
CURVE = Curve("mine", SERIES, "#123456", steps_per_epoch=10)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60), st.integers(1, 80))
def test_the_running_mean_is_the_mean_of_the_last_values(values: list[float], window: int) -> None:
    means = running_mean(np.array(values), window)
    for end in range(1, len(values) + 1):
        assert means[end - 1] == pytest.approx(np.mean(values[max(0, end - window) : end]), abs=1e-4)


@given(st.integers(1, 5000), st.integers(0, 10))
def test_thinning_keeps_extremes_order_and_the_limit(n: int, seed: int) -> None:
    x, y = np.arange(n, dtype=float), np.random.default_rng(seed).normal(size=n)
    kept_x, kept_y = thin(x, y)
    assert len(kept_x) == len(kept_y) <= MAX_POINTS
    assert kept_x == sorted(kept_x)
    assert (max(kept_y), min(kept_y)) == (y.max(), y.min())
    assert all(y[int(a)] == b for a, b in zip(kept_x, kept_y, strict=True))
    assert kept_x[-1] == n - 1


def test_what_is_drawn_of_the_past_stays_as_a_curve_grows() -> None:
    """So that nothing trembles while points come in."""
    y = np.random.default_rng(0).normal(size=1900)
    before, _ = thin(np.arange(1800), y[:1800])
    after, _ = thin(np.arange(1900), y)
    assert after[: len(before) - 4] == before[:-4]


def test_the_loss_is_drawn_as_it_was_and_smoothed() -> None:
    raw, smooth = loss_traces(CURVE, smoothing=4)
    assert raw["y"] == [row["loss"] for row in ROWS if row["kind"] == "step"]
    assert smooth["y"][0] == raw["y"][0]
    assert smooth["y"][-1] == pytest.approx(np.mean(raw["y"][-2:]))  # a quarter of ten points at most


def test_accuracies_stand_at_their_epochs() -> None:
    train, test = accuracy_traces(CURVE, smoothing=1)
    assert train["x"][-1] == 1.0
    assert (test["x"], test["y"]) == ([1.0], [0.4])


def test_a_run_without_steps_draws_nothing() -> None:
    empty = Curve("empty", Series(), "#123456", steps_per_epoch=1)
    assert loss_traces(empty, 20) == accuracy_traces(empty, 20) == []


def test_changes_are_marked_and_pauses_are_not() -> None:
    shapes, annotations = marks(SERIES)
    assert [shape["x0"] for shape in shapes] == [5]
    assert [note["text"] for note in annotations] == ["lr 0.05"]


def test_the_published_table_is_the_references() -> None:
    assert reference_trace("nin-note-adam")["y"] == [0.733, 0.806, 0.823, 0.844, 0.853]


def test_of_changes_in_one_drag_only_the_last_has_a_text() -> None:
    steps = [{"kind": "step", "step": n, "loss": 1.0, "accuracy": 0.5} for n in range(1, 1001)]
    drag = [{"kind": "event", "step": 500 + n, "what": "lr", "lr": lr} for n, lr in enumerate((0.3, 0.2, 0.1))]
    shapes, annotations = marks(
        Series().extended([*steps, *drag, {"kind": "event", "step": 900, "what": "lr", "lr": 0.5}])
    )
    assert len(shapes) == 4
    assert [(note["x"], note["text"]) for note in annotations] == [(502, "lr 0.1"), (900, "lr 0.5")]
