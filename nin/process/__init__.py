"""A training as a process: the worker, who starts it, who comes next on the device, and what it writes to its run directory. Imports training and below."""
