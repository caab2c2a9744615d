"""The training images that excite the open channel most."""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import streamlit as st
from PIL import Image
from torch import Tensor

from nin.data.dataset import Split
from nin.data.fashion_mnist import CLASS_NAMES, SIDE
from nin.explain.top_images import Exemplars, cache_path, find_exemplars, load_exemplars, save_exemplars
from ui.base.jobs import Job
from ui.base.messages import show_error
from ui.base.resources import data_name, dataset
from ui.base.text import t
from ui.layers.maps import OpenLayer
from ui.layers.subject import Network, Subject
from ui.layers.tools.request import asked, offer_newest

# Pixels of network input that are looked at: 6,000 images of 28 px, 375 of 112 px. About ten seconds on two cores.
_PIXELS = 6_000 * SIDE**2
_FEWEST = 300


def exemplar_gallery(subject: Subject, layer: OpenLayer, channel: int) -> None:
    data = dataset()
    train = data.train.first(max(_FEWEST, _PIXELS // subject.input_size**2))
    request = asked("exciting")
    network = request.about(subject)
    # A search takes both cores for a while, so it is asked for; what lies on the disk costs nothing.
    if network is None and _cache_file(subject.weights, data_name(data), subject.network, train.images).exists():
        network = subject.network
        request.ask(network)
    if network is None:
        label = t("layers.exciting_search", count=f"{len(train.labels):,}")
        icon = ":material/search:"
        st.button(label, key="exciting_search", icon=icon, on_click=request.ask, args=(subject.network,))
        return
    offer_newest("exciting", network, subject)
    job = _search(network.weights, data_name(data), network, train.images)
    request.follow(job)
    running = not job.is_done
    gallery = st.fragment(run_every=0.5 if running else None)(_gallery)
    gallery(job, train, subject, layer.index, channel, was_running=running)


@st.cache_data(max_entries=64, show_spinner=False)
def _cache_file(weights: tuple[str, int, int], data: tuple[str, str], _network: Network, _images: Tensor) -> Path:
    return cache_path(_network.checkpoint, _images)


@st.cache_resource(max_entries=8, show_spinner=False)
def _search(
    weights: tuple[str, int, int], data: tuple[str, str], _network: Network, _images: Tensor
) -> Job[dict[str, Exemplars]]:
    """One search a weights file, whoever asks; what it found lies on the disk for the next start."""
    file = _cache_file(weights, data, _network, _images)

    def work() -> Iterator[tuple[float, dict[str, Exemplars]]]:
        if (found := load_exemplars(file)) is not None:
            yield 1.0, found
            return
        for seen, found in find_exemplars(_network.checkpoint, _network.model, _images):
            if seen == len(_images):
                save_exemplars(found, file)
            yield seen / len(_images), found

    return Job(work)


def _gallery(
    job: Job[dict[str, Exemplars]], train: Split, subject: Subject, index: str, channel: int, *, was_running: bool
) -> None:
    if job.is_done and was_running:
        st.rerun()
    count = len(train.labels)
    seen = f"{round(job.share * count):,}"
    if not job.is_done:
        st.progress(job.share, t("layers.exciting_progress", seen=seen, total=f"{count:,}"))
    if job.error is not None:
        show_error(job.error)
    if job.latest is None:
        return
    layer = subject.last_layer(index)
    found = job.latest[layer]
    channels, dead = len(found.values), int((found.values[:, 0] <= 0).sum())
    st.markdown(t("layers.exciting_found", channel=channel, index=layer, total=seen, dead=dead, count=channels))
    rows = zip(
        found.images[channel].tolist(), found.values[channel].tolist(), found.positions[channel].tolist(), strict=True
    )
    cards = [
        _card(train, subject, index, image=image, value=value, position=position)
        for image, value, position in rows
        if value > 0
    ]
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


def _card(train: Split, subject: Subject, index: str, *, image: int, value: float, position: int) -> str:
    """One training image, with a frame around what the pixel at `position` sees of it."""
    content = io.BytesIO()
    Image.fromarray(train.images[image].numpy()).save(content, "PNG")
    source = f"data:image/png;base64,{b64encode(content.getvalue()).decode()}"
    windows = subject.receptive_field(index).windows
    row, column = divmod(position, subject.maps(index).shape[-1])
    (top, bottom), (left, right) = (
        [100 * edge / subject.input_size for edge in windows[place]] for place in (row, column)
    )
    box = f"top:{top:.2f}%;left:{left:.2f}%;height:{bottom - top:.2f}%;width:{right - left:.2f}%"
    label = CLASS_NAMES[int(train.labels[image])]
    caption = t("layers.exciting_caption", value=f"{value:.4g}", label=label, image=image)
    return (
        f'<figure><div><img alt="{label}" src="{source}"><i style="{box}"></i></div>'
        f"<figcaption>{caption}</figcaption></figure>"
    )
