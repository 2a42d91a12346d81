"""Augmented rows: changed copies of the training rows, drawn anew for each batch."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray

from .modes import default_modes
from .rows import Matrix, is_sparse, rows_in_own_units
from .sparse_batch import Batch

# The user's function: takes rows and a generator, returns as many changed rows.
Augment: TypeAlias = Callable[[torch.Tensor, torch.Generator], torch.Tensor]
_ROWS_TO_TRY = 256


class AugmentedRows:
    """Training rows that are augmented in their own units, and then standardised.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_features)
        The rows.
    augment : callable
        The user's function.
    standardize : callable
        Scales a batch of rows.
    device : torch.device
        The device of the batches.
    generator : torch.Generator
        What `augment` draws from.
    """

    def __init__(
        self,
        X: NDArray[np.floating],
        augment: Augment,
        standardize: Callable[[Batch], Batch],
        device: torch.device,
        generator: torch.Generator,
    ) -> None:
        self.X, self.augment, self.standardize = X, augment, standardize
        self.device, self.generator = device, generator

    def __getitem__(self, rows: torch.Tensor) -> torch.Tensor:
        batch = rows_in_own_units(self.X, rows)
        batch = augmented(batch, self.augment, self.generator)
        return self.standardize(batch).to_dense().float().to(self.device)


def augmented_rows(
    X: Matrix,
    augment: Augment | None,
    standardize: Callable[[Batch], Batch],
    device: torch.device,
    generator: torch.Generator,
) -> AugmentedRows | None:
    """Prepare augmented rows, if there is an augmentation.

    Parameters
    ----------
    X, augment, standardize, device, generator
        As of `AugmentedRows`, but `augment` may be None.

    Returns
    -------
    AugmentedRows or None
        The rows; None means that training sees the rows as they are.
    """
    if augment is None:
        return None
    return AugmentedRows(X, augment, standardize, device, generator)


@default_modes()
def check_augmentation(X: Matrix, augment: Augment | None) -> None:
    """Try an augmentation on the first rows, before anything takes long.

    Parameters
    ----------
    X : {ndarray, csr_matrix} of shape (n_rows, n_features)
        The rows.
    augment : callable or None
        The user's function; None means no augmentation.

    Raises
    ------
    TypeError
        If X is sparse, or as in `augmented`.
    ValueError
        If the augmentation draws from elsewhere than its generator, or as in
        `augmented`.
    """
    if augment is None:
        return
    if is_sparse(X):
        raise TypeError(
            "augment takes dense rows, but X is sparse: pass X.toarray() or set "
            "augment=None."
        )
    rows = rows_in_own_units(X, torch.arange(min(len(X), _ROWS_TO_TRY)))
    first, again = (
        augmented(rows, augment, torch.Generator().manual_seed(0)) for _ in range(2)
    )
    if not torch.equal(first, again):
        raise ValueError(
            "augment returns other rows for a generator in the same state: let it draw "
            "from the generator that it gets, as in "
            "torch.randn(rows.shape, generator=generator, dtype=rows.dtype)."
        )


def augmented(
    rows: torch.Tensor, augment: Augment, generator: torch.Generator
) -> torch.Tensor:
    """Call the user's function, and check what it returns.

    Parameters
    ----------
    rows : Tensor of shape (n_rows, n_features)
        Finite rows.
    augment : callable
        The user's function.
    generator : torch.Generator
        What it draws from.

    Returns
    -------
    Tensor of shape (n_rows, n_features)
        The changed rows.

    Raises
    ------
    TypeError
        If the function returns no tensor, or one of another dtype.
    ValueError
        If it returns another shape or values that are not finite, or changes its rows
        in place.
    """
    given = rows.clone()
    with torch.no_grad():
        changed = augment(given, generator)
    if not torch.is_tensor(changed):
        raise TypeError(f"augment must return a tensor, got {type(changed).__name__}.")
    if not torch.equal(given, rows):
        raise ValueError(
            "augment changes its rows in place: let it return new ones, such as a "
            "changed rows.clone()."
        )
    if changed.shape != rows.shape:
        raise ValueError(
            f"augment must return rows of the shape that it gets, {tuple(rows.shape)}, "
            f"got {tuple(changed.shape)}."
        )
    if changed.dtype != rows.dtype:
        raise TypeError(
            f"augment must return rows of the dtype that it gets, {rows.dtype}, got "
            f"{changed.dtype}: draw with dtype=rows.dtype."
        )
    if not torch.isfinite(changed).all():
        raise ValueError("augment returns NaN or infinity for finite rows of X.")
    return changed
