"""Seconds of imports."""

import subprocess
import sys


class Import:
    """The package, and the least that it stands on, each in a new process."""

    def time_import_sknet_spectral(self):
        subprocess.run([sys.executable, "-c", "import sknet_spectral"], check=True)

    def time_import_torch_and_scikit_learn(self):
        command = "import torch, sklearn.cluster, sklearn.neighbors, scipy.sparse"
        subprocess.run([sys.executable, "-c", command], check=True)
