"""Strategies of the property tests: rows with and without ties, graphs, maps, units."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

seeds = st.integers(0, 2**32 - 1)
# Products by these are exact.
powers_of_two = st.integers(-100, 100).map(lambda exponent: 2.0**exponent)
_entries = st.integers(-3, 3).map(float) | st.floats(-3, 3, width=16)


def rows(min_rows=2, max_rows=12, max_columns=3):
    """Rows with many duplicates and many equal distances."""
    shapes = st.tuples(st.integers(min_rows, max_rows), st.integers(1, max_columns))
    return shapes.flatmap(lambda shape: arrays(np.float64, shape, elements=_entries))


@st.composite
def generic_rows(draw, min_rows=2, max_rows=40, max_columns=4):
    """Rows without equal distances."""
    shape = draw(st.integers(min_rows, max_rows)), draw(st.integers(1, max_columns))
    return np.random.default_rng(draw(seeds)).normal(size=shape)


@st.composite
def graphs(draw, min_nodes=2, max_nodes=10):
    """Dense symmetric affinities of any number of components, one edge at least."""
    n_nodes = draw(st.integers(min_nodes, max_nodes))
    upper = np.triu_indices(n_nodes, 1)
    weights = st.just(0.0) | st.floats(2**-23, 1.0)
    W = np.zeros((n_nodes, n_nodes))
    W[upper] = draw(arrays(np.float64, len(upper[0]), elements=weights))
    first, second = draw(st.permutations(range(n_nodes)))[:2]
    W[min(first, second), max(first, second)] = 1.0
    return W + W.T


@st.composite
def maps(draw, n_rows, max_columns=5, full_rank=False):
    """Outputs of a map, of any rank from zero on, exactly or nearly deficient."""
    n_columns = draw(st.integers(1, max_columns))
    rng = np.random.default_rng(draw(seeds))
    lengths = st.integers(-8 if full_rank else -60, 0).map(lambda p: 2.0**p)
    if not full_rank:
        lengths |= st.just(0.0)
    spectrum = draw(arrays(np.float64, n_columns, elements=lengths))
    mixing = rng.normal(size=(n_columns, n_columns))
    return (rng.normal(size=(n_rows, n_columns)) * spectrum) @ mixing
