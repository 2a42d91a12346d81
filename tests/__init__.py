"""The tests: a file for each module, and one for each promise across modules."""

import os

# Waiting threads sleep. Where the machine is shared, spinning costs minutes; OpenMP
# reads this once, when torch is imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
