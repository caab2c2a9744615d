"""Draws the clothes and other things that weights are trained, calibrated and measured with. Not needed to run the lab; imports nin."""
