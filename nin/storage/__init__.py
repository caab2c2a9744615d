"""Files: the run directory, checkpoints, weights and their cards. Reading a run directory needs no torch. Imports model and data."""
