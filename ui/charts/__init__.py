"""The charts of runs: their axes, curves and marks, and how they are drawn live. Imports ui.base and nin."""
