"""Marks that several files of tests share."""

import pytest
import torch

# joblib's backend of Dask deletes an entry as a weak reference dies, which another
# thread may have deleted: a KeyError that nothing catches, and that changes nothing.
joblib_on_dask = pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <function _WeakKeyDictionary"
    ":pytest.PytestUnraisableExceptionWarning"
)

needs_gpu = pytest.mark.skipif(
    not torch.cuda.is_available(), reason="needs a CUDA device"
)

# Python warns of forks beside threads, which the tests of forks are about.
forks = pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
