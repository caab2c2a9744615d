"""Benchmarks: `python -m bench` times the training step; bench.training and bench.pages hold the rest. Imports nin."""
