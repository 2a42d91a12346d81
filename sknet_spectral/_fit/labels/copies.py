"""A map that gives changed copies of a row the cluster of the row.

The labels that were found are the targets of a second network, as in self-labelling
(Van Gansbeke et al., "SCAN: Learning to classify images without labels", ECCV 2020). It
sees each row in many forms, so a row in the wrong cluster moves to the cluster of
similar rows.
"""

import math
from dataclasses import replace
from typing import cast

import numpy as np

from ..._engine.augmented_rows import Augment
from ..._engine.automatic import automatic_epochs, automatic_sizes
from ..._engine.networks.inference import embed
from ..._engine.networks.network import SpectralNetwork, spectral_network
from ..._engine.objectives.regression import fit_targets
from ..options import TrainingOptions, unless_auto
from ..spectral_map.row_maps import NetworkMap
from ..spectral_map.steps import SpectralFit
from ..underflow import tiny_is_zero
from .assignment import NearestCenter, rows_to_cluster
from .clusters import Clusters, describe

# Copies differ in each epoch, so training on them takes longer than training on rows.
_MIN_EPOCHS, _MIN_STEPS = 20, 1_000


@tiny_is_zero()
def learn_from_copies(
    fit: SpectralFit,
    clusters: Clusters,
    augment: Augment | None,
    options: TrainingOptions,
    *,
    unit_length: bool,
) -> tuple[SpectralFit, Clusters]:
    """Train a network to map changed copies of rows to the means of their clusters.

    Parameters
    ----------
    fit : SpectralFit
        The embedding and the graph.
    clusters : Clusters
        The clusters that were found.
    augment : callable or None
        The user's function (rows, generator) -> rows; None means the rows themselves.
    options : TrainingOptions
        Which network, and how it is trained.
    unit_length : bool
        Whether means are computed from rows of unit length.

    Returns
    -------
    fit : SpectralFit
        The same fit with the new map.
    clusters : Clusters
        The clusters of the rows by the new map.
    """
    points = rows_to_cluster(fit.map.embedding, unit_length)
    labels = np.unique(clusters.labels, return_inverse=True)[1].reshape(-1)
    means = np.stack(
        [points[labels == k].mean(axis=0) for k in range(labels.max() + 1)]
    )
    center = points.mean(axis=0)
    scale = np.sqrt(np.mean(np.square(means[labels] - center))) or 1.0
    targets = ((means - center) / scale).astype(np.float32)[labels]
    network = _trained_on_copies(fit, targets, augment, options)
    network.fix_output(scale * np.eye(len(center)), center)
    embedding = embed(network, fit.sample.rows)
    learned = replace(fit.map, row_map=NetworkMap(network), embedding=embedding)
    fit = replace(fit, map=learned)
    rule = NearestCenter(means, unit_length=False).without_empty(embedding)
    return fit, describe(fit, rule, unit_length=unit_length)


def _trained_on_copies(
    fit: SpectralFit,
    targets: np.ndarray,
    augment: Augment | None,
    options: TrainingOptions,
) -> SpectralNetwork:
    """Train a new network to give changed copies of a row the targets of the row."""
    X, run = fit.sample.rows, fit.run
    n_samples, n_outputs = targets.shape
    new_map = options.new_map(X, n_outputs, run.seeds.copies)
    form = cast(NetworkMap, fit.map.row_map).network.form
    network = spectral_network(X, new_map, n_outputs, form)
    batch_size = unless_auto(options.batch_size, automatic_sizes(n_samples).batch_size)
    automatic = automatic_epochs(
        math.ceil(n_samples / batch_size),
        min_epochs=_MIN_EPOCHS,
        min_steps=_MIN_STEPS,
    )
    n_epochs = unless_auto(options.max_iter, automatic)
    with run.monitor.bar("copies", n_epochs) as bar:
        config = replace(
            options.config(n_epochs, batch_size, bar, run),
            seed=run.seeds.copies,
            checkpoint=run.checkpoint.of_space(targets),
            tol=0.0,  # copies differ from the rows, so no loss is small enough to stop
        )
        fit_targets(
            network,
            X,
            targets,
            np.ones(n_samples),
            config,
            is_new=True,
            augment=augment,
        )
    return network
