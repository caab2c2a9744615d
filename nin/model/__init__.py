"""The network of the book and what can be said of it from its architecture alone. Imports nothing of nin but presets and errors."""
