"""Fitted maps and label rules as ONNX models."""

import copy
import importlib.util
import logging
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import nn

from .._engine.modes import default_modes
from .._engine.networks.network import StandardizedNetwork
from .._fit.labels.assignment import (
    Discretization,
    LabelRule,
    NearestCenter,
    PivotedRotation,
)
from .._fit.labels.membership import SMALLEST, Memberships
from .._fit.labels.merged_centers import MergedCenters
from .replacing import replacing

_PACKAGES = "onnx", "onnxscript"
_DTYPES = {"float32": torch.float32, "float64": torch.float64}


def export_onnx(
    network: StandardizedNetwork | None,
    rule: LabelRule | None,
    memberships: Memberships | None,
    n_features: int,
    path: str | os.PathLike,
    dtype: Any,
) -> None:
    """Write a fitted map, and a label rule, as an ONNX model.

    Parameters
    ----------
    network : StandardizedNetwork or None
        The map.
    rule : LabelRule or None
        The rule that labels its outputs. None exports the embedding alone.
    memberships : Memberships or None
        The probabilities of its clusters. None leaves them out.
    n_features : int
        Number of features of a row.
    path : str or os.PathLike
        Name of the file.
    dtype : {numpy.float32, numpy.float64}
        Precision of the input, the embedding and the probabilities.
    """
    if network is None:
        raise ValueError(
            "export_onnx writes the map of features that a network has learned, "
            "but there is none: only a graph was given. Give features as X, and "
            "the graph with fit(X, affinity_matrix=W)."
        )
    precision = np.dtype(dtype).name
    if precision not in _DTYPES:
        raise ValueError(f"dtype must be float32 or float64, got {dtype!r}.")
    model = _Model(network, rule, memberships, _DTYPES[precision])
    # A name that cannot be written is refused before the seconds of conversion.
    with replacing(path) as file:
        file.write(_onnx_model(model, n_features).SerializeToString())


class _Model(nn.Module):
    """The exported computation: `transform` and, of a clusterer, `predict_proba`."""

    def __init__(
        self,
        network: StandardizedNetwork,
        rule: LabelRule | None,
        memberships: Memberships | None,
        dtype: torch.dtype,
    ) -> None:
        super().__init__()
        self.network = copy.deepcopy(network)
        self.network.map = _SinglePrecision(self.network.map)
        self.rule, self.memberships, self.dtype = rule, memberships, dtype
        self.eval()

    @property
    def outputs(self) -> list[str]:
        """Names of the outputs."""
        if self.rule is None:
            return ["embedding"]
        known = [] if self.memberships is None else ["probabilities"]
        return ["embedding", "labels", *known]

    def forward(self, x: torch.Tensor) -> torch.Tensor | tuple[torch.Tensor, ...]:
        Y = self.network(x)
        if self.rule is None:
            return Y.to(self.dtype)
        scores = _SCORES[type(self.rule)](self.rule, Y)
        found = [Y.to(self.dtype), scores.argmax(dim=1).to(torch.int32)]
        if self.memberships is not None:
            squares = (self.memberships.spread - scores).clamp(min=SMALLEST)
            log_kernel = -torch.log(squares)
            below = log_kernel - log_kernel.amax(dim=1, keepdim=True)
            probabilities = torch.softmax(below / self.memberships.temperature, dim=1)
            found.append(probabilities.to(self.dtype))
        return tuple(found)


class _SinglePrecision(nn.Module):
    """A map computed in float32."""

    def __init__(self, trained_map: nn.Module) -> None:
        super().__init__()
        self.map = trained_map.float()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.map(x.float()).double()


def _nearness(rule: NearestCenter | MergedCenters, Y: torch.Tensor) -> torch.Tensor:
    points = _unit_rows(Y) if rule.unit_length and Y.shape[1] > 1 else Y
    difference = points[:, None, :] - torch.as_tensor(rule.centers)
    return -difference.square().sum(dim=2)


def _nearness_of_parts(rule: MergedCenters, Y: torch.Tensor) -> torch.Tensor:
    nearness = _nearness(rule, Y)
    ends = [*rule.starts[1:], len(rule.centers)]
    spans = zip(rule.starts.tolist(), ends, strict=True)
    return torch.stack([nearness[:, a:b].amax(dim=1) for a, b in spans], dim=1)


def _partition(rule: Discretization, Y: torch.Tensor) -> torch.Tensor:
    scaled = _unit_rows(Y * torch.as_tensor(rule.scale))
    return 2.0 * (scaled @ torch.as_tensor(rule.rotation)) - 2.0


def _pivots(rule: PivotedRotation, Y: torch.Tensor) -> torch.Tensor:
    return 2.0 * (_unit_rows(Y) @ torch.as_tensor(rule.rotation)).abs() - 2.0


# The scores of the rules in torch's operations. The label is the largest entry.
_SCORES: dict[type, Callable[[Any, torch.Tensor], torch.Tensor]] = {
    MergedCenters: _nearness_of_parts,
    NearestCenter: _nearness,
    Discretization: _partition,
    PivotedRotation: _pivots,
}


def _unit_rows(Y: torch.Tensor) -> torch.Tensor:
    norms = Y.square().sum(dim=1, keepdim=True).sqrt()
    return Y / torch.where(norms > 0, norms, 1.0)


@default_modes()
def _onnx_model(model: _Model, n_features: int) -> Any:
    """Convert a model using torch's exporter."""
    missing = [name for name in _PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        raise ImportError(
            f"export_onnx needs {' and '.join(missing)}: install sknet-spectral[onnx]."
        )
    with _quiet_exporter():
        program = torch.onnx.export(
            model,
            (torch.zeros(2, n_features, dtype=model.dtype),),
            input_names=["X"],
            output_names=model.outputs,
            dynamic_shapes=({0: torch.export.Dim("n_rows")},),
            dynamo=True,
            verbose=False,
        )
    if program is None:
        raise RuntimeError("torch.onnx.export has returned no program.")
    onnx_model = program.model_proto
    graph = onnx_model.graph
    # The exporter stores paths of source files on this machine.
    for part in (*graph.node, *graph.input, *graph.output, *graph.initializer):
        part.ClearField("metadata_props")
    return onnx_model


@contextmanager
def _quiet_exporter() -> Iterator[None]:
    """Silence what torch's exporter says about its own gaps and deprecations."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            warnings.simplefilter("ignore", DeprecationWarning)
            yield
    finally:
        logger.setLevel(level)
