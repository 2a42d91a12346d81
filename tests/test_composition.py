"""At home among scikit-learn's pipelines, frames and routed metadata."""

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from sknet_spectral import SpectralNetClustering, SpectralNetEmbedding
from tests.data import BRIEF, some_digits

ESTIMATORS = [SpectralNetClustering, SpectralNetEmbedding]
X, Y_TRUE = some_digits(200)


def frame(kind):
    columns = {f"pixel{i}": X[:, i] for i in range(X.shape[1])}
    return pytest.importorskip(kind).DataFrame(columns)


def test_the_last_step_of_a_pipeline_predicts():
    pipeline = make_pipeline(StandardScaler(), SpectralNetClustering(4, **BRIEF))
    pipeline.fit(X)
    np.testing.assert_array_equal(pipeline.predict(X), pipeline[-1].labels_)
    assert pipeline.score(X) <= 0


def test_a_pipeline_with_memory_fits_the_embedding_once(tmp_path, monkeypatch):
    fits = []
    fit = SpectralNetEmbedding.fit

    def counted(self, *args, **options):
        fits.append(self)
        return fit(self, *args, **options)

    monkeypatch.setattr(SpectralNetEmbedding, "fit", counted)
    pipeline = Pipeline(
        [
            ("embedding", SpectralNetEmbedding(4, **BRIEF)),
            ("classifier", LogisticRegression()),
        ],
        memory=str(tmp_path),
    )
    first = pipeline.fit(X, Y_TRUE).predict(X)
    assert len(fits) == 1
    second = clone(pipeline).set_params(classifier__C=1.0).fit(X, Y_TRUE).predict(X)
    assert len(fits) == 1
    np.testing.assert_array_equal(first, second)
    assert (first == Y_TRUE).mean() > 0.5


def test_feature_unions_and_column_transformers_hold_embeddings():
    union = FeatureUnion(
        [
            ("two", SpectralNetEmbedding(2, **BRIEF)),
            ("three", SpectralNetClustering(3, **BRIEF)),
        ]
    )
    Y = union.fit_transform(X)
    assert Y.shape == (200, 5)
    np.testing.assert_allclose(union.transform(X[:9]), Y[:9], atol=1e-8)
    columns = ColumnTransformer(
        [
            ("left", SpectralNetEmbedding(2, **BRIEF), slice(0, 32)),
            ("right", SpectralNetEmbedding(1, **BRIEF), slice(32, 64)),
        ]
    )
    Y = columns.fit_transform(X)
    assert Y.shape == (200, 3)
    np.testing.assert_allclose(columns.transform(X[:9]), Y[:9], atol=1e-8)
    assert list(columns.get_feature_names_out()) == [
        "left__spectralnetembedding0",
        "left__spectralnetembedding1",
        "right__spectralnetembedding0",
    ]


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_frames_come_out_as_asked_for(estimator, kind):
    rows = frame(kind)
    model = estimator(3, **BRIEF).set_output(transform=kind)
    fitted = model.fit_transform(rows)
    names = [f"{estimator.__name__.lower()}{i}" for i in range(3)]
    assert list(fitted.columns) == names
    assert list(model.get_feature_names_out()) == names
    transformed = model.transform(rows)
    assert type(fitted) is type(transformed) is type(rows)
    np.testing.assert_allclose(fitted.to_numpy(), transformed.to_numpy(), atol=1e-8)
    assert list(model.feature_names_in_) == list(rows.columns)


def test_other_columns_are_named():
    model = SpectralNetClustering(3, **BRIEF).fit(frame("pandas"))
    renamed = frame("pandas").rename(columns={"pixel3": "pixel99"})
    with pytest.raises(ValueError, match="pixel99"):
        model.predict(renamed)
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        model.predict(X)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_a_routed_graph_reaches_the_last_step(estimator):
    W = rbf_kernel(X, gamma=1e-3)
    with sklearn.config_context(enable_metadata_routing=True):
        last = estimator(3, **BRIEF).set_fit_request(affinity_matrix=True)
        pipeline = make_pipeline(StandardScaler(), last).fit(X, affinity_matrix=W)
    np.testing.assert_array_equal(pipeline[-1].affinity_matrix_, W)


def test_a_graph_that_no_step_requests_is_refused():
    W = rbf_kernel(X, gamma=1e-3)
    with sklearn.config_context(enable_metadata_routing=True):
        pipeline = make_pipeline(SpectralNetClustering(3, **BRIEF))
        with pytest.raises(ValueError, match="affinity_matrix"):
            pipeline.fit(X, affinity_matrix=W)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_a_clone_is_unfitted_and_fits_the_same(estimator):
    model = estimator(3, **BRIEF).fit(X)
    copy = clone(model)
    assert copy.get_params() == model.get_params()
    assert not hasattr(copy, "embedding_")
    np.testing.assert_array_equal(copy.fit(X).embedding_, model.embedding_)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_notebooks_show_the_estimator(estimator):
    model = estimator(3, gamma=0.125)
    page = model._repr_html_()
    assert estimator.__name__ in page
    assert "0.125" in page
    assert "fitted" in model.fit(X)._repr_html_()
    assert "gamma=0.125" in repr(model)


def test_a_frame_of_mixed_numbers_is_read():
    rows = pd.DataFrame({"whole": np.arange(30), "share": np.linspace(0, 1, 30)})
    labels = SpectralNetClustering(2, **BRIEF).fit_predict(rows)
    assert set(labels) == {0, 1}
