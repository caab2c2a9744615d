"""How much memory a network takes, to train and to predict, worked out from its layers alone.

What is worked out is the plain way, that of the chapter: float32, the whole batch at once, `loss.backward()`.
PyTorch keeps for the way back what each derivative is made of: a convolution its input, a ReLU its output,
max-pooling the place of each largest value, dropout what it multiplied by. A test holds that against what
autograd really keeps, to the byte. What else is alive for a moment is followed through the step, layer by layer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nin.model.cost import BYTES, LayerCost, NetworkCost

INDEX_BYTES = 8  # of the place of a largest value, int64
LABEL_BYTES = 8
# What stays of each parameter between two steps, in copies of it; the second for SGD with momentum.
OPTIMIZER_COPIES = {"adam": 2, "adamw": 2, "sgd": 0}
_KEEPS_INPUT = ("Conv2d", "Linear", "MaxPool2d", "AvgPool2d", "AdaptiveMaxPool2d")
_KEEPS_OUTPUT = ("ReLU", "Sigmoid")
_KEEPS_PLACES = ("MaxPool2d", "AdaptiveMaxPool2d")
_SAME_VALUES = ("Flatten",)  # looks at its input in another way, and allocates nothing


@dataclass(frozen=True)
class Moment:
    """What is alive at once, in bytes, while one layer is worked on."""

    phase: str  # "forward", "backward", "optimizer"
    layer: str  # its index; "" in the optimizer
    kept: int  # activations for the way back
    gradients: int  # of the parameters, as far as they are there
    passing: int  # outputs and gradients of activations that are let go soon, and what an operation needs meanwhile

    @property
    def bytes(self) -> int:
        return self.kept + self.gradients + self.passing


@dataclass(frozen=True)
class TrainingMemory:
    """Of one optimizer step after the first, in bytes."""

    parameters: int
    gradients: int  # as large as the parameters
    optimizer: int  # Adam: a mean and a mean square for each parameter
    kept: int  # activations kept for the way back when the forward pass is done, the batch itself included
    fullest: Moment  # not all of these are there at once: the moment of the step when most is

    @property
    def peak(self) -> int:
        return self.parameters + self.optimizer + self.fullest.bytes


@dataclass(frozen=True)
class PredictionMemory:
    """Of a forward pass that nothing is kept of, in bytes."""

    parameters: int
    images: int
    passing: int  # the input and output of one layer, the largest, and what works on them
    layer: str  # the index of that layer

    @property
    def peak(self) -> int:
        return self.parameters + self.images + self.passing


def training_memory(
    cost: NetworkCost, batch_size: int, optimizer: str = "adam", *, momentum: float = 0.0, device: str = "cpu"
) -> TrainingMemory:
    """A step of `optimizer` (a key of OPTIMIZER_COPIES) on `batch_size` images on "cpu" or "cuda"."""
    step = _Step(cost, batch_size, device)
    parameters = cost.parameters * BYTES
    copies = OPTIMIZER_COPIES[optimizer] + (1 if optimizer == "sgd" and momentum else 0)
    forward = [step.forward(at) for at in range(len(cost.layers))]
    backward = [step.backward(at) for at in range(len(cost.layers))]
    update = Moment("optimizer", "", step.batch, parameters, _update_bytes(cost, optimizer, device))
    fullest = max([*forward, *backward, update], key=lambda moment: moment.bytes)
    return TrainingMemory(parameters, parameters, copies * parameters, step.kept(len(cost.layers)), fullest)


def prediction_memory(cost: NetworkCost, batch_size: int, *, device: str = "cpu") -> PredictionMemory:
    """Predicting the classes of `batch_size` images at once."""
    step = _Step(cost, batch_size, device)
    passing = {layer.index: step.predicting(at) for at, layer in enumerate(cost.layers)}
    fullest = max(passing, key=passing.__getitem__)
    return PredictionMemory(cost.parameters * BYTES, step.images, passing[fullest], fullest)


def _update_bytes(cost: NetworkCost, optimizer: str, device: str) -> int:
    """What Adam works out before it changes a parameter: two copies, of one parameter at a time or of all of them."""
    if optimizer == "sgd":
        return 0
    largest = max((layer.parameters - layer.bias for layer in cost.layers), default=0)
    return 2 * BYTES * (cost.parameters if device == "cuda" else largest)


def _stage(layer: LayerCost) -> str:
    return layer.index.partition(".")[0]


class _Step:
    """The tensors of one step. Output `at` is that of layer `at`; the images are output -1."""

    def __init__(self, cost: NetworkCost, batch_size: int, device: str) -> None:
        self._layers: Sequence[LayerCost] = cost.layers
        self._batch_size, self._device = batch_size, device
        self._mask_bytes = 1 if device == "cuda" else BYTES  # of dropout, for each value
        self.images = batch_size * cost.input_size**2 * BYTES
        self.batch = self.images + batch_size * LABEL_BYTES

    def predicting(self, at: int) -> int:
        """What layer `at` of a forward pass needs beside the images: its input, its output, and copies of them.

        The stage that it stands in holds on to its own input until it is done.
        """
        stage = next(j for j, layer in enumerate(self._layers) if _stage(layer) == _stage(self._layers[at]))
        held = {at - 1, stage - 1} - {-1}
        return self._new(at) + sum(self._output(j) for j in held) + self._arranged(at) // 2

    def forward(self, at: int) -> Moment:
        entering = 0 if at == 0 or self._is_kept(at - 1) else self._output(at - 1)
        kept = self.kept(at)
        passing = entering + self._new(at) + self._own(at) + self._arranged(at)
        return Moment("forward", self._layers[at].index, kept, 0, passing)

    def backward(self, at: int) -> Moment:
        gradients = sum(layer.parameters for layer in self._layers[at:]) * BYTES
        wanted = self._new(at - 1) if at > 0 else 0  # nobody asks for the gradient of the images
        passing = self._output(at) + (0 if self._is_view(at) else wanted) + self._arranged(at)
        return Moment("backward", self._layers[at].index, self._kept_until(at), gradients, passing)

    def kept(self, end: int) -> int:
        """For the way back, and the batch itself, when the layers before number `end` are done."""
        outputs = sum(self._new(at) for at in range(end) if self._is_kept(at))
        loss = self._output(end - 1) if end == len(self._layers) else 0  # the logarithms of the probabilities
        return self.batch + outputs + sum(self._own(at) for at in range(end)) + loss

    def _kept_until(self, at: int) -> int:
        """Still kept while the way back is at layer `at`."""
        lasts = ((j, self._last_use(j)) for j in range(at + 1))
        outputs = sum(self._new(j) for j, last in lasts if last is not None and last <= at)
        return self.batch + outputs + sum(self._own(j) for j in range(at + 1))

    def _last_use(self, at: int) -> int | None:
        """The layer that is the last on the way back to need output `at`; None where none does."""
        if self._layers[at].kind in _KEEPS_OUTPUT:
            return at
        while at + 1 < len(self._layers) and self._is_view(at + 1):
            at += 1
        if at + 1 < len(self._layers) and self._layers[at + 1].kind in _KEEPS_INPUT:
            return at + 1
        return None

    def _is_kept(self, at: int) -> bool:
        return self._last_use(at) is not None

    def _is_view(self, at: int) -> bool:
        return self._layers[at].kind in _SAME_VALUES

    def _output(self, at: int) -> int:
        return self.images if at < 0 else self._batch_size * self._layers[at].activation_bytes

    def _new(self, at: int) -> int:
        """Bytes that layer `at` allocates for its output."""
        return 0 if self._is_view(at) else self._output(at)

    def _arranged(self, at: int) -> int:
        """On a CPU oneDNN convolves copies of a layer's input and output, arranged in blocks of channels."""
        if self._device != "cpu" or self._layers[at].kind != "Conv2d":
            return 0
        return self._output(at) + self._output(at - 1)

    def _own(self, at: int) -> int:
        """What a layer keeps beside its input and output."""
        values = self._output(at) // BYTES
        match self._layers[at].kind:
            case "Dropout":
                return values * self._mask_bytes
            case kind if kind in _KEEPS_PLACES:
                return values * INDEX_BYTES
        return 0
