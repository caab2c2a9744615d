"""How a layer moves over its input: the arithmetic of sizes that torch follows, without torch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Window:
    """What a layer looks at for one value of its output, along one side of its square input."""

    size: int = 1
    stride: int = 1
    padding: int = 0
    ceil_mode: bool = False  # a last window that overhangs the border counts

    def outputs(self, inputs: int) -> int:
        """How many values come out where `inputs` go in; ValueError where no window fits."""
        room = inputs + 2 * self.padding - self.size
        count = (room + (self.stride - 1 if self.ceil_mode else 0)) // self.stride + 1
        if self.ceil_mode and (count - 1) * self.stride >= inputs + self.padding:
            count -= 1  # a window that begins behind the border has nothing to look at
        if count < 1:
            raise ValueError(f"a window of {self.size} does not fit into {inputs} values")
        return count

    def inputs_of(self, output: int, inputs: int) -> tuple[int, int]:
        """First of `inputs` values that `output` is made of, and the one after the last; padding is none of them."""
        start = output * self.stride - self.padding
        return max(0, start), min(inputs, start + self.size)
