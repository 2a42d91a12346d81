"""Fixtures of many tests, scikit-learn's marker, and how often properties are tried."""

import pytest
from hypothesis import settings

# The fast suite tries the same few examples in each run, each a fit or two in many
# tests. `make test-slow` tries thousands of others.
settings.register_profile("fast", max_examples=40, derandomize=True, deadline=None)
settings.register_profile("thorough", max_examples=5000, deadline=None)
settings.load_profile("fast")


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "no_check_spmatrix: scikit-learn's, for an option that we lack"
    )


@pytest.fixture
def global_random_seed():
    """The seed of scikit-learn's own tests, where its environment sets none."""
    return 42


@pytest.fixture(scope="session")
def digits():
    """All digits, their classes, and the default clustering of them."""
    # The process that hands out the tests reads this file, and needs none of these.
    from sklearn.datasets import load_digits

    from sknet_spectral import SpectralNetClustering

    X, y = load_digits(return_X_y=True)
    return X, y, SpectralNetClustering(10, random_state=0).fit(X)
