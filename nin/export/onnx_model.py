"""A network as ONNX, checked: what onnxruntime makes of it is what torch does.

Needs three packages that nothing else here does: `pip install "nin-lab[onnx]"`, or from a checkout
`pip install onnx onnxscript onnxruntime`.
"""

from __future__ import annotations

import json
import logging
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from nin.data.dataset import load
from nin.data.fashion_mnist import CLASS_NAMES, SIDE
from nin.errors import SettingsError, WeightsError
from nin.export.packages import ONNX, are_installed
from nin.export.source import Source
from nin.storage.checkpoint import Checkpoint, describe, prepare

CHECKED_ON = 100  # test images of the bundled sample
TOLERANCE = 1e-4  # of the largest logit: float32 summed in another order


@dataclass(frozen=True)
class Onnx:
    content: bytes
    checked_on: int  # images
    largest_difference: float  # between two logits, of torch's and of onnxruntime's


class FromPixels(nn.Module):
    """(N, 1, 28, 28) in [0, 1] -> logits (N, 10): what is done to images before the network belongs to the file."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        super().__init__()
        self.checkpoint = checkpoint
        self.network = checkpoint.network()

    def forward(self, pixels: Tensor) -> Tensor:
        return self.network(prepare(pixels, self.checkpoint.architecture, normalise=self.checkpoint.normalise))


def write_onnx(source: Source) -> Onnx:
    """The content of the file, checked on test images.

    SettingsError where a package is missing, WeightsError where torch and onnxruntime disagree.
    """
    if not are_installed(ONNX):
        raise SettingsError(
            'an ONNX file needs three more packages: pip install "nin-lab[onnx]", or pip install {packages}',
            packages=" ".join(ONNX),
        )
    model = FromPixels(source.checkpoint).eval()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        _export(model, path)
        _describe(source, path)
        content = path.read_bytes()
    images = load("sample").test.first(CHECKED_ON).images.unsqueeze(1).float() / 255
    return Onnx(content, len(images), _difference(model, content, images))


def _export(model: FromPixels, path: Path) -> None:
    quiet = logging.getLogger("torch.onnx")
    level = quiet.level
    quiet.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch's thoughts on its own way
            torch.onnx.export(
                model,
                (torch.zeros(2, 1, SIDE, SIDE),),
                path,
                input_names=["pixels"],
                output_names=["logits"],
                dynamic_shapes={"pixels": {0: torch.export.Dim("N")}},
                dynamo=True,
                external_data=False,
                verbose=False,
            )
    finally:
        quiet.setLevel(level)


def _describe(source: Source, path: Path) -> None:
    """What the file is, in its own metadata."""
    import onnx

    model = onnx.load(path)
    model.doc_string = (
        f"Network in Network, {source.checkpoint.preset}, trained on Fashion-MNIST. pixels: (N, 1, {SIDE}, {SIDE}), "
        "grey, bright on black, 0 to 1. logits: (N, 10)."
    )
    properties = {"classes": json.dumps(CLASS_NAMES), "nin": describe(source.checkpoint)}
    onnx.helper.set_model_props(model, properties)
    onnx.save(model, path)


def _difference(model: FromPixels, content: bytes, images: Tensor) -> float:
    import onnxruntime

    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    with torch.inference_mode():
        ours = model(images)
    theirs = torch.from_numpy(session.run(["logits"], {"pixels": images.numpy()})[0])
    difference = float((ours - theirs).abs().max())
    if not difference <= TOLERANCE * float(ours.abs().max()):
        raise WeightsError(
            "the ONNX file computes other logits than torch (apart by up to {difference:.3g}): it was not written; "
            "another version of torch or onnxruntime may help",
            difference=difference,
        )
    return difference
