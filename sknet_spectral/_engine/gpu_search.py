"""Euclidean neighbours by comparing all rows on a GPU."""

import math
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray

# 2 GB of distances in float64, and 256 MB of differences between rows.
_COMPARED_ENTRIES = 2**28
_RANKED_ENTRIES = 2**25


def search_on_gpu(
    device: str,
) -> (
    Callable[[NDArray[np.floating], int], tuple[NDArray[np.int64], NDArray[np.float64]]]
    | None
):
    """Return a function that searches on a GPU, or None without a CUDA device.

    Parameters
    ----------
    device : str
        "auto" or a name that torch knows.

    Returns
    -------
    callable or None
        Takes rows and a number of neighbours, like `compare_all_rows`.
    """
    device = "cuda" if device == "auto" else device
    if not device.startswith("cuda") or not torch.cuda.is_available():
        return None
    return partial(compare_all_rows, device=torch.device(device))


@torch.inference_mode()
def compare_all_rows(
    X: NDArray[np.floating],
    n_neighbors: int,
    *,
    device: torch.device,
    max_compared: int = _COMPARED_ENTRIES,
    max_ranked: int = _RANKED_ENTRIES,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Find the nearest other rows of each row.

    Products in float32 find candidates, which are ranked in float64. If rounding may
    have hidden a neighbour of a row, products in float64 find its candidates again.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Centred rows.
    n_neighbors : int
        Number of neighbours of each row, less than `n_samples`.
    device : torch.device
        The device on which to compare them.
    max_compared, max_ranked : int
        Maximum numbers of distances, and of entries of differences between rows, in
        the device's memory at once.

    Returns
    -------
    indices, distances : ndarray of shape (n_samples, n_neighbors)
        Other rows, the nearest first, and their distances.
    """
    rows = torch.from_numpy(X).to(device).double()
    norms = rows.square().sum(dim=1).sqrt()
    indices = torch.empty(len(X), n_neighbors, dtype=torch.int64, device=device)
    distances = torch.empty(len(X), n_neighbors, dtype=rows.dtype, device=device)
    unsure = torch.arange(len(X), device=device)
    exact = _has_exact_products(device)
    for dtype in (torch.float32, torch.float64) if exact else (torch.float64,):
        rounding = 8 * math.sqrt(X.shape[1]) * torch.finfo(dtype).eps
        complete = []
        blocks = _candidates(
            rows.to(dtype), unsure, n_neighbors, max_compared, max_ranked
        )
        for some, candidates in blocks:
            ranked, lengths = _rank(rows, some, candidates)
            indices[some] = ranked[:, :n_neighbors]
            distances[some] = lengths[:, :n_neighbors]
            margin = lengths[:, -1].square() - lengths[:, n_neighbors - 1].square()
            complete.append(margin > rounding * (norms[some] + lengths[:, -1]).square())
        unsure = unsure[~torch.cat(complete)]
        if not len(unsure):
            break
    return indices.numpy(force=True), distances.numpy(force=True)


def _has_exact_products(device: torch.device) -> bool:
    """Tell whether the user has left products in float32 at full precision."""
    # torch.get_float32_matmul_precision fails if precisions were set by device.
    backend = torch.backends.cuda if device.type == "cuda" else torch.backends.mkldnn
    return backend.matmul.fp32_precision in ("none", "ieee")


def _candidates(
    rows: torch.Tensor,
    searched: torch.Tensor,
    n_neighbors: int,
    max_compared: int,
    max_ranked: int,
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Yield blocks of the searched rows, and candidates for their neighbours."""
    n_samples, n_features = rows.shape
    n_candidates = min(2 * n_neighbors + 8, n_samples - 1)
    squares = rows.square().sum(dim=1)
    n_ranked = max(1, max_ranked // (n_candidates * n_features))
    for chunk in searched.split(max(1, max_compared // n_samples)):
        # The square of the row itself is left out, since it does not change the order.
        with torch.autocast(rows.device.type, enabled=False):
            compared = torch.addmm(squares, rows[chunk], rows.T, alpha=-2)
        compared[torch.arange(len(chunk), device=rows.device), chunk] = torch.inf
        nearest = compared.topk(n_candidates, largest=False, sorted=False).indices
        del compared  # before the next one is allocated
        yield from zip(chunk.split(n_ranked), nearest.split(n_ranked), strict=True)


def _rank(
    rows: torch.Tensor, some: torch.Tensor, candidates: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Sort the candidates of some rows by distance, then by position."""
    candidates = candidates.sort(dim=1).values
    differences = rows[candidates] - rows[some][:, None]
    lengths, order = differences.square().sum(dim=2).sqrt().sort(dim=1, stable=True)
    return candidates.gather(1, order), lengths
