"""Weights that somebody brought: checked, and kept where runs lie, under names that are safe.

    runs/weights/<name>-<hash>.safetensors      as `nin.storage.checkpoint` writes them, whatever they came as
    runs/weights/<name>-<hash>.json             their card: the file's name, the network, when they came

No code in a file is run: it is safetensors, or what `torch.load(weights_only=True)` takes.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
import unicodedata
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nin.errors import Message, WeightsError
from nin.paths import runs_directory
from nin.presets import PRESETS
from nin.storage.files import read_json, write_json

if TYPE_CHECKING:
    from nin.model.architecture import Architecture
    from nin.storage.checkpoint import Checkpoint

LARGEST = 20  # MiB, as the server takes (server.maxUploadSize); the book's network has 8
MOST = 100  # files that are kept
NAME_LENGTH = 40  # characters
_MOST_DENSE_LAYERS, _WIDEST_DENSE = 4, 16_384


def brought_directory() -> Path:
    return runs_directory() / "weights"


def brought_weights() -> dict[str, dict[str, Any]]:
    """The cards of what was brought, by name; the newest first."""
    paths = sorted(brought_directory().glob("*.safetensors"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    return {path.stem: read_json(path.with_suffix(".json")) for path in paths}


def brought_path(name: str) -> Path:
    return brought_directory() / f"{name}.safetensors"


def bring(file_name: str, content: bytes) -> str:
    """Check and keep weights; returns the name that they have from now on, the same for the same file.

    WeightsError, naming the file, where they are too large, damaged, of a network that is not known here, or no numbers.
    """
    shown = _plain(file_name) or "weights"
    if len(content) > LARGEST * 2**20:
        raise WeightsError(
            "{name} is larger than {most} MB: that is more than any network here has, but for a dense head; bring such weights on the command line",
            name=shown,
            most=LARGEST,
        )
    checkpoint = _checked(content, shown)
    name = f"{_safe(file_name)}-{hashlib.sha256(content).hexdigest()[:8]}"
    path = brought_path(name)
    if not path.is_file() and len(brought_weights()) >= MOST:
        raise WeightsError(
            "{most} files of weights were brought already: delete some of them in {folder}",
            most=MOST,
            folder=brought_directory(),
        )
    _keep(checkpoint, path, shown)
    return name


def _checked(content: bytes, shown: str) -> Checkpoint:
    import torch

    from nin.storage.checkpoint import load_checkpoint

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "weights"
        path.write_bytes(content)
        try:
            checkpoint = load_checkpoint(path)
            _check_known(checkpoint, path)
            tensors = {name: tensor.float() for name, tensor in checkpoint.network().state_dict().items()}
        except WeightsError as error:  # as the visitor calls the file, not where it lay for a moment
            values = {name: shown if value == str(path) else value for name, value in error.message.values.items()}
            raise WeightsError(Message(error.message.template, values)) from error
    if not all(bool(torch.isfinite(tensor).all()) for tensor in tensors.values()):
        raise WeightsError("{name} has weights that are no numbers: its training went wrong", name=shown)
    return replace(checkpoint, tensors=tensors, extra={})


def _check_known(checkpoint: Checkpoint, path: Path) -> None:
    """WeightsError unless it is a network of the table or a variation of one: a description may claim anything."""
    preset, architecture = PRESETS.get(checkpoint.preset), checkpoint.architecture
    widths = architecture.dense_widths
    is_known = (
        preset is not None
        and (architecture.stages, architecture.input_size)
        == (preset.architecture.stages, preset.architecture.input_size)
        and len(widths) <= _MOST_DENSE_LAYERS
        and all(type(width) is int and width <= _WIDEST_DENSE for width in widths)
        and type(checkpoint.step) is int
        and type(checkpoint.normalise) is bool
    )
    if not is_known:
        raise WeightsError(
            "{path} belongs to a network that is not known here: bring weights of one of {choices}",
            path=path,
            choices=", ".join(PRESETS),
        )


def _keep(checkpoint: Checkpoint, path: Path, shown: str) -> None:
    from nin.storage.checkpoint import save_checkpoint

    architecture = checkpoint.architecture
    try:
        save_checkpoint(checkpoint, path)
        write_json(
            path.with_suffix(".json"),
            {
                "file": shown,
                "preset": checkpoint.preset,
                "is_variant": _is_variant(architecture),
                "logit_head": architecture.logit_head,
                "normalise": checkpoint.normalise,
                "steps": checkpoint.step,
                "brought": datetime.now().astimezone().isoformat(timespec="seconds"),
            },
        )
    except OSError as error:
        raise WeightsError(
            "{name} cannot be kept in {folder} ({error})", name=shown, folder=path.parent, error=error
        ) from error


def _is_variant(architecture: Architecture) -> bool:
    """Whether its tensors have other shapes than those of the network as it is known by its name."""
    return architecture.without_variation != architecture


def _safe(file_name: str) -> str:
    """Letters, digits and dashes of a file's name; what else is in it could mean something to a shell or a path."""
    stem = unicodedata.normalize("NFKC", Path(file_name.replace("\\", "/")).name).rpartition(".")[0]
    return re.sub(r"[^\w]+|_+", "-", stem)[:NAME_LENGTH].strip("-") or "weights"


def _plain(file_name: str) -> str:
    """To be shown, in one line."""
    name = Path(file_name.replace("\\", "/")).name
    return "".join(sign for sign in name if unicodedata.category(sign)[0] != "C")[: 2 * NAME_LENGTH]
