"""The training images on which the open channel answers most."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import streamlit as st
from torch import Tensor

from nin.data.dataset import Split
from nin.explain.shipped_top_images import ShippedTopImages, load_shipped
from nin.explain.top_images import Search, search_path, searched, stored_search
from nin.storage.weights import SHELF
from ui.base.images import data_uri
from ui.base.jobs import Job
from ui.base.messages import show_error
from ui.base.request import offer_newest, request
from ui.base.resources import data_name, dataset
from ui.base.text import t
from ui.base.text.classes import class_name
from ui.layers.maps import OpenLayer
from ui.layers.subject import Network, Subject

Pictures = Callable[[int], tuple[Tensor, int]]  # the number of a training image -> uint8 (28, 28) and its class


def top_images(subject: Subject, layer: OpenLayer, channel: int) -> None:
    """Of weights in the repository at once and of all 60,000 images; of others as far as a search has come."""
    data = dataset()
    if (shipped := _shipped(subject.weights, subject.network)) is not None:
        # The thumbnails stand in for images that are not installed.
        pictures = _from(data.train) if data.is_full else shipped.picture
        _gallery(shipped.found, pictures, subject, layer.index, channel)
        return
    train = data.train
    asked = request("exciting")
    network = asked.about(subject.network)
    # A search takes what the machine has to spare for minutes, so it is asked for; what was begun earlier goes on.
    if network is None and _search_file(subject.weights, data_name(data), subject.network, train.images).exists():
        network = subject.network
        asked.ask(network)
    if network is None:
        label = t("layers.exciting_search", count=f"{len(train.labels):,}")
        icon = ":material/search:"
        st.button(label, key="exciting_search", icon=icon, on_click=asked.ask, args=(subject.network,))
        return
    offer_newest("exciting", network, subject.network)
    job = _search(network.weights, data_name(data), network, train.images)
    asked.follow(job)
    running = not job.is_done
    progress = st.fragment(run_every=1.0 if running else None)(_progress)
    progress(job, train, subject, layer.index, channel, was_running=running)


@st.cache_resource(max_entries=4, show_spinner=False)
def _shipped(weights: tuple[str, int, int], _network: Network) -> ShippedTopImages | None:
    path = Path(weights[0])
    return load_shipped(path, _network.checkpoint) if path.parent == SHELF else None


@st.cache_data(max_entries=64, show_spinner=False)
def _search_file(weights: tuple[str, int, int], data: tuple[str, str], _network: Network, _images: Tensor) -> Path:
    return search_path(_network.checkpoint, _images)


@st.cache_resource(max_entries=8, show_spinner=False)
def _search(weights: tuple[str, int, int], data: tuple[str, str], _network: Network, _images: Tensor) -> Job[Search]:
    """One search a weights file, whoever asks; it is kept on the disk as it goes, so that none begins again."""
    file = _search_file(weights, data, _network, _images)

    def work() -> Iterator[tuple[float, Search]]:
        for found in stored_search(_network.checkpoint, _network.model, _images, file):
            yield found.seen / len(_images), found

    return Job(work)


def _progress(job: Job[Search], train: Split, subject: Subject, index: str, channel: int, *, was_running: bool) -> None:
    if job.is_done and was_running:
        st.rerun()
    found, total = job.latest, f"{len(train.labels):,}"
    if not job.is_done:
        seen = f"{0 if found is None else found.seen:,}"
        st.progress(job.share, t("layers.exciting_progress", seen=seen, total=total))
    if job.error is not None:
        show_error(job.error)
    if found is not None:
        _gallery(found, _from(train), subject, index, channel)


def _from(train: Split) -> Pictures:
    return lambda number: (train.images[number], int(train.labels[number]))


def _gallery(found: Search, pictures: Pictures, subject: Subject, index: str, channel: int) -> None:
    layer = subject.last_layer(index)
    top = found.layers[searched(subject.model)[layer]]
    channels, silent = len(top.values), int((top.values[:, 0] <= 0).sum())
    counts = {"total": f"{found.seen:,}", "dead": silent, "count": channels}
    st.markdown(t("layers.exciting_found", channel=channel, index=layer, **counts))
    rows = zip(*(column[channel].tolist() for column in top.columns), strict=True)
    # Where the largest value is not above 0 the channel does not answer.
    cards = [_card(pictures, subject, index, answer) for answer in rows if answer[1] > 0]
    if cards:
        st.html(f'{_STYLE}<div class="exciting">{"".join(cards)}</div>')
    else:
        st.info(t("layers.exciting_none"), icon=":material/block:")


_STYLE = """<style>
.exciting { display: grid; grid-template-columns: repeat(auto-fill, minmax(96px, 1fr)); gap: 12px; max-width: 1000px; }
.exciting figure { margin: 0; }
.exciting div { position: relative; overflow: hidden; border-radius: 4px; }
.exciting img { display: block; width: 100%; image-rendering: pixelated; }
.exciting i { position: absolute; box-sizing: border-box; border: 2px solid #ffb000; box-shadow: 0 0 0 1px #000; }
.exciting figcaption { font-size: 12px; line-height: 1.35; margin-top: 3px; font-variant-numeric: tabular-nums; }
</style>"""


def _card(pictures: Pictures, subject: Subject, index: str, answer: tuple[int, float, int]) -> str:
    """One training image, with a frame around what the pixel with the largest value sees of it."""
    number, value, position = answer
    image, class_id = pictures(number)
    windows = subject.receptive_field(index).windows
    places = divmod(position, len(windows))
    (top, bottom), (left, right) = ([100 * edge / subject.input_size for edge in windows[place]] for place in places)
    box = f"top:{top:.2f}%;left:{left:.2f}%;height:{bottom - top:.2f}%;width:{right - left:.2f}%"
    label = class_name(class_id)
    caption = t("layers.exciting_caption", value=f"{value:.4g}", label=label, image=number)
    return (
        f'<figure><div><img alt="{label}" src="{data_uri(image.numpy())}"><i style="{box}"></i></div>'
        f"<figcaption>{caption}</figcaption></figure>"
    )
