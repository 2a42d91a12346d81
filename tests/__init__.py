"""The tests: a file for each module, and one for each promise across modules."""

import os

# Small matrices gain nothing from threads, and where the machine is shared, threads
# that wait for each other cost minutes. Read once, when numpy and torch are imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
