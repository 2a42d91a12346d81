"""Marks that several files of tests share."""

import pytest

# joblib's backend of Dask deletes an entry as a weak reference dies, which another
# thread may have deleted: a KeyError that nothing catches, and that changes nothing.
joblib_on_dask = pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <function _WeakKeyDictionary"
    ":pytest.PytestUnraisableExceptionWarning"
)
