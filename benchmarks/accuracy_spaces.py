"""The spaces in which rows are clustered, each learned once for all contestants."""

import time
from functools import cached_property
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np
from pynndescent import NNDescent
from scipy import sparse
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from sknet_spectral import AutoencoderTransformer, SiameseTransformer


def import_peer(module):
    """Import a module that this package does not need."""
    try:
        return import_module(module)
    except ImportError as error:
        raise SystemExit(
            f"{module} is missing: pip install -e '.[benchmarks]', or name the "
            "contestants that do without it with --only."
        ) from error


class Space(NamedTuple):
    """Rows as a contestant sees them, and the seconds that fitting the space took."""

    rows: Any
    held_out: Any
    seconds: float


class Spaces:
    """One data set and one seed: the rows, and all spaces learned from them."""

    def __init__(self, X, held_out, n_clusters, seed):
        self.raw = Space(X, held_out, 0.0)
        self.n_clusters = n_clusters
        self.seed = seed
        self.metric = "cosine" if sparse.issparse(X) else "euclidean"

    @cached_property
    def codes(self):
        return _learn(AutoencoderTransformer(10, random_state=self.seed), self.raw)

    @cached_property
    def siamese(self):
        transformer = SiameseTransformer(metric=self.metric, random_state=self.seed)
        return _learn(transformer, self.raw)

    @cached_property
    def umap(self):
        return _learn(_umap(self.metric, self.seed), self.raw)

    @cached_property
    def umap_of_codes(self):
        return _learn(_umap("euclidean", self.seed), self.codes)


def _learn(transformer, space):
    start = time.perf_counter()
    rows = transformer.fit_transform(space.rows)
    seconds = space.seconds + time.perf_counter() - start
    if space.held_out is None:
        return Space(rows, None, seconds)
    return Space(rows, transformer.transform(space.held_out), seconds)


def _umap(metric, seed, **parameters):
    # A seed allows UMAP one thread; a mixture of its clusters wants double precision.
    return make_pipeline(
        import_peer("umap").UMAP(
            n_neighbors=30,
            min_dist=0.0,
            n_components=10,
            metric=metric,
            random_state=seed,
            n_jobs=1,
            **parameters,
        ),
        FunctionTransformer(np.float64),
    )


def compile_searches(X, *, with_umap):
    """Have numba compile, on a few rows, what would count for whoever comes first."""
    spaces = Spaces(X[:5_000], None, None, 0)
    NNDescent(spaces.raw.rows, metric=spaces.metric, n_neighbors=16, random_state=0)
    if with_umap:
        model = _umap(spaces.metric, 0, n_epochs=10).fit(spaces.raw.rows)
        model.transform(X[:50])
