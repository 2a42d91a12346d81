"""The two optimisers: an alternating variant of Muon for inner matrices, and Adam.

torch has both. Its Muon always multiplies in bfloat16, which is a hundred times slower
on a processor without bfloat16 units. Creating any of torch's optimisers also imports
its compiler, which takes 0.8 s in every new process; its function of Adam does not.
"""

from collections.abc import Sequence
from typing import Protocol

import torch
from torch.optim.adam import adam

_MUON_COEFFICIENTS = 3.4445, -4.7750, 2.0315
_MUON_MOMENTUM = 0.95
_WEIGHT_DECAY = 0.1
# Newton-Schulz iterations: 3 generalise better on MNIST than 5, and cost less.
_ORTHOGONALIZATION_STEPS = 3
# From this ratio of its sides on, a matrix is orthogonalised through its Gram matrix.
_LONG = 4
# Moving a matrix every second step reaches the same error in a sixth less time.
_STEPS_APART = 2
_ADAM_DECAYS = 0.9, 0.999
_ADAM_EPSILON = 1e-8


class Optimizer(Protocol):
    """Changes parameters using their gradients."""

    def tensors(self) -> list[torch.Tensor]:
        """Return everything that a step changes, except the parameters."""

    def step(self, rate: float) -> None:
        """Take one step."""


class Muon:
    """Steps along the orthogonal matrix nearest to each matrix's gradient.

    This variant alternates, since orthogonalising costs more than the gradients: each
    matrix moves every second step, twice as far, using all gradients up to then.

    Source: Jordan et al., "Muon: an optimizer for hidden layers in neural
    networks", 2024.

    Parameters
    ----------
    matrices : list of Parameter
        The matrices to optimise.
    dtype : torch.dtype
        Precision of the matrix products.
    """

    def __init__(self, matrices: Sequence[torch.Tensor], dtype: torch.dtype) -> None:
        self.dtype = dtype
        self.n_steps = torch.zeros((), dtype=torch.int64)
        self.state = [(matrix, torch.zeros_like(matrix)) for matrix in matrices]

    def tensors(self) -> list[torch.Tensor]:
        """Return everything that a step changes, except the matrices."""
        return [self.n_steps, *(momentum for _, momentum in self.state)]

    @torch.no_grad()
    def step(self, rate: float) -> None:
        """Take one step, of length `rate` in the spectral norm on average."""
        turn = int(self.n_steps)
        self.n_steps += 1
        for i, (matrix, momentum) in enumerate(self.state, turn):
            if matrix.grad is None:  # frozen or unused in a custom network
                continue
            momentum.lerp_(matrix.grad, 1 - _MUON_MOMENTUM)
            if i % _STEPS_APART == 0:
                self._move(matrix, matrix.grad, momentum, _STEPS_APART * rate)

    def _move(
        self,
        matrix: torch.Tensor,
        gradient: torch.Tensor,
        momentum: torch.Tensor,
        length: float,
    ) -> None:
        direction = gradient.lerp(momentum, _MUON_MOMENTUM)  # Nesterov
        direction = _orthogonalize(direction.to(self.dtype))
        shape_factor = max(1.0, matrix.shape[0] / matrix.shape[1]) ** 0.5
        matrix.mul_(1 - length * _WEIGHT_DECAY)
        matrix.add_(direction, alpha=-length * shape_factor)


class Adam:
    """Steps along the running mean of the gradient over its running deviation.

    The small constant in the denominator is the paper's epsilon hat, at the end of its
    section 2.

    Source: Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015.

    Parameters
    ----------
    parameters : list of Parameter
        The parameters to optimise.
    """

    def __init__(self, parameters: Sequence[torch.Tensor]) -> None:
        self.state = [
            (p, torch.zeros_like(p), torch.zeros_like(p), _zero(p.device))
            for p in parameters
        ]

    def tensors(self) -> list[torch.Tensor]:
        """Return everything that a step changes, except the parameters."""
        return [tensor for _, *tensors in self.state for tensor in tensors]

    @torch.no_grad()
    def step(self, rate: float) -> None:
        """Take one step at the given rate."""
        state = [
            (*_by_rows(parameter, parameter.grad, mean, square), n_steps)
            for parameter, mean, square, n_steps in self.state
            if parameter.grad is not None  # frozen or unused in a custom network
        ]
        if not state:
            return
        parameters, gradients, means, squares, step_counts = map(
            list, zip(*state, strict=True)
        )
        first, second = _ADAM_DECAYS
        # Added before the bias is corrected, it damps steps along tiny gradients.
        epsilon = _ADAM_EPSILON / (1 - second ** (float(step_counts[0]) + 1)) ** 0.5
        adam(
            parameters,
            gradients,
            means,
            squares,
            [],
            step_counts,
            fused=True,
            amsgrad=False,
            beta1=first,
            beta2=second,
            lr=rate,
            weight_decay=0.0,
            eps=epsilon,
            maximize=False,
        )


def _zero(device: torch.device) -> torch.Tensor:
    return torch.zeros((), dtype=torch.float32, device=device)


def _by_rows(
    parameter: torch.Tensor, gradient: torch.Tensor, *moments: torch.Tensor
) -> list[torch.Tensor]:
    """Give tensors one order, that of the rows of a matrix if possible.

    A fused step goes through their memory as it lies, and copies what lies by columns.
    """
    if gradient.stride() != parameter.stride():
        gradient = torch.empty_like(parameter).copy_(gradient)
    tensors = [parameter, gradient, *moments]
    is_by_columns = parameter.ndim == 2 and parameter.T.is_contiguous()
    return [tensor.T for tensor in tensors] if is_by_columns else tensors


def _orthogonalize(G: torch.Tensor) -> torch.Tensor:
    """Push the singular values of G towards one using Newton-Schulz iterations."""
    wide = G.T if G.shape[0] > G.shape[1] else G
    wide = wide / wide.norm().clamp(min=1e-7)
    is_long = wide.shape[1] >= _LONG * wide.shape[0]
    wide = _iterate_gram(wide) if is_long else _iterate(wide)
    return wide.T if G.shape[0] > G.shape[1] else wide


def _iterate(wide: torch.Tensor) -> torch.Tensor:
    for _ in range(_ORTHOGONALIZATION_STEPS):
        wide = torch.addmm(
            wide, _polynomial(wide @ wide.T), wide, beta=_MUON_COEFFICIENTS[0]
        )
    return wide


def _iterate_gram(wide: torch.Tensor) -> torch.Tensor:
    """Iterate on the small Gram matrix; the long matrix is multiplied only twice."""
    gram = (wide @ wide.T).float()  # products of small matrices may well be precise
    product = torch.eye(len(gram), dtype=gram.dtype, device=gram.device)
    for _ in range(_ORTHOGONALIZATION_STEPS):
        factor = _polynomial(gram)
        factor.diagonal().add_(_MUON_COEFFICIENTS[0])
        product = factor @ product
        gram = factor @ gram @ factor
    return product.to(wide.dtype) @ wide


def _polynomial(gram: torch.Tensor) -> torch.Tensor:
    _, b, c = _MUON_COEFFICIENTS
    return torch.addmm(gram, gram, gram, beta=b, alpha=c)
