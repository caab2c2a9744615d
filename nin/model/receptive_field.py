"""Which part of the input a value depends on, and where on the input its map belongs."""

from __future__ import annotations

from dataclasses import dataclass

from nin.model.cost import LayerCost


@dataclass(frozen=True)
class Receptive:
    """Of one layer, along one side of the square input; positions count the layer's own values."""

    field: int  # pixels that a value depends on
    stride: int  # pixels between two neighbouring values
    first_centre: float  # where the first value is centred; the input's border is at 0
    input_size: int  # pixels

    @classmethod
    def of(cls, layer: LayerCost, input_size: int) -> Receptive:
        return cls(layer.receptive_field, layer.stride, layer.first_centre, input_size)

    def seen(self, position: int) -> tuple[int, int]:
        """First pixel that the value depends on and the one after the last; padding is not counted."""
        centre = self.first_centre + position * self.stride
        start = round(centre - self.field / 2)
        return max(0, start), min(self.input_size, start + self.field)

    def spread(self, count: int) -> tuple[float, float]:
        """Where `count` values lie when each covers a square as wide as the stride: start and end.

        Either may lie outside the input, since padding lets values sit on its border.
        """
        start = self.first_centre - self.stride / 2
        return start, start + count * self.stride
