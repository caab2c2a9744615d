"""What a recipe does to weights, images and learning rate, as source text; where the lab has a function, its own."""

from __future__ import annotations

import inspect
import re

from nin.data import augment, sketch
from nin.presets import Recipe
from nin.training import schedule, step

_FILL = {
    "default": "",
    "xavier": "            nn.init.xavier_uniform_(layer.weight)\n",
    "he": '            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")\n',
    "he-identity": """            if layer.weight.shape[0] == layer.weight.shape[1] and layer.weight.shape[2:] == (1, 1):
                nn.init.dirac_(layer.weight)  # passes its input on until it has learnt to mix channels
            else:
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
""",
}


def initialise_source(recipe: Recipe) -> str:
    """The function initialise: the weights that the lab begins with, the same ones for the same seed."""
    fill = _FILL[recipe.init]
    zeros = "            nn.init.zeros_(layer.bias)\n" if fill else ""
    return f'''def initialise(network):
    """Fresh weights, the same ones for the same seed."""
    torch.manual_seed(SEED)
    for layer in network.modules():
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            layer.reset_parameters()
{fill}{zeros}'''


def optimizer_source(recipe: Recipe) -> str:
    """The expression that makes the optimizer."""
    name = {"adam": "Adam", "adamw": "AdamW", "sgd": "SGD"}[recipe.optimizer]
    momentum = f", momentum={recipe.momentum:g}" if recipe.optimizer == "sgd" and recipe.momentum else ""
    decay = f", weight_decay={recipe.weight_decay:g}" if recipe.weight_decay or recipe.optimizer == "adamw" else ""
    return f"torch.optim.{name}(network.parameters(), lr=LR{momentum}{decay})"


def schedule_source(recipe: Recipe) -> str:
    """The function lr_share; "" for a constant rate."""
    if recipe.schedule == "constant":
        return ""
    source = _source(schedule.SHAPES[recipe.schedule]).replace("WARM_UP", f"{schedule.WARM_UP}")
    source = source.replace("START", f"{schedule.START}").replace("def one_cycle(", "def lr_share(")
    about = '    """Of the peak: up in the first fifth of the training, then down along half a cosine."""\n'
    head, _, body = source.partition("\n")
    return f"{head}\n{about}{body}"


def augment_source(recipe: Recipe) -> str:
    """The function augment and those that it is made of; "" where images stay as they are."""
    functions = {
        "none": [],
        "flip": [augment.flip],
        "flip-shift": [augment.flip, augment.shift],
        "flip-sketch": [augment.flip],
    }[recipe.augment]
    parts = [_source(function) for function in functions]
    if recipe.augment == "flip-shift":
        parts = [f"MAX_SHIFT = {augment.MAX_SHIFT}  # pixels", *parts]
    if recipe.augment == "flip-sketch":
        parts.append(_sketch_source())
    if not parts:
        return ""
    calls = {"flip": "flip(images, generator)", "flip-shift": "shift(flip(images, generator), generator)"}
    call = calls.get(recipe.augment, "sketch(flip(images, generator), generator)")
    return "\n\n".join([*parts, f"def augment(images, generator):\n    return {call}\n"])


def random_source() -> str:
    """The function mix, by which all that is random follows from seed and step."""
    return _source(step._mix).replace("_mix", "mix").replace(" (splitmix64's finaliser)", ", as splitmix64 has it")


def _sketch_source() -> str:
    """All of nin.data.sketch but its introduction and imports."""
    source = inspect.getsource(sketch)
    return _untyped(source[source.index("PHOTO_SHARE") :]).rstrip() + "\n"


def _source(function: object) -> str:
    return _untyped(inspect.getsource(function))


def _untyped(source: str) -> str:
    """Without annotations, which the chapter does not use."""

    def bare(found: re.Match[str]) -> str:
        arguments = re.sub(r":\s*[\w.]+(\[[^\]]*\])?", "", " ".join(found[2].split())).rstrip(", ")
        return f"def {found[1]}({arguments}):"

    return re.sub(r"def (\w+)\(([^)]*)\)\s*->\s*[^:]+:", bare, source)
