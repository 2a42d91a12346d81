"""A fuzz of every constructor parameter: finite values, or an error that names it."""

import inspect
import re
import signal
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sknet_spectral
from sknet_spectral import SpectralNetEmbedding
from sknet_spectral._graph.metrics.distances import EXACT_METRICS, METRICS
from tests.parameter_values import BASE, ESTIMATORS, GRAPHS, PARAMETERS, X

# Numbers that overflow are an error; advice is none.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


@contextmanager
def no_hang(seconds=60):
    """Raise within code that takes a thousand times longer than it should."""

    def stop(*_):
        raise TimeoutError(f"no end after {seconds} seconds")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def check_finite(model, rows):
    for name, value in vars(model).items():
        if name.endswith("_") and not name.startswith("_"):
            numbers = getattr(value, "data", value)  # of a sparse matrix
            if name == "exemplars_":
                numbers = np.concatenate(value)
            if isinstance(numbers, (list, float, np.ndarray)):
                assert np.isfinite(numbers).all(), name
    assert np.isfinite(model.transform(rows)).all()
    if hasattr(model, "predict"):
        labels = model.predict(rows)
        assert set(labels) <= set(range(model.n_clusters_))
        # A row lists its own neighbours, not the rows that list it.
        if hasattr(model, "network_"):
            np.testing.assert_array_equal(labels, model.labels_)


def test_every_estimator_is_fuzzed():
    public = {getattr(sknet_spectral, name) for name in sknet_spectral.__all__}
    assert {thing for thing in public if hasattr(thing, "fit")} == set(ESTIMATORS)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_every_constructor_parameter_is_fuzzed(estimator):
    assert set(PARAMETERS[estimator]) == set(inspect.signature(estimator).parameters)


@pytest.mark.parametrize("estimator", ESTIMATORS)
@given(data=st.data())
def test_valid_values_together_give_finite_values_or_an_error_that_names_one(
    estimator, data
):
    strategies = {name: valid for name, (valid, _) in PARAMETERS[estimator].items()}
    options = data.draw(st.fixed_dictionaries({}, optional=strategies))
    rows = GRAPHS.get(str(options.get("affinity")), X)
    message = None
    with no_hang():
        try:
            check_finite(estimator(**{**BASE[estimator], **options}).fit(rows), rows)
        except ValueError as error:
            message = str(error)
    given_names = {*options, *BASE[estimator]}
    assert message is None or any(name in message for name in given_names), message


@pytest.mark.parametrize(
    ("estimator", "name"), [(E, name) for E in ESTIMATORS for name in PARAMETERS[E]]
)
@given(data=st.data())
def test_an_invalid_value_is_named(estimator, name, data):
    value = data.draw(st.sampled_from(PARAMETERS[estimator][name][1]))
    model = estimator(**{**BASE[estimator], name: value})
    with no_hang(), pytest.raises((ValueError, TypeError), match=re.escape(name)):
        model.fit(X)


# What these metrics are for: angles on the globe, and shares.
SPECIAL = {
    "haversine": X[:, :2],
    "hellinger": np.abs(X),
    "jensen_shannon": np.abs(X),
    "symmetric_kl": np.abs(X),
}


@pytest.mark.slow
@pytest.mark.parametrize("metric", sorted(METRICS - EXACT_METRICS))
def test_a_metric_of_pynndescent_gives_finite_values(metric):
    rows = SPECIAL.get(metric, X)
    model = SpectralNetEmbedding(metric=metric, **BASE[SpectralNetEmbedding])
    with no_hang(300):
        check_finite(model.fit(rows), rows)


@pytest.mark.slow
@pytest.mark.parametrize("metric", SPECIAL)
def test_a_metric_that_other_rows_do_not_have_is_named(metric):
    with no_hang(300), pytest.raises(ValueError, match=metric):
        SpectralNetEmbedding(metric=metric).fit(X)
