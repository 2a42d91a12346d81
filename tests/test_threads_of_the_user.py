"""One estimator in several threads: what is fitted is used whole, or not at all."""

import threading

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

from sknet_spectral import SpectralNetClustering
from sknet_spectral._estimators import network_estimator
from sknet_spectral._estimators.fitted_state import forget
from sknet_spectral._rows import opening
from tests.data import SMALL, some_digits

X, _ = some_digits(150)


def clustering(**parameters):
    return SpectralNetClustering(4, **{**SMALL, "max_iter": 3, **parameters})


@pytest.mark.parametrize("method", ["predict", "transform", "score_samples", "score"])
def test_rows_are_mapped_by_one_fit_even_if_another_begins(method, monkeypatch):
    model = clustering().fit(X)
    expected = getattr(model, method)(X)

    def validate_while_a_fit_begins(*arguments, **options):
        forget(model)
        return original(*arguments, **options)

    original = opening.validate_data
    monkeypatch.setattr(opening, "validate_data", validate_while_a_fit_begins)
    found = getattr(model, method)(X)
    np.testing.assert_array_equal(found, expected)


def test_an_estimator_is_unfitted_while_it_is_fitted(monkeypatch):
    model, refused = clustering().fit(X), []

    def look(estimator):
        for method in (model.predict, model.transform, model.score_samples):
            with pytest.raises(NotFittedError):
                method(X)
            refused.append(method)

    monkeypatch.setattr(network_estimator, "end_epoch", look)
    model.fit(X)
    assert len(refused) == 3 * model.n_iter_


def test_predict_beside_fits_in_another_thread():
    model = clustering().fit(X)
    expected, over = model.labels_, threading.Event()
    failures = []

    def predict():
        while not over.is_set():
            try:
                labels = model.predict(X)
            except NotFittedError:
                continue
            except Exception as error:
                failures.append(error)
            else:
                if (labels != expected).any():
                    failures.append(labels)

    thread = threading.Thread(target=predict)
    thread.start()
    for _ in range(8):
        model.fit(X)
    over.set()
    thread.join()
    assert not failures
