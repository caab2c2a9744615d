"""One item seen by every checkpoint of a run: how maps, evidence and answer grew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from nin.explain.activations import capture
from nin.explain.channels import as_maps
from nin.model.network import NiN, check_logits, convolutions
from nin.storage.checkpoint import load_checkpoint, network_input

Array = np.ndarray[Any, Any]

FILTERS = "filters"  # stands for the first convolution's kernels where a layer's index is asked for


@dataclass(frozen=True)
class Moment:
    """What one checkpoint makes of the item."""

    step: int
    maps: Array  # float32 (C, H, W) of the layer asked for, or its kernels
    evidence: Array  # float32 (10, h, w): the class maps, whose means are the logits
    probabilities: Array  # float32 (10,)


def moment(path: Path, step: int, pixels: Tensor, layer: str) -> Moment:
    """The item `pixels`, uint8 (28, 28), in the checkpoint at `path`.

    `layer` is the index of a layer or stage, or FILTERS. Raises WeightsError for a file that
    is gone (a run in training replaces its newest) or damaged, or whose weights give no numbers.
    """
    checkpoint = load_checkpoint(path)
    model = checkpoint.network()
    features = capture(model, network_input(pixels, checkpoint))
    check_logits(features.logits)
    maps = first_kernels(model) if layer == FILTERS else as_maps(features[layer])
    return Moment(step, maps, as_maps(features.class_maps), features.logits.softmax(1)[0].numpy())


def first_kernels(model: NiN) -> Array:
    """The first convolution's kernels, float32 (C, k, k)."""
    return convolutions(model)[0].weight.detach()[:, 0].numpy()


def thinned(checkpoints: dict[int, Path], most: int) -> dict[int, Path]:
    """At most `most` of them, the first and the last among them: dense early, sparse late."""
    steps = sorted(checkpoints)
    if len(steps) <= most:
        return {step: checkpoints[step] for step in steps}
    # Even steps on a logarithmic scale, each taken to the nearest checkpoint not yet taken.
    wanted = np.geomspace(1, max(steps[-1], 2), most)
    kept = {steps[0], steps[-1]}
    for step in wanted:
        free = [candidate for candidate in steps if candidate not in kept]
        if len(kept) == most or not free:
            break
        kept.add(min(free, key=lambda candidate: abs(candidate - step)))
    return {step: checkpoints[step] for step in sorted(kept)}


def shared_range(arrays: Sequence[Array]) -> tuple[float, float]:
    """Values at the ends of one colour scale for all of them: from 0, or symmetric where any is negative."""
    low, high = min(float(x.min()) for x in arrays), max(float(x.max()) for x in arrays)
    top = max(abs(low), abs(high))
    return (-top, top) if low < 0 else (0.0, high)
