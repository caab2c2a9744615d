"""What all visitors of a server share: the data set and loaded networks."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from nin.data import dataset as data
from nin.data.fashion_mnist import find_source
from nin.engine.device import Engine, choose_engine
from nin.model.network import NiN
from nin.storage.checkpoint import Checkpoint, load_checkpoint


def dataset() -> data.Dataset:
    return _dataset(find_source())


def data_name(used: data.Dataset) -> tuple[str, str]:
    """What tells one data set from another: the full set may come while the app runs.

    It belongs to the key of whatever is kept of a data set's images.
    """
    return used.source, str(used.path)


@st.cache_resource(max_entries=1, show_spinner=False)
def _dataset(source: str) -> data.Dataset:
    return data.load()


@st.cache_resource(max_entries=12, show_spinner=False)
def _network(path: str, modified: int) -> tuple[Checkpoint, NiN]:
    checkpoint = load_checkpoint(Path(path))
    return checkpoint, checkpoint.network()


def network(path: Path) -> tuple[Checkpoint, NiN]:
    """The weights in a file and their network, on the CPU in evaluation mode. Do not change either.

    Raises WeightsError where the file is gone or damaged.
    """
    return _network(str(path), written_at(path))


def written_at(path: Path) -> int:
    """When a file was written, ns: with its path it names what is in it. 0 where it is gone."""
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


@st.cache_resource(show_spinner=False)
def inference_engine() -> Engine:
    """Pages always compute on the CPU, in float32: exact to the printed digit, and out of training's way."""
    return choose_engine("cpu", bfloat16=False)
