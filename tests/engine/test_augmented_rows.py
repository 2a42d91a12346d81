"""Augmented rows: in their own units, standardised like all others, drawn in turn."""

import numpy as np
import pytest
import torch

from sknet_spectral._engine.augmented_rows import AugmentedRows, check_augmentation
from sknet_spectral._engine.networks.input_statistics import input_statistics
from sknet_spectral._engine.networks.network import StandardizedNetwork
from sknet_spectral._engine.objectives.pair_loss import PairLoss, cross_entropy
from sknet_spectral._engine.objectives.reconstruction import Reconstruction
from sknet_spectral._engine.rows import training_rows

CPU = torch.device("cpu")
X = np.random.default_rng(0).normal(size=(40, 3)) * [1.0, 5.0, 100.0] + 1e6
NETWORK = StandardizedNetwork(*input_statistics(X), torch.nn.Identity())
ROWS = training_rows(X, NETWORK.standardize, CPU)


def same(rows, generator):
    return rows


def shifted(rows, generator):
    return rows + float(NETWORK.scale)


def numbered(rows, generator):
    return rows + torch.rand(1, generator=generator, dtype=rows.dtype)


def augmented_rows(augment, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return AugmentedRows(X, augment, NETWORK.standardize, CPU, generator)


def test_unchanged_rows_equal_the_training_rows():
    drawn = torch.tensor([3, 0, 3])
    assert torch.equal(augmented_rows(same)[drawn], ROWS[drawn])


def test_copies_are_drawn_anew():
    rows = augmented_rows(numbered)
    first, second = rows[torch.arange(4)], rows[torch.arange(4)]
    assert not torch.equal(first, second)
    assert torch.equal(first, augmented_rows(numbered)[torch.arange(4)])


@pytest.mark.parametrize("layout", ["read-only", "columns", "reversed"])
def test_any_array_is_accepted_and_none_is_changed(layout):
    rows = {"read-only": X.copy(), "columns": np.asfortranarray(X), "reversed": X[::-1]}
    given = rows[layout]
    before = given.copy()
    given.setflags(write=False)
    check_augmentation(given, shifted)
    np.testing.assert_array_equal(given, before)


def test_the_autoencoder_is_measured_by_rows_as_they_were():
    objective = Reconstruction(
        ROWS, 0.0, 10, torch.Generator().manual_seed(0), augmented_rows(shifted)
    )
    # A network that returns its inputs is wrong by the shift, which is one scale.
    loss = objective.loss(lambda x: x, torch.arange(10))
    assert float(loss) == pytest.approx(1.0, rel=1e-4)


def test_a_row_is_paired_with_copies_of_its_neighbor_and_of_itself():
    read = []

    def network(x):
        read.append(x)
        return x

    neighbors = torch.tensor([[0, 1], [2, 3]])
    objective = PairLoss(
        ROWS,
        neighbors,
        cross_entropy,
        0.0,
        2,
        torch.Generator().manual_seed(0),
        augmented_rows(shifted),
    )
    pairs = objective.pairs.tolist()
    assert pairs[:2] == neighbors.tolist()
    assert pairs[2:] == [[row, row] for row in range(len(X))]
    objective.loss(network, neighbors)
    rows = torch.cat([ROWS[[0, 2]], ROWS[[1, 3]] + 1])
    torch.testing.assert_close(read[0], rows)


def test_without_augmentation_pairs_stay():
    neighbors = torch.tensor([[0, 1]])
    generator = torch.Generator().manual_seed(0)
    objective = PairLoss(ROWS, neighbors, cross_entropy, 0.0, 2, generator)
    assert objective.pairs is neighbors
