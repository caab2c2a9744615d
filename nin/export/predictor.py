"""One Python script that classifies a picture with a run's weights, and needs nothing of this project."""

from __future__ import annotations

from nin.classify.calibration import card_temperature
from nin.data.fashion_mnist import CLASS_NAMES, PIXEL_MEAN, PIXEL_STD, SIDE
from nin.export.source import Source
from nin.script.network_source import dropout_of, network_source


def write_predictor(source: Source) -> str:
    """The source of predict.py. It looks for the weights beside itself, under `source.stem`.

    Its probabilities are the lab's for a photo; a test compares them. It finds no garment on a table and no
    figure in a page, as `nin.classify` does, and says so.
    """
    checkpoint = source.checkpoint
    architecture = checkpoint.architecture
    temperature = card_temperature(source.path)
    dropout = dropout_of(architecture)
    settings = [
        f'WEIGHTS = "{source.stem}.safetensors"  # beside this file, unless --weights says otherwise',
        f"INPUT_SIZE = {architecture.input_size}  # pixels a side: pictures are enlarged to it",
        f"CLASSES = {_tuple(CLASS_NAMES)}",
    ]
    if checkpoint.normalise:
        settings.append(f"PIXEL_MEAN, PIXEL_STD = {PIXEL_MEAN}, {PIXEL_STD}  # of the training images' pixels")
    if dropout is not None:
        settings.append(f"DROPOUT = {dropout:g}  # while training; here nothing is dropped")
    if temperature != 1:
        settings.append(f"TEMPERATURE = {temperature:g}  # makes the probabilities mean what they say")
    normalise = "\n    images = (images - PIXEL_MEAN) / PIXEL_STD" if checkpoint.normalise else ""
    enlarge = (
        '\n    images = F.interpolate(images, (INPUT_SIZE, INPUT_SIZE), mode="bilinear", align_corners=False)'
        if architecture.input_size != SIDE
        else ""
    )
    head = _HEAD.format(preset=checkpoint.preset, functional=_FUNCTIONAL if enlarge else "")
    main = _MAIN.format(
        normalise=normalise, enlarge=enlarge, side=SIDE, divided=" / TEMPERATURE" if temperature != 1 else ""
    )
    parts = [head + "\n" + "\n".join(settings), network_source(architecture), _PICTURE.format(side=SIDE), main]
    return "\n\n\n".join(part.strip("\n") for part in parts) + "\n"


def _tuple(names: tuple[str, ...]) -> str:
    return "(\n" + "".join(f'    "{name}",\n' for name in names) + ")"


_FUNCTIONAL = "import torch.nn.functional as F\n"

_HEAD = '''"""Network in Network says what is in a picture: the network "{preset}", trained by NiN Lab.

    python predict.py PICTURE

It needs torch, numpy, pillow and safetensors, and the weights in a file beside it. The network has learnt from
Fashion-MNIST: photos of clothes, 28×28 pixels, grey, bright on black. PICTURE is made to look like one of them in a
simple way: one piece of clothing, or a drawing of one, on a plain ground. It gives one of ten answers to everything.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
{functional}from PIL import Image, ImageOps
from safetensors.torch import load_file
from torch import nn
'''

_PICTURE = '''
def as_the_data_set_has_it(path):
    """A picture file -> uint8 ({side}, {side}), grey, bright on black."""
    picture = ImageOps.exif_transpose(Image.open(path))
    if picture.mode == "L" and picture.size == ({side}, {side}):
        return np.array(picture)  # as it is: an image of the data set
    picture = picture.convert("RGBA")
    picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    grey = np.array(picture.convert("L")).astype(np.float32)
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    shape = np.abs(grey - np.median(border))  # how far from the ground: bright on black, whatever it was
    shape *= 255 / max(shape.max(), 1)
    rows, columns = np.nonzero(shape > 32)
    if len(rows) == 0:
        return np.zeros(({side}, {side}), np.uint8)
    shape = shape[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    height, width = shape.shape
    square = np.zeros((max(height, width), max(height, width)), np.float32)
    top, left = (len(square) - height) // 2, (len(square) - width) // 2
    square[top : top + height, left : left + width] = shape
    small = Image.fromarray(square.astype(np.uint8)).resize(({side}, {side}), Image.Resampling.LANCZOS)
    return np.array(small)
'''

_MAIN = '''
def prepare(pixels):
    """uint8 ({side}, {side}) -> what the network is fed, (1, 1, INPUT_SIZE, INPUT_SIZE)."""
    images = torch.from_numpy(pixels).reshape(1, 1, {side}, {side}).float() / 255{normalise}{enlarge}
    return images


@torch.no_grad()
def predict(network, pixels):
    """The ten probabilities, in the order of CLASSES."""
    logits = network(prepare(pixels))[0].double()
    return torch.softmax(logits{divided}, 0).tolist()


def main():
    parser = argparse.ArgumentParser(description="Say what is in a picture.")
    parser.add_argument("picture", type=Path)
    parser.add_argument("--weights", type=Path, default=Path(__file__).with_name(WEIGHTS))
    parser.add_argument("--json", action="store_true", help="print JSON, in the order of the classes")
    options = parser.parse_args()
    network = build_network()
    network.load_state_dict(load_file(options.weights))
    network.eval()
    answer = dict(zip(CLASSES, predict(network, as_the_data_set_has_it(options.picture))))
    if options.json:
        print(json.dumps(answer))
        return
    for name, probability in sorted(answer.items(), key=lambda item: -item[1]):
        print(f"{{name:<12}} {{probability:7.2%}}")


if __name__ == "__main__":
    main()
'''
