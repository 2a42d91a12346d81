"""Euclidean neighbours by comparing all rows, on a GPU."""

import math
from functools import partial

import torch

from .device import resolve_device

# What lies in the device's memory at once: distances, and differences of rows.
_COMPARED_ENTRIES = 2**28
_RANKED_ENTRIES = 2**25


def search_on_gpu(device):
    """Return the search of a device, or None where that is no GPU of CUDA's.

    Parameters
    ----------
    device : str
        "auto" or a name that torch knows.

    Returns
    -------
    callable or None
        Takes rows and a number of neighbours, as `compare_all_rows` does.
    """
    device = resolve_device(device)
    return partial(compare_all_rows, device=device) if device.type == "cuda" else None


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
    rows = torch.tensor(X, dtype=torch.float64, device=device)
    indices = torch.empty(len(X), n_neighbors, dtype=torch.int64, device=device)
    distances = torch.empty(len(X), n_neighbors, dtype=rows.dtype, device=device)
    unsure = torch.arange(len(X), device=device)
    for dtype in (torch.float32, torch.float64):
        complete = []
        for some, candidates, rounding in _candidates(
            rows.to(dtype), unsure, n_neighbors
        ):
            ranked, lengths = _ranked(rows, some, candidates)
            indices[some] = ranked[:, :n_neighbors]
            distances[some] = lengths[:, :n_neighbors]
            margin = lengths[:, -1].square() - lengths[:, n_neighbors - 1].square()
            complete.append(margin > rounding)
        unsure = unsure[~torch.cat(complete)]
        if not len(unsure):
            break
    return indices.numpy(force=True), distances.numpy(force=True)


def _candidates(rows, searched, n_neighbors):
    """Yield some of the searched rows, others near them, the error of their squares."""
    n_samples, n_features = rows.shape
    n_candidates = min(2 * n_neighbors + 8, n_samples - 1)
    squares = rows.square().sum(dim=1)
    rounding = 8 * math.sqrt(n_features) * torch.finfo(rows.dtype).eps * squares.max()
    n_ranked = max(1, _RANKED_ENTRIES // (n_candidates * n_features))
    for chunk in searched.split(max(1, _COMPARED_ENTRIES // n_samples)):
        # Less the square of the row itself, which changes no order.
        compared = squares - 2 * rows[chunk] @ rows.T
        compared[torch.arange(len(chunk), device=rows.device), chunk] = torch.inf
        nearest = compared.topk(n_candidates, largest=False, sorted=False).indices
        for some, others in zip(
            chunk.split(n_ranked), nearest.split(n_ranked), strict=True
        ):
            yield some, others, rounding


def _ranked(rows, some, candidates):
    """Sort the candidates of some rows by distance, and by their number."""
    candidates = candidates.sort(dim=1).values
    differences = rows[candidates] - rows[some][:, None]
    lengths, order = differences.square().sum(dim=2).sqrt().sort(dim=1, stable=True)
    return candidates.gather(1, order), lengths
