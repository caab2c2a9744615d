"""Which part of the input a value depends on, and where on the input its map belongs."""

from __future__ import annotations

from dataclasses import dataclass

from nin.model.window import Window


@dataclass(frozen=True)
class ReceptiveField:
    """Of one layer, along one side of the square input; positions count the layer's own values.

    `size`, `stride` and `first_centre` describe it away from the borders (Araujo, Norris, Sim:
    "Computing Receptive Fields of Convolutional Neural Networks", Distill 2019, in centres
    instead of edges). `windows` are exact everywhere: padding is no part of the picture, and
    what pooling leaves over at the far border is seen by nobody.
    """

    size: int  # pixels that a value depends on
    stride: int  # pixels between two neighbouring values
    first_centre: float  # where the first value is centred; the input's border is at 0
    windows: tuple[
        tuple[int, int], ...
    ]  # of each value: the first pixel that it depends on, and the one after the last

    @classmethod
    def of_pixels(cls, count: int) -> ReceptiveField:
        """That of the input itself, `count` pixels a side: each depends on itself."""
        return cls(1, 1, 0.5, tuple((pixel, pixel + 1) for pixel in range(count)))

    def through(self, window: Window) -> ReceptiveField:
        """That of the layer which moves `window` over the values that this one belongs to."""
        inputs = len(self.windows)
        sources = [window.inputs_of(output, inputs) for output in range(window.outputs(inputs))]
        return ReceptiveField(
            self.size + (window.size - 1) * self.stride,
            self.stride * window.stride,
            self.first_centre + ((window.size - 1) / 2 - window.padding) * self.stride,
            tuple((self.windows[first][0], self.windows[end - 1][1]) for first, end in sources),
        )

    @property
    def spread(self) -> tuple[float, float]:
        """Where the values lie when each covers a square as wide as the stride: start and end, in pixels.

        Either may lie outside the input, since padding lets values sit on its border. A single
        value covers all that it depends on.
        """
        if len(self.windows) == 1:
            start, end = self.windows[0]
            return float(start), float(end)
        start = self.first_centre - self.stride / 2
        return start, start + len(self.windows) * self.stride

    def centre(self, position: int) -> float:
        """Where a value is centred, in pixels."""
        return self.first_centre + position * self.stride

    def nearest(self, coordinate: float) -> int:
        """The value whose centre is nearest to a place of the input, in pixels."""
        return min(range(len(self.windows)), key=lambda position: abs(self.centre(position) - coordinate))
