"""The transformers with a network: scikit-learn's contract, and what they learn."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_iris
from sklearn.utils.estimator_checks import check_estimator

from sknet_spectral import (
    AutoencoderTransformer,
    ImageShifts,
    SiameseTransformer,
)
from tests.data import SMALL, some_digits

TRANSFORMERS = [AutoencoderTransformer, SiameseTransformer]
CHANGES = {
    "augment": ImageShifts(),
    "batch_size": 20,
    "dropout": 0.6,
    "hidden_layer_sizes": 8,
    "learning_rate_init": 1e-2,
    "loss": "contrastive",
    "max_iter": 2,
    "metric": "manhattan",
    "n_components": 3,
    "n_neighbors": 9,
    "pairs": "mutual_neighbors",
    "random_state": 1,
    "tol": 100.0,
}
NEUTRAL = {"checkpoint_dir": "checkpoints", "verbose": 1, "n_jobs": 2, "device": "cpu"}


def linear(n_features, n_outputs):
    return torch.nn.Linear(n_features, n_outputs)


def wrong_width(n_features, n_outputs):
    return torch.nn.Linear(n_features, n_outputs + 1)


def codes(transformer, **parameters):
    X, _ = some_digits(100)
    options = {"max_iter": 3, "batch_size": 50, **SMALL, **parameters}
    return transformer(**{"n_components": 4, **options}).fit_transform(X)


@pytest.mark.parametrize("transformer", TRANSFORMERS)
def test_check_estimator(transformer):
    small = transformer(1, hidden_layer_sizes=8, max_iter=2)
    results = check_estimator(small, on_skip=None)
    skipped = {r["check_name"] for r in results if r["status"] != "passed"}
    assert skipped <= {"check_array_api_input"}


@pytest.mark.parametrize(
    ("transformer", "name"),
    [(T, name) for T in TRANSFORMERS for name in sorted(T().get_params())],
)
def test_a_parameter_changes_the_codes_or_is_neutral(
    transformer, name, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    value = {**CHANGES, **NEUTRAL, "network": linear}[name]
    first, second = codes(transformer), codes(transformer, **{name: value})
    assert np.array_equal(first, second) == (name in NEUTRAL)


@pytest.mark.parametrize("transformer", TRANSFORMERS)
def test_one_seed_gives_the_same_bits_and_leaves_global_states(transformer):
    torch_state, numpy_state = torch.get_rng_state(), np.random.get_state()[1]
    first, second = (
        codes(transformer, network=linear),
        codes(transformer, network=linear),
    )
    np.testing.assert_array_equal(first, second)
    assert torch.equal(torch_state, torch.get_rng_state())
    np.testing.assert_array_equal(numpy_state, np.random.get_state()[1])


@pytest.mark.parametrize("transformer", TRANSFORMERS)
def test_a_network_of_the_wrong_width_is_named(transformer):
    with pytest.raises(ValueError, match="network must map rows of 64 features"):
        codes(transformer, network=wrong_width)


def test_a_code_wider_than_its_row_is_named():
    X, _ = load_iris(return_X_y=True)
    with pytest.raises(ValueError, match="n_components=5 must not exceed n_features=4"):
        AutoencoderTransformer(5).fit(X)


def test_codes_rebuild_rows_better_than_their_mean():
    X, _ = some_digits(300)
    model = AutoencoderTransformer(
        8, hidden_layer_sizes=64, batch_size=50, max_iter=40, random_state=0
    ).fit(X)
    rebuilt = model.inverse_transform(model.transform(X))
    error = np.square(X - rebuilt).sum() / np.square(X - X.mean(axis=0)).sum()
    assert model.score(X) == pytest.approx(1 - error)
    assert model.score(X) > 0.6
    with pytest.raises(ValueError, match="n_components=8"):
        model.inverse_transform(X)
    again = model.set_params(n_components=3).inverse_transform(model.transform(X))
    np.testing.assert_array_equal(again, rebuilt)


def test_a_siamese_space_brings_a_class_together():
    X, y = some_digits(500)
    Z = SiameseTransformer(4, hidden_layer_sizes=64, random_state=0).fit_transform(X)

    def separation(points):
        means = np.stack([points[y == digit].mean(axis=0) for digit in range(10)])
        return (
            np.square(means[y] - points.mean(axis=0)).sum()
            / np.square(points - points.mean(axis=0)).sum()
        )

    assert separation(Z) > separation(X)
