"""Network in Network: the model, its data, its training and what can be seen inside it.

No torch is imported here, so that ``import nin.storage.run`` stays light: it takes two seconds, and
the pages that only read run directories do not need it.
"""

import os

__version__ = "1.0.0"  # the one place: pyproject.toml reads it from here

# Before torch loads its thread pool: threads that wait sleep instead of spinning. A training
# process beside a web server would otherwise take the cores even while it has nothing to do.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
