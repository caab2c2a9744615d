"""What the Layers page looks at: an item, seen through weights."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import streamlit as st
from torch import Tensor, nn

from nin.classify.calibration import Calibration, card_calibration
from nin.explain.ablation import Ablation, capture_with
from nin.explain.activations import Features, capture
from nin.explain.channels import as_maps
from nin.model.cost import LayerCost, measure_cost
from nin.model.network import NiN, check_logits
from nin.model.receptive_field import ReceptiveField
from nin.model.roles import has_class_maps
from nin.storage.checkpoint import Checkpoint, network_input
from ui.base.images import image_tensor
from ui.base.item import Item
from ui.base.resources import network, written_at
from ui.base.text.layers import layer_name


class Network(NamedTuple):
    """A subject without its item: all that is needed to try other images, and light enough to be kept."""

    weights: tuple[str, int, int]  # as in Subject
    checkpoint: Checkpoint
    model: NiN

    @property
    def name(self) -> tuple[str, int, int]:
        return self.weights

    @property
    def step(self) -> int:
        return self.checkpoint.step

    @property
    def origin(self) -> tuple[Path, int]:
        """What stays the same while a run trains on: where its weights come from, and the size they are fed."""
        path, _, size = self.weights
        folder = Path(path).parent
        return folder if folder.name == "checkpoints" else Path(path), size


@dataclass(frozen=True)
class Subject:
    """One item in one network, with every layer's output. Shared between visitors: change nothing."""

    pixels: bytes  # the item, 28 x 28
    path: Path  # of the weights
    modified: int  # when that file was written, ns: with its path it names the weights
    checkpoint: Checkpoint
    model: NiN
    calibration: Calibration  # of these weights: how their logits become probabilities
    is_drawing: bool  # the item was drawn, which has a calibration of its own
    features: Features
    costs: dict[str, LayerCost]  # by dotted index
    value_range: tuple[float, float]  # smallest and largest value of any layer
    ablations: tuple[Ablation, ...] = ()  # what is switched off in what is shown
    unablated: Subject | None = None  # None: it is whole

    @property
    def whole(self) -> Subject:
        """The same with nothing switched off."""
        return self.unablated or self

    def without(self, ablations: tuple[Ablation, ...]) -> Subject:
        """The same with these parts of the network switched off."""
        return _without(self.pixels, self.weights, ablations, self.whole) if ablations else self.whole

    def silenced(self, layer: str) -> frozenset[int]:
        """The channels of a layer that are switched off."""
        off = (part.channels for part in self.ablations if part.layer == layer and part.channels is not None)
        return frozenset().union(*off)

    def is_bypassed(self, layer: str) -> bool:
        return any(part.layer == layer and part.channels is None for part in self.ablations)

    @property
    def weights(self) -> tuple[str, int, int]:
        """What tells one network from another: the weights' file, when it was written, and the size it is fed."""
        return str(self.path), self.modified, self.input_size

    @property
    def network(self) -> Network:
        return Network(self.weights, self.checkpoint, self.model)

    @property
    def temperature(self) -> float:
        """What the logits are divided by; 1: these weights are not calibrated."""
        return self.calibration.temperature_for(is_drawing=self.is_drawing)

    @property
    def input_size(self) -> int:
        """Pixels a side that the network is fed."""
        return self.checkpoint.architecture.input_size

    @property
    def stages(self) -> list[str]:
        return list(self.features.stages)

    def inside(self, stage: str) -> list[str]:
        """The layers that a block is made of; of any other stage just itself."""
        return [index for index in self.features.layers if index.partition(".")[0] == stage]

    def last_layer(self, index: str) -> str:
        """The layer whose output is that of `index`."""
        return self.inside(index)[-1] if index in self.features.stages else index

    def convolution_behind(self, index: str) -> str | None:
        """The convolution whose filters made the maps of `index`; None where a pooling or dense layer did."""
        layers = list(self.features.layers)
        position = layers.index(self.last_layer(index))
        while isinstance(self.module(layers[position]), nn.ReLU | nn.Dropout):
            position -= 1
        return layers[position] if isinstance(self.module(layers[position]), nn.Conv2d) else None

    def channels_from(self, index: str) -> str:
        """The layer that the channels of `index` come from; ReLU, pooling and dropout keep their numbers."""
        makers = (
            nn.Conv2d | nn.Linear if self.checkpoint.architecture.has_class_maps else nn.Conv2d | nn.Linear | nn.Flatten
        )
        return next(layer for layer in reversed(self._until(index)) if isinstance(self.module(layer), makers))

    def has_class_maps(self, index: str) -> bool:
        """Whether each channel belongs to a class: from the network's last convolution on."""
        return has_class_maps(index, self.checkpoint.architecture)

    def _until(self, index: str) -> list[str]:
        layers = list(self.features.layers)
        return layers[: layers.index(self.last_layer(index)) + 1]

    def module(self, index: str) -> nn.Module:
        return self.model.get_submodule(index)

    def name(self, index: str) -> str:
        """In the words of the book."""
        return layer_name(self.module(index))

    def maps(self, index: str) -> np.ndarray:
        """float32 (C, H, W), to be read only: the memory is that of everybody who looks at this item."""
        return _read_only(as_maps(self.features[index]))

    def shape(self, index: str) -> tuple[int, ...]:
        return tuple(self.features[index].shape)

    def receptive_field(self, index: str) -> ReceptiveField:
        return self.costs[self.last_layer(index)].receptive_field

    def figures(self, indices: Iterable[str]) -> dict[str, str]:
        """What these stages or layers cost together for one image, and the receptive field of the last."""
        costs = [self.costs[layer] for index in indices for layer in self._layers(index)]
        return {
            "parameters": f"{sum(cost.parameters for cost in costs):,}",
            "macs": f"{sum(cost.macs for cost in costs):,}",
            "field": str(costs[-1].receptive_field.size),
        }

    def _layers(self, index: str) -> list[str]:
        return self.inside(index) if index in self.features.stages else [index]

    def input_map(self) -> np.ndarray:
        """float32 (S, S): what the network was fed."""
        return _read_only(self.features.input[0, 0].numpy())

    def instead(self, item: Item) -> Subject:
        """The same network with another item; a run in training may have deleted the weights' file since."""
        network = self.checkpoint, self.model
        found = _look(item.pixels, item.is_drawing, str(self.path), self.modified, self.input_size, network)
        return found.without(self.ablations)

    def probabilities(self, logits: Tensor | None = None) -> np.ndarray:
        """float32 (10,), as Classify gives them: of the item's logits, or of others (1, 10) of this network's."""
        logits = self.features.logits if logits is None else logits
        return self.calibration.probabilities(logits[0], is_drawing=self.is_drawing).numpy()


def look(item: Item, weights: Path, size: int | None = None) -> Subject:
    """The item in the network with these weights; computed once for as long as many share it.

    `size` is what the network is fed, in pixels a side; None: what it was trained on.
    """
    return _look(item.pixels, item.is_drawing, str(weights), written_at(weights), size, network(weights))


@st.cache_resource(max_entries=12, show_spinner=False)
def _look(
    pixels: bytes, is_drawing: bool, weights: str, modified: int, size: int | None, _network: tuple[Checkpoint, NiN]
) -> Subject:
    checkpoint, model = _network
    if size is not None:
        checkpoint = replace(checkpoint, architecture=replace(checkpoint.architecture, input_size=size))
    features = capture(model, network_input(image_tensor(pixels), checkpoint))
    check_logits(features.logits)
    costs = {cost.index: cost for cost in measure_cost(model, checkpoint.architecture.input_size).layers}
    path, outputs = Path(weights), features.layers.values()
    value_range = min(float(x.min()) for x in outputs), max(float(x.max()) for x in outputs)
    return Subject(
        pixels, path, modified, checkpoint, model, card_calibration(path), is_drawing, features, costs, value_range
    )


@st.cache_resource(max_entries=12, show_spinner=False)
def _without(
    pixels: bytes, weights: tuple[str, int, int], ablations: tuple[Ablation, ...], _subject: Subject
) -> Subject:
    features = capture_with(_subject.model, ablations, _subject.features.input)
    return replace(_subject, features=features, ablations=ablations, unablated=_subject)


def _read_only(array: np.ndarray) -> np.ndarray:
    array.setflags(write=False)
    return array
