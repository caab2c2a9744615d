"""How long a run would take here, whom it would wait for, and what is faster."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from nin.data.fashion_mnist import find_source, image_counts
from nin.process import speed
from nin.storage.run import RunConfig
from ui.base.controls import show
from ui.base.runs import active_runs, config_of, run_name
from ui.base.text import plain, t
from ui.base.text.duration import duration
from ui.train import next_run, session

LONG_SECONDS = 600


def before_start(followed: session.Followed | None) -> None:
    config, device = next_run.next_config(), next_run.likely_device()
    seconds = _estimate(config, device)
    measured = speed.last_measured(device, config.preset)
    if seconds is None or measured is None:
        st.caption(t("sidebar.measuring"))
        st.fragment(_wait_for_the_measurement, run_every=session.LIVE_SECONDS)(None)
        return
    if measured.is_sure_at(st.session_state.batch_size):
        rate = measured.at(st.session_state.batch_size)
        st.caption(t("sidebar.estimate", duration=duration(seconds), rate=f"{rate:,.0f}", device=device.upper()))
    else:
        st.caption(t("sidebar.estimate_unsure", duration=duration(seconds), device=device.upper()))
        st.fragment(_wait_for_the_measurement, run_every=session.WATCH_SECONDS)(measured)
    if followed is None or followed.is_active:
        _queue(device)
    if seconds > LONG_SECONDS:
        _remedies(config, device)


def _estimate(config: RunConfig, device: str) -> float | None:
    return speed.estimate(config, device, *image_counts(find_source(config.data)))


def _wait_for_the_measurement(shown: speed.Speed | None) -> None:
    if speed.last_measured(next_run.likely_device(), st.session_state.preset) != shown:
        st.rerun()


def _queue(device: str) -> None:
    """The runs that come first on this device; one that is paused lets others pass."""
    runs = [
        run
        for run, status in active_runs().items()
        if status["state"] != "paused" and status.get("device", device) == device and config_of(run) is not None
    ]
    if not runs:
        return
    seconds = [speed.seconds_left(run, device) for run in runs]
    name = plain(run_name(runs[0]))
    if None in seconds:
        st.caption(t("sidebar.estimate_queue_unknown", name=name))
    elif len(runs) == 1:
        st.caption(t("sidebar.estimate_queue", name=name, duration=duration(sum(seconds))))
    else:
        st.caption(t("sidebar.estimate_queue_many", count=len(runs), duration=duration(sum(seconds))))


def _remedies(config: RunConfig, device: str) -> None:
    """What is faster, the smaller set of images first: one press each."""
    sample = find_source(config.data) != "sample"
    faster = speed.faster_preset(config, device)
    with st.container(key="faster"):
        st.warning(t("sidebar.long" if sample or faster else "sidebar.long_epochs"), icon=":material/hourglass:")
        if sample:
            on_sample = duration(_estimate(replace(config, data="sample"), device) or 0)
            label = t("sidebar.long_sample", n=f"{image_counts('sample')[0]:,}", duration=on_sample)
            st.button(label, key="use_sample", width="stretch", on_click=_use_sample)
        if faster:
            label = t("sidebar.long_preset", preset=t(f"sidebar.preset_{faster}"))
            st.button(label, key="use_faster", width="stretch", on_click=_use_preset, args=(faster,))


def _use_sample() -> None:
    show(images="sample")


def _use_preset(name: str) -> None:
    show(preset=name)
    next_run.apply_recipe()
