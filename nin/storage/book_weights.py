"""The book's network, saved the chapter's way: tensors without a word on what they belong to.

    torch.save(net.state_dict(), "nin.params")
    safetensors.torch.save_file(net.state_dict(), "nin.safetensors")

A checkpoint of this program describes itself (`nin.storage.checkpoint`). These do not, so they are
recognised by their shapes.
"""

from __future__ import annotations

import pickle
import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from nin.errors import Message, WeightsError
from nin.model.network import NiN
from nin.presets import PRESETS

BOOK_PRESET = "classic"
# What torch.save writes begins with one of these: a zip archive, or, before torch 1.6, a pickle.
_TORCH_FILE = (b"PK\x03\x04", b"\x80")
# Where a tensor stands in nested nn.Sequentials, behind any prefix: "net.0.2.weight", "module.7.4.bias".
_PLACE = re.compile(r"(?P<prefix>(?:.*[^\d.]\.)?)(?P<place>(?:\d+\.)+)(?P<kind>weight|bias)")


def is_torch_file(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4).startswith(_TORCH_FILE)


def read_torch_file(path: Path) -> dict[str, Tensor]:
    """The tensors in what torch.save wrote. Nothing in the file is executed; WeightsError where there is more in it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch's thoughts on what a damaged file may be
            content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        if "GLOBAL" in str(error):
            raise WeightsError(
                "{path} holds more than tensors, and opening it could run code: save the weights alone, torch.save(net.state_dict(), ...)",
                path=path,
            ) from error
        raise _damaged(path, error) from error
    except Exception as error:  # a damaged pickle raises anything
        raise _damaged(path, error) from error
    return _tensors_in(content)


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
