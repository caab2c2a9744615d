"""What can be done with an open layer: top images, filters, time-lapse, ablation, comparison, downloads."""
