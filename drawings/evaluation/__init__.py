"""Drawings made without knowledge of the training drawings, to measure recognition with."""
