"""Euclidean neighbours by comparing all rows, on a GPU."""

import math
from functools import partial

import torch

# What lies in the device's memory at once: distances, and differences of rows.
_COMPARED_ENTRIES = 2**28
_RANKED_ENTRIES = 2**25


def search_on_gpu(device):
    """Return the search of a device, or None where no GPU of CUDA's is to be had.

    Parameters
    ----------
    device : str
        "auto" or a name that torch knows.

    Returns
    -------
    callable or None
        Takes rows and a number of neighbours, as `compare_all_rows` does.
    """
    device = "cuda" if device == "auto" else device
    if not device.startswith("cuda") or not torch.cuda.is_available():
        return None
    return partial(compare_all_rows, device=torch.device(device))


@torch.inference_mode()
def compare_all_rows(X, n_neighbors, *, device):
    """Find the nearest other rows of each row.

    Products in float32 find candidates, which are ranked in float64. Where rounding may
    have hidden a neighbour from the candidates, products in float64 find them again.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        The rows, with their origin among them.
    n_neighbors : int
        Number of other rows, less than `n_samples`.
    device : torch.device
        Where to compare them.

    Returns
    -------
    indices, distances : ndarray of shape (n_samples, n_neighbors)
        Other rows, the nearest first, and how far they are.
    """
    rows = torch.from_numpy(X).to(device).double()
    norms = rows.square().sum(dim=1).sqrt()
    indices = torch.empty(len(X), n_neighbors, dtype=torch.int64, device=device)
    distances = torch.empty(len(X), n_neighbors, dtype=rows.dtype, device=device)
    unsure = torch.arange(len(X), device=device)
    # The user may have lowered the precision of products in float32.
    exact = torch.get_float32_matmul_precision() == "highest"
    for dtype in (torch.float32, torch.float64) if exact else (torch.float64,):
        rounding = 8 * math.sqrt(X.shape[1]) * torch.finfo(dtype).eps
        complete = []
        for some, candidates in _candidates(rows.to(dtype), unsure, n_neighbors):
            ranked, lengths = _rank(rows, some, candidates)
            indices[some] = ranked[:, :n_neighbors]
            distances[some] = lengths[:, :n_neighbors]
            margin = lengths[:, -1].square() - lengths[:, n_neighbors - 1].square()
            complete.append(margin > rounding * (norms[some] + lengths[:, -1]).square())
        unsure = unsure[~torch.cat(complete)]
        if not len(unsure):
            break
    return indices.numpy(force=True), distances.numpy(force=True)


def _candidates(rows, searched, n_neighbors):
    """Yield some of the searched rows, and others near them."""
    n_samples, n_features = rows.shape
    n_candidates = min(2 * n_neighbors + 8, n_samples - 1)
    squares = rows.square().sum(dim=1)
    n_ranked = max(1, _RANKED_ENTRIES // (n_candidates * n_features))
    for chunk in searched.split(max(1, _COMPARED_ENTRIES // n_samples)):
        # Less the square of the row itself, which changes no order.
        with torch.autocast(rows.device.type, enabled=False):
            compared = torch.addmm(squares, rows[chunk], rows.T, alpha=-2)
        compared[torch.arange(len(chunk), device=rows.device), chunk] = torch.inf
        nearest = compared.topk(n_candidates, largest=False, sorted=False).indices
        del compared  # before there is another of its size
        yield from zip(chunk.split(n_ranked), nearest.split(n_ranked), strict=True)


def _rank(rows, some, candidates):
    """Sort the candidates of some rows by distance, and by their number."""
    candidates = candidates.sort(dim=1).values
    differences = rows[candidates] - rows[some][:, None]
    lengths, order = differences.square().sum(dim=2).sqrt().sort(dim=1, stable=True)
    return candidates.gather(1, order), lengths
