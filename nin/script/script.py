"""The whole script: settings, network, data, training, in the order in which one reads the chapter."""

from __future__ import annotations

from nin.data.fashion_mnist import IDX_FILES, PIXEL_MEAN, PIXEL_STD
from nin.presets import Preset, Recipe, architecture_for
from nin.script.network_source import dropout_of, network_source
from nin.script.recipe_source import (
    augment_source,
    initialise_source,
    optimizer_source,
    random_source,
    schedule_source,
)


def script_name(preset: Preset, recipe: Recipe) -> str:
    return f"nin_{preset.name}_{recipe.name}.py".replace("-", "_")


def write_script(preset: Preset, recipe: Recipe, seed: int = 0) -> str:
    """A complete Python script that trains `preset`'s network by `recipe` and imports nothing of this project.

    In float32 and without dropout its losses are the lab's for the same seed; a test compares them.
    """
    architecture = architecture_for(preset, recipe)
    parts = [
        _head(preset, recipe) + "\n" + _settings(recipe, architecture.input_size, dropout_of(architecture), seed),
        _title("the network", network_source(architecture)),
        initialise_source(recipe),
        _title("the data", _DATA.format(names=_names())),
        _DRAWINGS.format(share=recipe.drawings) if recipe.drawings else "",
        _prepare(recipe),
        augment_source(recipe),
        _title("the training", random_source()),
        schedule_source(recipe),
        _training(recipe),
        _main(recipe),
    ]
    return "\n\n".join(part.strip("\n") + "\n" for part in parts if part)


def _title(title: str, source: str) -> str:
    return f"# --- {title} {'-' * (90 - len(title))}\n\n\n{source}"


def _names() -> str:
    return "\n".join(
        f'    "{split}": ("{IDX_FILES[split, "images"].name}", "{IDX_FILES[split, "labels"].name}"),'
        for split in ("train", "test")
    )


def _head(preset: Preset, recipe: Recipe) -> str:
    drawings = (
        "\nA quarter of what this recipe trains on are drawings. --drawings names the folder data/drawings of the lab\n"
        "(it needs Pillow); without it the photos are all there is.\n"
        if recipe.drawings
        else ""
    )
    seeded = "For the same seed weights, batches and losses are the lab's, but for rounding and for dropout."
    if preset.architecture != preset.architecture.without_variation:
        seeded = (
            "For the same seed the batches are the lab's. There a variant begins with the weights of the network that\n"
            "it was made of; here they are drawn anew."
        )
    extra = "import math\n" if recipe.schedule != "constant" or recipe.augment == "flip-sketch" else ""
    return f'''"""Network in Network on Fashion-MNIST: the network "{preset.name}", trained by the recipe "{recipe.name}".

Written by NiN Lab, to be read beside the chapter of Dive into Deep Learning (d2l.ai, section 8.3). It needs
PyTorch and nothing else:

    python {script_name(preset, recipe)} --data DIRECTORY

DIRECTORY has the four files of Fashion-MNIST, gzipped or not; without them torchvision downloads them, if it
is installed. {seeded}
{drawings}"""

import argparse
import gzip
{extra}import time
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn
'''


def _settings(recipe: Recipe, input_size: int, dropout: float | None, seed: int) -> str:
    lines = [
        f"INPUT_SIZE = {input_size}  # pixels a side: images are enlarged to it",
        f"BATCH_SIZE = {recipe.batch_size}",
        f"EPOCHS = {recipe.epochs}",
        f"LR = {recipe.lr:g}" + ("  # the peak" if recipe.schedule != "constant" else ""),
    ]
    if dropout is not None:
        lines.append(f"DROPOUT = {dropout:g}")
    if recipe.label_smoothing:
        lines.append(f"LABEL_SMOOTHING = {recipe.label_smoothing:g}")
    if recipe.normalise:
        lines.append(f"PIXEL_MEAN, PIXEL_STD = {PIXEL_MEAN}, {PIXEL_STD}  # of the training images' pixels")
    lines.append(f"SEED = {seed}")
    return "\n".join(lines)


_DATA = '''FILES = {{
{names}
}}


def read_idx(path):
    """An IDX file as published, plain or gzipped: a tensor of bytes."""
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    dimensions = content[3]  # behind two zeros and the type; then comes the size of each
    shape = [int.from_bytes(content[4 + 4 * i : 8 + 4 * i], "big") for i in range(dimensions)]
    return torch.frombuffer(bytearray(content), dtype=torch.uint8, offset=4 + 4 * dimensions).reshape(shape)


def find(directory, name):
    for folder in (directory, directory / "FashionMNIST" / "raw"):  # the second is where torchvision puts them
        for path in (folder / f"{{name}}.gz", folder / name):
            if path.exists():
                return path
    return None


def load(directory, split):
    """The images (N, 28, 28), bytes, and the labels (N,) of "train" or "test"."""
    if any(find(directory, name) is None for name in FILES[split]):
        import torchvision

        torchvision.datasets.FashionMNIST(directory, download=True)
    images, labels = (read_idx(find(directory, name)) for name in FILES[split])
    return images, labels.long()
'''

_DRAWINGS = '''def with_drawings(images, labels, directory, share={share:g}):
    """Photos and drawings, the latter repeated until they are `share` of the whole."""
    from PIL import Image

    drawings, classes = [], []
    for label, path in enumerate(sorted(directory.glob("[0-9]-*.png"))):
        sheet = Image.open(path).convert("L")  # 28x28 pictures in rows of forty
        pixels = torch.frombuffer(bytearray(sheet.tobytes()), dtype=torch.uint8)
        tiles = pixels.view(-1, 28, 40, 28).permute(0, 2, 1, 3).reshape(-1, 28, 28)
        drawings.append(tiles)
        classes.append(torch.full((len(tiles),), label))
    drawings, classes = torch.stack(drawings, 1).flatten(0, 1), torch.stack(classes, 1).flatten()
    which = torch.arange(round(len(labels) * share / (1 - share))) % len(classes)
    return torch.cat([images, drawings[which]]), torch.cat([labels, classes[which]])
'''


def _prepare(recipe: Recipe) -> str:
    normalise = "    images = (images - PIXEL_MEAN) / PIXEL_STD\n" if recipe.normalise else ""
    return f'''def prepare(images):
    """(N, 1, 28, 28) in [0, 1] -> what the network is fed, (N, 1, INPUT_SIZE, INPUT_SIZE)."""
{normalise}    if INPUT_SIZE == images.shape[-1]:
        return images
    return F.interpolate(images, (INPUT_SIZE, INPUT_SIZE), mode="bilinear", align_corners=False)
'''


def _training(recipe: Recipe) -> str:
    augment = (
        """            generator.manual_seed(mix(SEED, 1, step))
            batch = augment(batch, generator)
"""
        if recipe.augment != "none"
        else ""
    )
    rate = (
        """            for group in optimizer.param_groups:
                group["lr"] = LR * lr_share(step / (epochs * steps))
"""
        if recipe.schedule != "constant"
        else ""
    )
    smoothing = ", label_smoothing=LABEL_SMOOTHING" if recipe.label_smoothing else ""
    return f'''def train(network, images, labels, epochs, device):
    """Yields the loss and the accuracy of each batch."""
    batch_size = min(BATCH_SIZE, len(labels))
    steps = len(labels) // batch_size  # of an epoch; the ragged last batch is left out
    optimizer = {optimizer_source(recipe)}
    generator = torch.Generator()
    for epoch in range(epochs):
        order = torch.randperm(len(labels), generator=generator.manual_seed(mix(SEED, 0, epoch + 1)))
        for step in range(epoch * steps, (epoch + 1) * steps):
            which = order[step % steps * batch_size :][:batch_size]
            batch, target = images[which].unsqueeze(1).float() / 255, labels[which].to(device)
{augment}{rate}            network.train()
            logits = network(prepare(batch.to(device)))
            loss = F.cross_entropy(logits, target{smoothing})
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            yield loss.item(), (logits.argmax(1) == target).float().mean().item()


@torch.no_grad()
def accuracy(network, images, labels, device):
    network.eval()
    right = 0
    for part, target in zip(images.split(256), labels.split(256)):
        logits = network(prepare((part.unsqueeze(1).float() / 255).to(device)))
        right += (logits.argmax(1).cpu() == target).sum().item()
    return right / len(labels)
'''


def _main(recipe: Recipe) -> str:
    argument, use = "", ""
    if recipe.drawings:
        argument = '    parser.add_argument("--drawings", type=Path, help="folder of the lab\'s drawings")\n'
        use = """    if options.drawings is not None:
        images, labels = with_drawings(images, labels, options.drawings)
"""
    return f'''def main(arguments=None):
    """Train and test; returns the loss of each step."""
    parser = argparse.ArgumentParser(description="Network in Network on Fashion-MNIST")
    parser.add_argument("--data", type=Path, default=Path("data"), help="folder of the four files of Fashion-MNIST")
    parser.add_argument("--images", type=int, help="train and test on the first so many images only")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
{argument}    options = parser.parse_args(arguments)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    (images, labels), (test_images, test_labels) = (
        [tensor[: options.images] for tensor in load(options.data, split)] for split in ("train", "test")
    )
{use}    network = build_network()
    initialise(network)
    network.to(device)
    print(f"{{sum(p.numel() for p in network.parameters()):,}} parameters, {{len(labels):,}} images, on {{device}}")
    steps, losses, rights, began = len(labels) // min(BATCH_SIZE, len(labels)), [], [], time.time()
    for loss, right in train(network, images, labels, options.epochs, device):
        losses.append(loss)
        rights.append(right)
        if len(losses) % 100 == 0:
            print(f"step {{len(losses):,}}: loss {{loss:.4f}}, {{time.time() - began:.0f}} s", flush=True)
        if len(losses) % steps == 0:
            tested = accuracy(network, test_images, test_labels, device)
            mean_loss, mean_right = sum(losses[-steps:]) / steps, sum(rights[-steps:]) / steps
            print(f"epoch {{len(losses) // steps}}: loss {{mean_loss:.4f}}, training {{mean_right:.1%}}, test {{tested:.1%}}")
    return losses


if __name__ == "__main__":
    main()
'''
