"""A map that gives changed copies of a row the cluster of the row.

Labels that were found are the targets of a second network, as in self-labelling (Van
Gansbeke et al., "SCAN: Learning to classify images without labels", ECCV 2020). It sees
each row in many forms, and rows that are in the wrong cluster go where rows that look
like them are.
"""

from dataclasses import replace
from typing import cast

import numpy as np

from .._engine.augmented_rows import Augment
from .._engine.inference import embed
from .assignment import NearestCenter, rows_to_cluster
from .clusters import Clusters, describe
from .map import NetworkMap
from .options import TrainingOptions
from .steps import SpectralFit
from .training import train_on_copies


def learn_from_copies(
    fit: SpectralFit,
    clusters: Clusters,
    augment: Augment,
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
    augment : callable
        The user's function (rows, generator) -> rows.
    options : TrainingOptions
        Which network, and how it is trained.
    unit_length : bool
        Whether the means are those of rows of unit length.

    Returns
    -------
    fit : SpectralFit
        The same fit with the new map.
    clusters : Clusters
        The clusters of the rows by the new map.
    """
    points = rows_to_cluster(fit.map.embedding, unit_length)
    labels = np.unique(clusters.labels, return_inverse=True)[1]
    counts = np.bincount(labels)[:, np.newaxis]
    means = np.zeros((len(counts), points.shape[1]))
    np.add.at(means, labels, points)
    means /= counts
    center = points.mean(axis=0)
    scale = np.sqrt(np.mean(np.square(means[labels] - center))) or 1.0
    network = train_on_copies(
        fit.sample.rows,
        ((means - center) / scale)[labels].astype(np.float32),
        augment,
        cast(NetworkMap, fit.map.row_map).network.form,
        options,
        fit.run,
    )
    network.fix_output(scale * np.eye(len(center)), center)
    embedding = embed(network, fit.sample.rows)
    fit = replace(
        fit,
        map=replace(fit.map, row_map=NetworkMap(network), embedding=embedding),
    )
    rule = NearestCenter.at(means)
    return fit, describe(fit, rule, clusters.n_clusters, unit_length=unit_length)
