"""From metrics to curves: nothing invented, nothing lost that an eye would miss."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nin.paths import ROOT
from ui.charts.accuracy import accuracy_traces
from ui.charts.axis import Curve, accuracy_axis, place_of, shown_name
from ui.charts.layout import COLOURS, dots_on_top
from ui.charts.learning_rate import rate_traces, rates_ahead
from ui.charts.loss import LEAST_TOP, beyond, guessing_line, loss_title, loss_top, loss_traces
from ui.charts.marks import marks
from ui.charts.published import reference_trace
from ui.charts.series import Series
from ui.charts.settings import ChartSettings
from ui.charts.smoothing import MAX_POINTS, running_mean, thin
from ui.charts.sparkline import sparkline
from ui.train import charts

ROWS = [
    *({"kind": "step", "step": n, "epoch": 1, "loss": 3 - n / 10, "accuracy": n / 20, "lr": 0.1} for n in range(1, 11)),
    {"kind": "event", "step": 5, "what": "lr", "lr": 0.05, "from": 0.1},
    {"kind": "event", "step": 6, "what": "paused"},
    {"kind": "epoch", "epoch": 1, "step": 10, "train_accuracy": 0.3, "test_accuracy": 0.4, "train_eval_accuracy": 0.45},
]
SERIES = Series().extended(ROWS)
CURVE = Curve("mine", SERIES, "#123456", steps_per_epoch=10)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60), st.integers(1, 80))
def test_the_running_mean_is_the_mean_of_the_values_around(values: list[float], window: int) -> None:
    means, half = running_mean(np.array(values), window), window // 2
    for place in range(len(values)):
        around = values[max(0, place - half) : place + half + 1]
        assert means[place] == pytest.approx(np.mean(around), abs=1e-4)


def test_an_explosion_does_not_blind_what_follows_it() -> None:
    losses = np.array([2.0] * 10 + [7e18] + [2.5] * 30)
    assert running_mean(losses, 4)[-20:] == pytest.approx(2.5)


def test_smoothing_leaves_a_peak_where_it_was() -> None:
    losses = np.ones(300)
    losses[144] = 9.0
    means = running_mean(losses, 34)
    assert np.flatnonzero(means > 1.1).mean() == 144


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
    assert smooth["y"][4] == pytest.approx(np.mean(raw["y"][3:6]))  # a quarter of ten points at most


def test_accuracies_stand_at_their_epochs_and_the_gap_is_between_like_and_like() -> None:
    batches, train, test = accuracy_traces(CURVE, smoothing=1)
    assert batches["x"][-1] == 1.0
    assert (train["x"], train["y"]) == ([1.0], [0.45])
    assert (test["x"], test["y"]) == ([1.0], [0.4])
    # One entry of the legend a run; one line fewer where a run from before has not measured it.
    assert [trace["showlegend"] for trace in (batches, train, test)] == [False, False, True]
    old = Series().extended([{n: v for n, v in row.items() if n != "train_eval_accuracy"} for row in ROWS])
    assert len(accuracy_traces(replace(CURVE, series=old), smoothing=1)) == 2


def test_a_single_point_can_be_seen() -> None:
    one = Curve("one", Series().extended(ROWS[:1]), "#123456", steps_per_epoch=10)
    for trace in loss_traces(one, 20) + accuracy_traces(one, 20):
        assert "markers" in trace["mode"]


def of_losses(*losses: float) -> Curve:
    rows = [{"kind": "step", "step": n, "loss": loss, "accuracy": 0.1} for n, loss in enumerate(losses, 1)]
    return Curve("run", Series().extended(rows), "#123456", steps_per_epoch=10)


def test_one_spike_does_not_flatten_the_rest_and_is_named_at_the_edge() -> None:
    spiked, calm = of_losses(*[2.0] * 99, 430.0, *[1.0] * 100), of_losses(*[2.2] * 50)
    top = loss_top([spiked, calm])
    assert top == LEAST_TOP
    (note,) = beyond([spiked, calm], top)
    assert (note["x"], note["y"], note["text"]) == (100, top, "↑ 430 at step 100")


def test_a_run_that_exploded_for_good_leaves_room_for_the_others() -> None:
    exploded = of_losses(2.4, *[1e18] * 40)
    assert loss_top([exploded, of_losses(*[1.0] * 50)]) == pytest.approx(3 * np.log(10), abs=0.1)
    assert loss_top([of_losses(*[4.0] * 50)]) == 4.0
    assert loss_top([]) == LEAST_TOP
    assert loss_top([of_losses(2.75, *[1.0] * 99)]) == 2.8  # little more than is shown anyway


def test_the_loss_axis_says_when_it_includes_label_smoothing() -> None:
    plain, smoothed = CURVE, replace(CURVE, label_smoothing=0.05)
    assert loss_title([plain]) == "cross-entropy"
    assert loss_title([smoothed, smoothed]) == "loss, label smoothing 0.05"
    assert "some" in loss_title([plain, smoothed])


def test_the_line_of_a_guess_lies_at_ln_10_on_either_axis() -> None:
    shape, note = guessing_line(logarithmic=False)
    assert shape["y0"] == shape["y1"] == note["y"] == pytest.approx(2.302585)
    # Plotly takes the logarithm of a shape's place itself, and not of a text's.
    shape, note = guessing_line(logarithmic=True)
    assert 10 ** note["y"] == pytest.approx(shape["y0"])


def test_a_run_without_steps_draws_nothing() -> None:
    empty = Curve("empty", Series(), "#123456", steps_per_epoch=1)
    assert loss_traces(empty, 20) == accuracy_traces(empty, 20) == []


def test_changes_are_marked_and_pauses_are_not() -> None:
    shapes, annotations = marks(CURVE)
    assert [shape["x0"] for shape in shapes] == [5]
    assert [note["text"] for note in annotations] == ["lr 0.05"]


def test_the_published_table_is_the_references() -> None:
    assert reference_trace("nin-note-adam")["y"] == [0.733, 0.806, 0.823, 0.844, 0.853]


def marked(*events: dict) -> tuple[list[int], list[str]]:
    steps = [{"kind": "step", "step": n, "loss": 1.0, "accuracy": 0.5} for n in range(1, 1001)]
    series = Series().extended([*steps, *({"kind": "event", **event} for event in events)])
    shapes, annotations = marks(replace(CURVE, series=series))
    return [shape["x0"] for shape in shapes], [note["text"] for note in annotations]


def test_one_drag_of_the_slider_is_one_mark() -> None:
    drag = [
        {"step": 500 + 100 * n, "what": "lr", "lr": lr, "seconds": 30.0 + n} for n, lr in enumerate((0.3, 0.2, 0.1))
    ]
    later = {"step": 900, "what": "lr", "lr": 0.5, "seconds": 60.0}
    assert marked(*drag, later) == ([700, 900], ["lr 0.1", "lr 0.5"])


def test_marks_at_one_step_do_not_hide_each_other() -> None:
    events = [{"step": 500, "what": "lr", "lr": 0.05}, {"step": 500, "what": "epochs", "epochs": 9}]
    close = {"step": 510, "what": "resumed"}
    assert marked(*events, close) == ([500, 510], ["lr 0.05 · 9 epochs · resumed"])


def test_the_colours_of_curves_are_those_of_streamlits_own_charts() -> None:
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert list(COLOURS) == config["theme"]["chartCategoricalColors"]


def test_an_explosion_does_not_lift_the_smooth_curve_before_it() -> None:
    losses = np.full(100, 1.5)
    losses[50:] = 1e12
    exploded = replace(CURVE, series=replace(CURVE.series, steps=np.arange(1, 101), losses=losses))
    smooth = loss_traces(exploded, 20, most=7.0)[1]
    before = [y for x, y in zip(smooth["x"], smooth["y"], strict=True) if x <= 50]
    assert before[:40] == [1.5] * 40
    assert max(before) < 4.5  # half of the window is the explosion's


# --- against what runs are compared, forks, and the learning rate -----------------------------------

TIMED = Series().extended(
    [
        *(
            {"kind": "step", "step": n, "loss": 3 - n / 10, "accuracy": n / 20, "lr": n / 100, "seconds": 2.0 * n}
            for n in range(1, 21)
        ),
        *({"kind": "epoch", "epoch": n, "step": 10 * n, "test_accuracy": n / 3, "seconds": 20.5 * n} for n in (1, 2)),
    ]
)
TIMED_CURVE = Curve("timed", TIMED, "#123456", steps_per_epoch=10, id="run-1", batch_size=32)


@pytest.mark.parametrize(("axis", "place"), [("steps", 10), ("epochs", 1.0), ("seconds", 20.0), ("images", 320)])
def test_a_step_lies_where_the_axis_says(axis: str, place: float) -> None:
    assert loss_traces(TIMED_CURVE, 1, axis)[0]["x"][9] == place
    shapes, _ = marks(
        replace(TIMED_CURVE, series=TIMED.extended([{"kind": "event", "step": 10, "what": "back"}])), axis
    )
    assert shapes[0]["x0"] == place


@pytest.mark.parametrize(
    ("axis", "places"), [("steps", [1, 2]), ("epochs", [1, 2]), ("seconds", [20.5, 41.0]), ("images", [320, 640])]
)
def test_an_epochs_accuracy_lies_where_the_axis_says(axis: str, places: list[float]) -> None:
    test = accuracy_traces(TIMED_CURVE, 20, accuracy_axis(axis))[-1]
    assert (test["x"], test["y"]) == (places, [1 / 3, 2 / 3])


def test_a_run_that_told_no_seconds_is_left_out_by_seconds_and_breaks_nothing() -> None:
    for trace in (*loss_traces(CURVE, 20, "seconds"), *accuracy_traces(CURVE, 20, "seconds")):
        assert trace["x"] == trace["y"] == []
    assert marks(CURVE, "seconds") == ([], [])
    assert rate_traces(CURVE, "seconds") == []
    assert np.isnan(place_of(CURVE, 5, "seconds"))


def test_the_published_table_is_by_images_and_seconds_too() -> None:
    assert reference_trace("nin-note-adam", "images")["x"] == [60_000 * epoch for epoch in range(1, 6)]
    assert reference_trace("nin-note-adam", "seconds")["x"][:2] == pytest.approx([88.1, 174.4])


def test_of_a_fork_the_parents_part_is_dotted_and_its_own_begins_where_they_part() -> None:
    fork = replace(TIMED_CURVE, fork_step=10)
    raw, smooth, before = loss_traces(fork, 1)
    assert (smooth["x"][0], smooth["x"][-1], before["x"][-1]) == (11, 20, 10)
    assert before["line"]["dash"] == "dot"
    assert smooth.get("showlegend", True)
    assert not before["showlegend"]
    assert raw["x"] == smooth["x"]
    test = accuracy_traces(fork, 20)[-1]
    assert test["x"] == [1, 2]  # from the parent's last point on
    waiting = loss_traces(replace(TIMED_CURVE, fork_step=20), 1)
    assert [trace["showlegend"] for trace in waiting] == [True]


def test_what_a_fork_has_of_its_parent_is_drawn_over_the_parents_own_line() -> None:
    fork = replace(TIMED_CURVE, fork_step=10)
    drawn = dots_on_top([*loss_traces(fork, 1), *loss_traces(TIMED_CURVE, 1)])
    assert [trace["line"].get("dash") for trace in drawn] == [None, None, None, None, "dot"]


def test_a_forks_own_losses_are_not_averaged_with_its_parents() -> None:
    fork = replace(of_losses(*[2.0] * 40, *[1.0] * 40), fork_step=40)
    _, own, parents = loss_traces(fork, 20)
    assert (set(own["y"]), set(parents["y"])) == ({1.0}, {2.0})


def test_one_spike_leaves_the_rest_of_the_sidebars_curve_to_be_seen() -> None:
    def heights(*losses: float) -> list[float]:
        return [
            float(y) for y in re.findall(r",([0-9.]+)", sparkline(of_losses(*losses).series).partition("points=")[2])
        ]

    calm, spiked = heights(*[2.0] * 50, *[1.0] * 50), heights(*[2.0] * 49, 1e12, *[1.0] * 50)
    assert max(calm) - min(calm) > 20
    assert spiked[0] < spiked[-1] - 5  # the first half is still seen to be higher than the second


@given(st.text(max_size=20))
def test_a_runs_name_is_no_markup_and_no_template_for_plotly(name: str) -> None:
    shown = shown_name(name)
    assert not set(shown) & {"<", ">", "{"}
    unescaped = shown.replace("&#123;", "{").replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&")
    assert unescaped == name
    for trace in (*loss_traces(replace(CURVE, name=name), 20), *accuracy_traces(replace(CURVE, name=name), 20)):
        assert trace["name"] == shown


def test_runs_of_one_name_are_two_in_the_legend() -> None:
    groups = {loss_traces(replace(CURVE, name="same", id=run), 20)[0]["legendgroup"] for run in ("a", "b")}
    assert len(groups) == 2


def test_the_learning_rate_is_drawn_as_it_was_set_and_to_come() -> None:
    series = TIMED.extended([{"kind": "event", "step": 15, "what": "lr", "lr": 0.5, "seconds": 30.0}])
    ahead = rates_ahead("one-cycle", {"lr": 0.004, "shape_when_set": None}, 20, 100, whole=True)
    was, by_hand, to_come = rate_traces(replace(TIMED_CURVE, series=series, rates_ahead=ahead), "epochs")
    assert was["y"][:3] == [0.01, 0.02, 0.03]
    assert (by_hand["x"], by_hand["y"]) == ([1.5], [0.5])
    assert (to_come["x"][0], to_come["x"][-1]) == (2.0, 10.0)
    assert (to_come["y"][0], to_come["y"][-1]) == (0.004, 4e-6)  # the peak, and a thousandth of it
    assert all(trace["yaxis"] == "y2" for trace in (was, by_hand, to_come))


def test_a_return_to_the_schedule_is_marked_as_that() -> None:
    back = {"kind": "event", "step": 15, "what": "lr", "lr": 0.003, "seconds": 30.0, "follow_schedule": True}
    curve = replace(TIMED_CURVE, series=TIMED.extended([back]))
    assert [note["text"] for note in marks(curve)[1]] == ["lr back on schedule"]
    assert [trace["mode"] for trace in rate_traces(curve, "steps")] == ["lines"]  # and no dot, which is a hand's


def test_what_is_to_come_is_no_more_than_can_be_told() -> None:
    state = {"lr": 0.004, "shape_when_set": None}
    assert rates_ahead("one-cycle", None, 20, 100, whole=True) == ()  # from an older lab
    assert rates_ahead("one-cycle", state, 100, 100, whole=True) == ()
    assert rates_ahead("magic", state, 20, 100, whole=True) == ()
    assert rates_ahead("constant", state, 1000, 10_000, whole=False)[-1] == (1300, 0.004)


def test_a_chart_says_what_it_is_to_whoever_cannot_see_it() -> None:
    chosen = ChartSettings("steps", False, False, 20, None)
    label = json.loads(charts._loss((TIMED_CURVE,), chosen, "1", "en"))["label"]
    assert label == f"Loss by step: {TIMED_CURVE.name}"
    label = json.loads(charts._accuracy((TIMED_CURVE, CURVE), chosen, "1", "en"))["label"]
    assert label == f"Accuracy by epoch: {TIMED_CURVE.name}, {CURVE.name}"


def test_the_chart_finds_its_script_also_below_a_path_that_a_proxy_strips() -> None:
    """From the app's root, which the page alone knows: no address begins at the server's."""
    from ui.charts.live_chart import _plotly_url

    assert _plotly_url().startswith("component/")
