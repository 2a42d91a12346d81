"""Hidden layers drawn from pairs of rows before training.

Source: Bolager et al., "Sampling weights of deep neural networks", NeurIPS 2023.
"""

from typing import cast

import torch
from torch import nn

from ..rows import Rows

# The activation of a unit passes from one bend to the other between its two rows.
_STEEPNESS = 4.0
_PAIRS_PER_UNIT = 8
# Smallest squared distance of a pair, in units of the mean. Units from nearer rows
# would be too steep to train.
_MIN_SQUARE = 1e-4
_MAX_ROWS, _MAX_ENTRIES = 4096, 2**24


@torch.no_grad()
def sample_hidden_layers(
    network: nn.Module, X: Rows, targets: torch.Tensor, generator: torch.Generator
) -> None:
    """Draw the weights of hidden layers from pairs of rows.

    The weight of a unit is the difference between two rows, and its bias puts the step
    half way between them. The probability of a pair is proportional to the slope of the
    targets between its rows, so units lie where the targets change. With a last layer
    solved by least squares, this fits small data as well as training does.

    Parameters
    ----------
    network : torch.nn.Sequential
        Alternating linear layers and activations. All linear layers except the last
        are changed in place.
    X : {Tensor, SparseRows} of shape (n_rows, n_features)
        Scaled rows.
    targets : Tensor of shape (n_rows, k)
        The wanted outputs.
    generator : torch.Generator
        Draws the pairs.
    """
    layers = cast(nn.Sequential, network)
    *hidden, _ = [layer for layer in layers if isinstance(layer, nn.Linear)]
    n_features = cast(nn.Linear, layers[0]).in_features
    n_drawn = max(2, min(_MAX_ROWS, _MAX_ENTRIES // n_features))
    rows = torch.randperm(len(X), generator=generator)[:n_drawn]
    rows = rows.to(targets.device)
    H, targets = X[rows].to_dense(), targets[rows]
    for layer in hidden:
        first, second = _steep_pairs(H, targets, layer.out_features, generator)
        difference = H[second] - H[first]
        squares = difference.square().sum(dim=1, keepdim=True)
        tiny = torch.finfo(squares.dtype).tiny
        floor = max(_MIN_SQUARE * float(squares.mean()), tiny)
        weight = _STEEPNESS * difference / squares.clamp(min=floor)
        layer.weight.copy_(weight)
        layer.bias.copy_(-(weight * (H[first] + H[second]) / 2).sum(dim=1))
        H = nn.functional.gelu(layer(H))


def _steep_pairs(
    H: torch.Tensor, targets: torch.Tensor, n_pairs: int, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Draw pairs of near rows whose targets differ much."""
    n_rows, n_drawn = len(H), _PAIRS_PER_UNIT * n_pairs
    first = torch.randint(n_rows, (n_drawn,), generator=generator)
    apart = torch.randint(1, n_rows, (n_drawn,), generator=generator)
    second = (first + apart) % n_rows
    first, second = first.to(H.device), second.to(H.device)
    distances = _distances(H, first, second)
    changes = _distances(targets, first, second)
    slopes = torch.where(distances > 0, changes / distances, 0.0).cpu()
    if not slopes.sum() > 0:
        slopes = torch.ones_like(slopes)
    few = int((slopes > 0).sum()) < n_pairs
    drawn = torch.multinomial(slopes, n_pairs, replacement=few, generator=generator)
    return first[drawn.to(H.device)], second[drawn.to(H.device)]


def _distances(
    rows: torch.Tensor, first: torch.Tensor, second: torch.Tensor
) -> torch.Tensor:
    """Measure pairs of rows, a part at a time, since their differences are large."""
    n_pairs = max(1, _MAX_ENTRIES // rows.shape[1])
    parts = zip(first.split(n_pairs), second.split(n_pairs), strict=True)
    return torch.cat([(rows[b] - rows[a]).norm(dim=1) for a, b in parts])
