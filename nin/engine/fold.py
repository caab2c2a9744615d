"""Enlarging an image and the first convolution, as one small matrix product.

Bilinear resizing is linear, and so is a convolution: one behind the other they are one linear
map of the 28x28 image. Each output value sees only a few source pixels (3 x 3 of them at
224 px, 5 x 5 at 112 px, instead of the 11 x 11 of the enlarged image), with weights

    W_eff = A_a W A_b^T

where row k of A_a^T holds the bilinear weights of the enlarged image's row that tap k meets. At
224 px two neighbouring outputs meet source pixels at different offsets, so there are two such
matrices a side ("phases" a and b); at 112 px there is one.

W stays the parameter: the same tensor of the same network, trained by the same gradients.
Nothing of 224 x 224 is ever made, and the first convolution multiplies a fifth as often as it did.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nin.data.fashion_mnist import SIDE
from nin.model.architecture import Architecture, Block


@dataclass(frozen=True)
class FoldPlan:
    """How output values meet source pixels, along one side; the source has a pixel of padding at each end."""

    outputs: int  # values a side of the convolution's output
    advance: int  # source pixels from one output value to the next of the same phase
    starts: tuple[int, ...]  # by phase: the first source pixel that its first output value meets
    weights: Tensor  # float64 (phases, taps, kernel size): the matrices A

    @property
    def phases(self) -> int:
        """Output value o is of phase o % phases."""
        return len(self.starts)

    @property
    def taps(self) -> int:
        """Source pixels that an output value meets."""
        return self.weights.shape[1]

    @property
    def width(self) -> int:
        """Source pixels that neighbouring output values, one of each phase, meet together."""
        return max(self.starts) + self.taps

    @property
    def repeats(self) -> int:
        """Output values of each phase."""
        return self.outputs // self.phases


@functools.lru_cache
def plan_fold(architecture: Architecture) -> FoldPlan | None:
    """The fold of this network's first convolution; None where nothing is enlarged, or not by a whole factor."""
    first = architecture.stages[0]
    scale, rest = divmod(architecture.input_size, SIDE)
    if not isinstance(first, Block) or first.padding or rest or scale < 2:
        return None
    outputs = (architecture.input_size - first.kernel_size) // first.stride + 1
    phases = scale // math.gcd(scale, first.stride)
    if outputs < 1 or outputs % phases:
        return None
    enlarged = _enlargement(scale)
    met = [enlarged[a * first.stride :][: first.kernel_size] for a in range(phases)]  # by the first output of phase a
    used = [rows.sum(0).nonzero().flatten() for rows in met]
    starts = tuple(int(columns[0]) for columns in used)
    taps = max(int(columns[-1]) + 1 - start for columns, start in zip(used, starts, strict=True))
    weights = torch.stack([rows[:, start : start + taps].T for rows, start in zip(met, starts, strict=True)])
    return FoldPlan(outputs, first.stride * phases // scale, starts, weights)


def _enlargement(scale: int) -> Tensor:
    """(SIDE * scale, SIDE + 2): the padded source pixels' shares in each enlarged one.

    The rule of `interpolate(mode="bilinear", align_corners=False)`: padding with a copy of the
    border comes to the same as its clamping at the border, and then one rule holds everywhere.
    """
    position = (torch.arange(SIDE * scale, dtype=torch.float64) + 0.5) / scale + 0.5
    below = position.long()
    share = (position - below)[:, None]
    matrix = torch.zeros(SIDE * scale, SIDE + 2, dtype=torch.float64)
    return matrix.scatter_(1, below[:, None], 1 - share).scatter_add_(1, below[:, None] + 1, share)


class FoldedConvolution(nn.Module):
    """(N, 1, 28, 28) -> what `convolution` makes of the enlarged images, (N, C, outputs, outputs).

    One matrix product, whose result lies in memory as a channels_last tensor, so that nothing
    has to be moved afterwards: a line of it holds the C channels of neighbouring columns, one
    of each phase. The phases of the rows have a share of the inner dimension each, with zeros
    in all but their own.
    """

    def __init__(self, convolution: nn.Conv2d, plan: FoldPlan) -> None:
        super().__init__()
        self.convolution = convolution
        self.plan = plan
        # The columns' matrices reach over all the source pixels that neighbours meet together.
        along = torch.stack(
            [
                F.pad(a, (0, 0, start, plan.width - plan.taps - start))
                for a, start in zip(plan.weights, plan.starts, strict=True)
            ]
        )
        # Both sides' matrices as one: (taps of W, column phases * row phases * width * taps).
        spread = torch.einsum("ati,bwj->ijbawt", plan.weights, along).flatten(2).flatten(0, 1)
        self.register_buffer("spread", spread.to(convolution.weight), persistent=False)

    def forward(self, images: Tensor) -> Tensor:
        plan, channels = self.plan, self.convolution.out_channels
        y = F.linear(self._patches(images), self._weight(), self.convolution.bias.repeat(plan.phases))
        return y.view(len(images), plan.outputs, plan.outputs, channels).permute(0, 3, 1, 2)

    def _weight(self) -> Tensor:
        """W_eff: (column phases * channels, row phases * width * taps)."""
        weight = self.convolution.weight
        # In full precision even under autocast: it is rounded once, as the 11x11 weight would be.
        with torch.autocast(weight.device.type, enabled=False):
            folded = weight.flatten(1) @ self.spread
        return folded.view(len(weight), self.plan.phases, -1).transpose(0, 1).flatten(0, 1)

    def _patches(self, images: Tensor) -> Tensor:
        """(images * outputs * repeats, row phases * width * taps)."""
        plan = self.plan
        padded = F.pad(images, (1, 1, 1, 1), mode="replicate").squeeze(1)
        columns = padded.unfold(2, plan.width, plan.advance)[:, :, : plan.repeats]  # (N, SIDE + 2, repeats, width)
        patches = images.new_zeros(
            len(images), plan.repeats, plan.phases, plan.repeats, plan.phases, plan.width, plan.taps
        )
        for phase, start in enumerate(plan.starts):
            rows = columns[:, start:].unfold(1, plan.taps, plan.advance)  # (N, ..., repeats, width, taps)
            patches[:, :, phase, :, phase] = rows[:, : plan.repeats]
        return patches.view(-1, plan.phases * plan.width * plan.taps)
