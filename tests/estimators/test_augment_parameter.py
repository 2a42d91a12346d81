"""Augmentation: what the two transformers make of it, and what they refuse."""

import hashlib
import pickle
import warnings

import numpy as np
import pytest
import torch
from scipy import sparse
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from torch import nn

from sknet_spectral import (
    AutoencoderTransformer,
    ImageShifts,
    NoisyFeatures,
    SiameseTransformer,
    SpectralNetClustering,
)
from tests.data import SMALL, some_digits

TRANSFORMERS = [AutoencoderTransformer, SiameseTransformer]
READY = [ImageShifts(), NoisyFeatures()]
X, _ = some_digits(100)
SHORT = {**SMALL, "n_components": 3, "max_iter": 3, "batch_size": 50}
# Whole numbers whose sums, means and scale are exact in any order and on any machine.
WHOLE = np.random.RandomState(0).randint(-4, 5, size=(64, 4)).astype(float)
# All that an autoencoder reads in training, as before there was any augmentation.
# Neighbours of equal distance have another order in older packages, so pairs have no
# such hash.
READ_WITHOUT = "2bd033ab819399bf"


def jitter(rows, generator):
    return rows + torch.randn(rows.shape, generator=generator, dtype=rows.dtype)


class Recorder(nn.Module):
    """A linear map that hashes all that it reads in training."""

    def __init__(self, n_features, n_outputs):
        super().__init__()
        self.linear = nn.Linear(n_features, n_outputs)
        self.digest, self.rows = hashlib.sha256(), set()

    def forward(self, x):
        if self.training:
            read = x.detach().numpy()
            self.digest.update(read.tobytes())
            self.rows |= {row.tobytes() for row in read}
        return self.linear(x)


def read_in_training(transformer, **parameters):
    """Return a hash of all that a transformer's network reads, and the rows."""
    recorders = []

    def recorder(n_features, n_outputs):
        recorders.append(Recorder(n_features, n_outputs))
        return recorders[-1]

    options = {"n_components": 2, "max_iter": 3, "batch_size": 16, "random_state": 5}
    transformer(network=recorder, **options, **parameters).fit(WHOLE)
    (network,) = recorders
    return network.digest.hexdigest()[:16], network.rows


def test_without_augmentation_an_autoencoder_draws_the_same_numbers():
    assert read_in_training(AutoencoderTransformer)[0] == READ_WITHOUT
    assert read_in_training(AutoencoderTransformer, augment=jitter)[0] != READ_WITHOUT


def test_without_augmentation_a_siamese_network_reads_the_rows_themselves():
    _, rows = read_in_training(SiameseTransformer, dropout=0.0)
    assert 1 < len(rows) <= len(WHOLE)
    _, rows = read_in_training(SiameseTransformer, dropout=0.0, augment=jitter)
    assert len(rows) > len(WHOLE)


@pytest.mark.parametrize("augment", [jitter, *READY])
@pytest.mark.parametrize("transformer", TRANSFORMERS)
def test_one_seed_gives_the_same_bits_and_leaves_rows_and_global_states(
    transformer, augment
):
    given, torch_state = X.copy(), torch.get_rng_state()
    numpy_state = np.random.get_state()[1]
    first, second = (
        transformer(augment=augment, **SHORT).fit_transform(given) for _ in range(2)
    )
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(given, X)
    assert torch.equal(torch_state, torch.get_rng_state())
    np.testing.assert_array_equal(numpy_state, np.random.get_state()[1])
    plain = transformer(**SHORT).fit_transform(X)
    assert not np.array_equal(first, plain)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("transformer", TRANSFORMERS)
def test_it_gets_rows_in_the_units_and_the_dtype_of_the_data(transformer, dtype):
    rows_of_X = {row.tobytes() for row in X.astype(dtype)}

    def looks(rows, generator):
        assert {row.tobytes() for row in rows.numpy()} <= rows_of_X
        return rows.clone()

    transformer(augment=looks, **SHORT).fit(X.astype(dtype))


def test_an_autoencoder_rebuilds_rows_as_they_were():
    """One that gets all rows without a feature learns to fill it in."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(200, 1)) * [1.0, -2.0, 0.5]

    model = AutoencoderTransformer(
        1,
        hidden_layer_sizes=16,
        dropout=0.0,
        batch_size=20,
        learning_rate_init=1e-2,
        augment=without_first_feature,
        random_state=0,
    ).fit(rows)
    seen = rows * [0.0, 1.0, 1.0]
    rebuilt = model.inverse_transform(model.transform(seen))
    assert np.square(rebuilt - rows).mean() < 0.05 * rows.var(axis=0).mean()


def without_first_feature(rows, generator):
    return rows * torch.tensor([0.0, 1.0, 1.0], dtype=rows.dtype)


def turned_over(rows, generator):
    signs = torch.randint(2, (len(rows), 1), generator=generator) * 2 - 1
    return rows * signs


def test_a_siamese_network_maps_a_row_near_its_copies():
    rows = np.random.default_rng(0).normal(size=(300, 2)) * 0.3 + [4.0, 0.0]
    rows[::2] = [0.0, 4.0] - rows[::2] * 0.1

    def distance_to_copies(**parameters):
        model = SiameseTransformer(
            2, hidden_layer_sizes=(32, 32), random_state=0, **parameters
        ).fit(rows)
        Z = model.transform(rows)
        return (
            np.square(Z - model.transform(-rows)).sum() / np.square(Z - Z.mean(0)).sum()
        )

    assert distance_to_copies(augment=turned_over) < 0.2 * distance_to_copies()


@pytest.mark.parametrize("augment", [jitter, *READY])
@pytest.mark.parametrize("transformer", TRANSFORMERS)
def test_it_is_cloned_and_pickled(transformer, augment):
    model = transformer(augment=augment, **SHORT)
    Z = model.fit_transform(X)
    for again in (clone(model), pickle.loads(pickle.dumps(model))):
        assert again.augment == augment
        np.testing.assert_array_equal(again.fit_transform(X), Z)


def test_a_search_tries_augmentations_and_their_parameters():
    model = AutoencoderTransformer(augment=ImageShifts(), **SHORT)
    grid = [
        {"augment": [None, jitter, NoisyFeatures()]},
        {"augment__max_shift": [0.1, 0.2]},
    ]
    search = GridSearchCV(model, grid, cv=2).fit(X)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert len(set(search.cv_results_["mean_test_score"])) == 5
    inside = SpectralNetClustering(2, affinity_transformer=model)
    inside.set_params(affinity_transformer__augment__max_rotation=5)
    assert model.augment.max_rotation == 5


@pytest.mark.parametrize("augment", READY)
def test_a_file_holds_the_ready_ones(augment, tmp_path):
    model = SiameseTransformer(augment=augment, **SHORT).fit(X)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.save(tmp_path / "model")
    loaded = SiameseTransformer.load(tmp_path / "model")
    assert loaded.augment == augment
    Z = loaded.transform(X)
    np.testing.assert_array_equal(Z, model.transform(X))
    np.testing.assert_array_equal(loaded.fit_transform(X), Z)


def test_a_file_keeps_a_function_by_name(tmp_path):
    model = AutoencoderTransformer(augment=jitter, **SHORT).fit(X)
    with pytest.warns(UserWarning, match=r"by name only: augment \(.*:jitter\)"):
        model.save(tmp_path / "model")
    loaded = AutoencoderTransformer.load(tmp_path / "model")
    np.testing.assert_array_equal(loaded.transform(X), model.transform(X))
    with pytest.raises(ValueError, match="jitter was saved by its name only"):
        loaded.fit(X)
    loaded.set_params(augment=jitter).fit(X)


class Interrupted(Exception):
    pass


@pytest.mark.parametrize("transformer", TRANSFORMERS)
def test_an_interrupted_fit_ends_with_the_same_bits(transformer, tmp_path, monkeypatch):
    options = {**SHORT, "augment": NoisyFeatures()}
    whole = transformer(**options).fit_transform(X)
    model = transformer(checkpoint_dir=tmp_path, **options)
    monkeypatch.setattr("sknet_spectral._persistence.checkpoint._SECONDS_BETWEEN", 0.0)
    of_epochs = "sknet_spectral._fit.progress.Monitor.of_epochs"

    def stop_after_two(self, bar):
        def progress(losses):
            if len(losses) == 3:
                raise Interrupted
            return False

        return progress

    with monkeypatch.context() as patch:
        patch.setattr(of_epochs, stop_after_two)
        with pytest.raises(Interrupted):
            model.fit(X)
    np.testing.assert_array_equal(model.fit_transform(X), whole)


def changes_in_place(rows, generator):
    return rows.add_(1.0)


def changes_then_copies(rows, generator):
    rows[0] = 0.0
    return rows.clone()


def drops_a_column(rows, generator):
    return rows[:, 1:]


def doubles_rows(rows, generator):
    return torch.cat([rows, rows])


def halves_precision(rows, generator):
    return rows.half()


def returns_an_array(rows, generator):
    return rows.numpy()


def returns_nan(rows, generator):
    return rows / 0.0


def draws_from_elsewhere(rows, generator):
    noise = np.random.default_rng().normal(size=tuple(rows.shape))
    return rows + torch.from_numpy(noise)


REFUSED = [
    (changes_in_place, ValueError, "augment changes its rows in place"),
    (changes_then_copies, ValueError, "augment changes its rows in place"),
    (drops_a_column, ValueError, r"augment .* shape .*\(100, 64\), got \(100, 63\)"),
    (doubles_rows, ValueError, r"augment .* shape .*\(100, 64\), got \(200, 64\)"),
    (halves_precision, TypeError, r"augment .* dtype .*float64, got torch\.float16"),
    (returns_an_array, TypeError, "augment must return a tensor, got ndarray"),
    (returns_nan, ValueError, "augment returns NaN or infinity"),
    (NoisyFeatures, TypeError, r"got the class NoisyFeatures: give NoisyFeatures\(\)"),
    (draws_from_elsewhere, ValueError, "draw from the generator"),
    (ImageShifts((28, 28)), ValueError, r"shape=\(28, 28\) does not fit the 64 feat"),
]


@pytest.mark.parametrize(("augment", "error", "message"), REFUSED)
@pytest.mark.parametrize("transformer", TRANSFORMERS)
def test_a_bad_augmentation_is_named(transformer, augment, error, message):
    given = X.copy()
    model = transformer(augment=augment, **SHORT)
    with pytest.raises(error, match=message):
        model.fit(given)
    np.testing.assert_array_equal(given, X)
    assert not hasattr(model, "network_")


@pytest.mark.parametrize("transformer", TRANSFORMERS)
def test_an_augmentation_that_fails_late_is_also_named(transformer):
    n_calls = 0

    def fails_late(rows, generator):
        nonlocal n_calls
        n_calls += 1
        return rows * (torch.nan if n_calls > 3 else 1.0)

    with pytest.raises(ValueError, match="augment returns NaN"):
        transformer(augment=fails_late, **SHORT).fit(X)


@pytest.mark.parametrize("transformer", TRANSFORMERS)
def test_sparse_rows_are_refused(transformer):
    with pytest.raises(TypeError, match=r"augment takes dense rows.*X\.toarray\(\)"):
        transformer(augment=jitter, **SHORT).fit(sparse.csr_matrix(X))


@pytest.mark.parametrize("transformer", TRANSFORMERS)
def test_only_functions_are_accepted(transformer):
    with pytest.raises(ValueError, match="'augment' parameter"):
        transformer(augment="shift", **SHORT).fit(X)
