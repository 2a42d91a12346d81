"""What a fit shows: bars, a closing line, or nothing."""

import re

import numpy as np
import pytest
from sklearn.datasets import load_iris

from sknet_spectral import (
    AutoencoderTransformer,
    SiameseTransformer,
    SpectralNetClustering,
    SpectralNetEmbedding,
)
from sknet_spectral._estimators import siamese
from sknet_spectral._fit.progress import describe_clusters
from tests.data import lies_apart

FEW = {"max_iter": 2, "random_state": 0}
X = load_iris(return_X_y=True)[0]


def closing_line(capsys):
    return capsys.readouterr().err.splitlines()[-1]


@lies_apart
def test_the_closing_line_has_clusters_sizes_and_seconds_of_stages(capsys):
    model = SpectralNetClustering(3, verbose=1, n_neighbors=30, **FEW).fit(X)
    first, second, third = sorted(np.bincount(model.labels_), reverse=True)
    assert re.fullmatch(
        rf"3 clusters of {first}, {second} and {third} rows in \d+\.\d\d s: "
        r"neighbors \d+\.\d\d, eigenvectors \d+\.\d\d, components \d+\.\d\d, "
        r"training \d+\.\d\d, labels \d+\.\d\d",
        closing_line(capsys),
    )


@lies_apart
def test_a_learned_space_is_a_stage_of_its_own(capsys, monkeypatch):
    monkeypatch.setattr(siamese, "pair_epochs", lambda n_samples, batch_size: 2)
    SpectralNetEmbedding(2, verbose=1, affinity="siamese", **FEW).fit(X)
    shown = closing_line(capsys)
    assert shown.startswith("2 components in ")
    assert re.search(r": space \d+\.\d\d, neighbors", shown)


@pytest.mark.parametrize(
    ("transformer", "stages"),
    [
        (SiameseTransformer, "neighbors, siamese"),
        (AutoencoderTransformer, "autoencoder"),
    ],
)
def test_transformers_end_with_a_closing_line(transformer, stages, capsys):
    transformer(2, verbose=1, **FEW).fit(X)
    shown = re.sub(r" \d+\.\d\d", "", closing_line(capsys))
    assert shown == f"2 components in s: {stages}"


@lies_apart
@pytest.mark.parametrize("verbose", [0, False])
def test_without_verbose_nothing_is_shown(verbose, capsys):
    SpectralNetClustering(3, verbose=verbose, n_neighbors=30, **FEW).fit(X)
    assert capsys.readouterr() == ("", "")


def test_many_clusters_are_described_by_the_range_of_their_sizes():
    labels = np.repeat(np.arange(20), np.arange(5, 25))
    assert describe_clusters(labels) == "20 clusters of 5 to 24 rows"
    assert describe_clusters(np.zeros(7, dtype=int)) == "1 cluster of 7 rows"


@lies_apart
def test_the_bar_of_a_training_that_stops_early_is_full(capsys):
    SpectralNetEmbedding(2, verbose=1, tol=1e3, random_state=0).fit(X)
    assert "training: 100%" in capsys.readouterr().err
