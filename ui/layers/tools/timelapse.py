"""Time-lapse: the item, as every checkpoint of a run saw it."""

from __future__ import annotations

import zlib
from contextlib import suppress
from pathlib import Path

import streamlit as st

from nin.errors import WeightsError
from nin.explain.class_maps import shares
from nin.explain.timelapse import FILTERS, Moment, moment, thinned
from nin.model.network import NiN
from nin.model.roles import counterpart, has_class_maps
from nin.storage.run import ACTIVE, Run, all_runs
from ui.base.choice import select
from ui.base.images import image_tensor
from ui.base.item import Item, current_item
from ui.base.messages import errors_as_messages
from ui.base.resources import network
from ui.base.text import language, speaking, t
from ui.base.text.classes import class_name, class_names
from ui.base.text.layers import layer_name
from ui.layers.maps import OpenLayer
from ui.layers.subject import Subject
from ui.layers.tools.animation import FORMATS, film, language_of_pictures
from ui.layers.tools.player import player

MOST_MOMENTS = 32
_FOLLOW_SECONDS = 1.0


def time_lapse(subject: Subject, layer: OpenLayer, channel: int) -> None:
    runs = {run.id: run for run in all_runs() if run.checkpoints()}
    if not runs:
        st.info(t("layers.film_none"), icon=":material/movie:")
        return
    # The run whose weights are being looked at is the one to replay.
    of_weights = subject.path.parent.parent.name
    left, middle, right = st.columns([2, 2, 1], vertical_alignment="bottom")
    names = list(runs)
    at = names.index(of_weights) if of_weights in runs else 0
    with left.container(key="film_run"):
        run = runs[st.selectbox(t("layers.film_run"), names, index=at, key=f"film_run_of_{of_weights}")]
    options = [
        *subject.stages,
        *(i for stage in subject.stages for i in subject.inside(stage) if i not in subject.stages),
    ]
    options = [FILTERS, *sorted(options, key=lambda index: [int(part) for part in index.split(".")])]
    with middle.container(key="film_layer"):
        shown = select(
            t("layers.film_layer"),
            options,
            index=options.index(layer.index),
            key=f"film_layer_of_{layer.index}",
            format_func=lambda i: t("layers.film_filters") if i == FILTERS else f"{i} · {subject.name(i)}",
        )
    pinned = right.toggle(t("layers.film_pin"), key="film_pin", help=t("layers.film_pin_help"))
    item = _pinned(pinned)
    index = shown if shown == FILTERS else _counterpart(subject, shown, run)
    if index is None:
        return
    follow = run.state in ACTIVE
    st.fragment(run_every=_FOLLOW_SECONDS if follow else None)(_replay)(run, index, item, followed=follow)


def _counterpart(subject: Subject, shown: str, run: Run) -> str | None:
    """The layer of the run's network that does what `shown` does in the subject's; what is to be said of it is said."""
    replayed = _network(run)
    if replayed is None:  # its first checkpoint is not there yet
        return None
    index = counterpart(shown, subject.checkpoint.architecture, replayed.architecture)
    layer = f"{shown} · {subject.name(shown)}"
    if index is None:
        st.info(t("layers.film_unfit", run=run.id, layer=layer), icon=":material/movie_off:")
    elif replayed.architecture.stages != subject.checkpoint.architecture.stages:
        other = f"{index} · {layer_name(replayed.get_submodule(index))}"
        st.caption(t("layers.film_counterpart", layer=layer, run=run.id, other=other))
    return index


def _network(run: Run) -> NiN | None:
    """The run's network at any step: its layers are the same at all of them."""
    for path in run.checkpoints().values():
        with suppress(WeightsError):  # a run in training replaces its newest checkpoint
            return network(path)[1]
    return None


def _pinned(pinned: bool) -> Item:
    """The item that is replayed: the visitor's, or the one it was when it was pinned."""
    if not pinned:
        st.session_state.pop("film_item", None)
        return current_item()
    return st.session_state.setdefault("film_item", current_item())


@errors_as_messages()
def _replay(run: Run, shown: str, item: Item, *, followed: bool) -> None:
    if followed and run.state not in ACTIVE:
        st.rerun()
    moments, damaged = [], []
    for step, path in thinned(run.checkpoints(), MOST_MOMENTS).items():
        try:
            moments.append(_moment(str(path), path.stat().st_mtime_ns, item.pixels, shown))
        except FileNotFoundError:  # a run in training keeps its newest checkpoint for a second
            continue
        except WeightsError:
            if path.exists():
                damaged.append(f"{step:,}")
    if damaged:
        st.caption(t("layers.film_left_out", count=len(damaged), steps=", ".join(damaged)))
    if not moments:
        return
    captions = [caption(moment) for moment in moments]
    player(moments, captions, run=f"{run.id} {shown} {zlib.crc32(item.pixels)}", key="film")
    if not followed:
        with speaking(language_of_pictures(language())):
            written = [caption(moment) for moment in moments]
            labels = _labels(run, shown, len(moments[0].maps))
            title = t("layers.film_title", run=run.id, layer=_name(run, shown))
        with st.container(horizontal=True):
            for kind, mime in FORMATS.items():
                st.download_button(
                    t("layers.film_export", kind=kind.upper()),
                    data=lambda kind=kind: film(moments, written, kind, title=title, labels=labels),
                    file_name=f"{run.id}-{shown}.{kind}",
                    mime=mime,
                    key=f"film_{kind}",
                    icon=":material/movie:",
                    on_click="ignore",
                )


def _name(run: Run, shown: str) -> str:
    replayed = _network(run)
    if shown == FILTERS or replayed is None:
        return t("layers.film_filters")
    return f"{shown} · {layer_name(replayed.get_submodule(shown))}"


def _labels(run: Run, shown: str, count: int) -> list[str]:
    """What stands below each tile of the animation: the class, or the channel's number."""
    replayed = _network(run)
    if shown != FILTERS and replayed is not None and has_class_maps(shown, replayed.architecture):
        return list(class_names())
    return [str(number) for number in range(count)]


def caption(moment: Moment) -> str:
    best = int(moment.probabilities.argmax())
    return t(
        "layers.film_caption", step=moment.step, label=class_name(best), confidence=shares(moment.probabilities)[best]
    )


@st.cache_resource(max_entries=256, show_spinner=False)
def _moment(path: str, modified: int, pixels: bytes, layer: str) -> Moment:
    step = int(Path(path).stem.removeprefix("step-"))
    return moment(Path(path), step, image_tensor(pixels), layer)
