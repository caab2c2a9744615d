"""Network in Network: the model, its data, its training and what can be seen inside it.

Nothing is imported here, so that ``import nin.runs`` stays light: torch takes two seconds
and the pages that only read run directories do not need it.
"""

__version__ = "0.1.0"
