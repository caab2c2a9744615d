"""The book's network, saved the chapter's way: tensors without a word on what they belong to.

    torch.save(net.state_dict(), "nin.params")
    safetensors.torch.save_file(net.state_dict(), "nin.safetensors")

A checkpoint of this program describes itself (`nin.storage.checkpoint`). These do not, so they are
recognised by their shapes. What this program writes for the chapter's code to load (`book_file`) has the same
names in the same order, and says what it is where `load_state_dict` does not look: by its shapes alone a network
that was trained on normalised images would be taken for the book's, which was not.
"""

from __future__ import annotations

import io
import pickle
import re
import warnings
import zipfile
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from nin.errors import Message, WeightsError
from nin.model.network import NiN
from nin.presets import PRESETS
from nin.storage.checkpoint_description import METADATA_KEY

BOOK_PRESET = "classic"
# What torch.save writes begins with one of these: a zip archive, or, before torch 1.6, a pickle.
_TORCH_FILE = (b"PK\x03\x04", b"\x80")
_MOST_UNPACKED = 10  # times its size: torch.save does not compress, but somebody else may
# Where a tensor stands in nested nn.Sequentials, behind any prefix: "net.0.2.weight", "module.7.4.bias".
_PLACE = re.compile(r"(?P<prefix>(?:.*[^\d.]\.)?)(?P<place>(?:\d+\.)+)(?P<kind>weight|bias)")


def is_torch_file(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4).startswith(_TORCH_FILE)


def book_file(tensors: Mapping[str, Tensor], description: str) -> bytes:
    """What torch.save(net.state_dict(), ...) writes of the chapter's nn.Sequential, and `description` out of sight.

    `tensors` are in the network's order, which is that of its layers. `torch.load` gives a dictionary of them and
    nothing else; the description travels in what torch keeps for its own versions of layers.
    """
    state = OrderedDict((name, tensor.detach().cpu().clone()) for name, tensor in tensors.items())
    state._metadata = OrderedDict({"": {"version": 1}, METADATA_KEY: description})  # type: ignore[attr-defined]
    file = io.BytesIO()
    torch.save(state, file)
    return file.getvalue()


def read_torch_file(path: Path) -> tuple[dict[str, Tensor], str | None]:
    """The tensors in what torch.save wrote, and the description that `book_file` put there.

    Nothing in the file is executed; WeightsError where there is more in it, or more than it seems.
    """
    try:
        _check_unpacked_size(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch's thoughts on what a damaged file may be
            content = torch.load(path, map_location="cpu", weights_only=True)
    except WeightsError:
        raise
    except pickle.UnpicklingError as error:
        if "GLOBAL" in str(error):
            raise WeightsError(
                "{path} holds more than tensors, and opening it could run code: save the weights alone, torch.save(net.state_dict(), ...)",
                path=path,
            ) from error
        raise _damaged(path, error) from error
    except Exception as error:  # a damaged pickle raises anything
        raise _damaged(path, error) from error
    described = getattr(content, "_metadata", {}).get(METADATA_KEY)
    return _tensors_in(content), described if isinstance(described, str) else None


def book_tensors(tensors: Mapping[str, Tensor], path: Path) -> dict[str, Tensor]:
    """`tensors` under the names that they have in the book's network; WeightsError where they are another network's."""
    with torch.device("meta"):
        expected = NiN(PRESETS[BOOK_PRESET].architecture).state_dict()
    found = _in_order(tensors)
    if len(found) != len(expected) or len(found) != len(tensors):
        raise _another(
            path,
            Message(
                "the book's network has {expected} tensors, this file {found}",
                {"expected": len(expected), "found": len(tensors)},
            ),
        )
    for (name, tensor), (_, ours) in zip(found, expected.items(), strict=True):
        if tensor.shape != ours.shape:
            raise _another(
                path,
                Message(
                    "{name} is {size}, in the book's network {expected}",
                    {"name": name, "size": _size(tensor), "expected": _size(ours)},
                ),
            )
    return {ours: tensor.float() for (_, tensor), ours in zip(found, expected, strict=True)}


def _check_unpacked_size(path: Path) -> None:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > _MOST_UNPACKED * path.stat().st_size:
            raise _damaged(path, ValueError("it unpacks to far more than it holds"))


def _tensors_in(content: Any) -> dict[str, Tensor]:
    """A state_dict, or the one among the values of a dictionary that was saved around it."""
    if not isinstance(content, Mapping):
        return {}
    tensors = {name: value for name, value in content.items() if isinstance(name, str) and isinstance(value, Tensor)}
    if tensors:
        return tensors
    return next((inner for value in content.values() if (inner := _tensors_in(value))), {})


def _in_order(tensors: Mapping[str, Tensor]) -> list[tuple[str, Tensor]]:
    """By their numbers in nested nn.Sequentials (a file may have them in any order), weights before biases."""
    places = {}
    for name in tensors:
        if found := _PLACE.fullmatch(name):
            numbers = tuple(int(number) for number in found["place"].split(".")[:-1])
            places[name] = (found["prefix"], numbers, found["kind"] == "bias")
    return [(name, tensors[name]) for name in sorted(places, key=places.__getitem__)]


def _another(path: Path, why: Message) -> WeightsError:
    return WeightsError(
        "{path} has no description of its network, and it is not the book's ({why}): use weights that were saved here, or the book's network for Fashion-MNIST",
        path=path,
        why=why,
    )


def _size(tensor: Tensor) -> str:
    return "×".join(map(str, tensor.shape)) or "one number"


def _damaged(path: Path, error: Exception) -> WeightsError:
    reason = re.split(r"\n|\. ", str(error).strip())[0] or type(error).__name__
    return WeightsError("{path} is damaged ({reason}): save it again", path=path, reason=reason)
