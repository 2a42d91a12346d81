"""What holds the rows: read, or refused with what to give instead."""

import enum
from functools import cache

import numpy as np
import pandas as pd
import pytest
import sklearn
import torch
from scipy import sparse

from sknet_spectral import (
    AutoencoderTransformer,
    SiameseTransformer,
    SpectralNetClustering,
    SpectralNetEmbedding,
)
from tests.data import SMALL

X = np.random.default_rng(0).normal(size=(60, 4))
FRAME = pd.DataFrame(X, columns=list("abcd"))
T = torch.tensor(X)


def clustering(**parameters):
    return SpectralNetClustering(3, **{**SMALL, "max_iter": 3, **parameters})


class Annotated:
    """Like an AnnData object: sliced, it is one again."""

    def __init__(self):
        self.X, self.shape = X, X.shape

    def __getitem__(self, rows):
        return self

    def __len__(self):
        return len(X)


class Lazy:
    """Like a lazy data frame of polars."""

    @property
    def columns(self):
        raise AssertionError("the plan is run")

    def collect(self):
        return FRAME


class SparseOnDisk:
    """Like sparse rows in a file."""

    shape = X.shape

    def __getitem__(self, rows):
        return sparse.csr_matrix(X)[rows]


class Holder:
    """Something else that can be sliced."""

    def __getitem__(self, rows):
        return self


UNREADABLE = {
    "annotated": (Annotated(), r"Annotated: give the matrix that it holds, .* X\."),
    "lazy": (Lazy(), r"Lazy: it is lazy: give what its collect\(\) returns"),
    "sparse on disk": (SparseOnDisk(), r"SparseOnDisk: rows on disk .* give X\[:\]"),
    "another": (Holder(), "X must be an array, a sparse matrix, a data frame or lists"),
    "generator": ((row for row in X), "data frame or lists of .*, got builtins.gen"),
    "set": ({1.0, 2.0}, "data frame or lists of numbers, got builtins.set"),
    "gradients": (T.clone().requires_grad_(), "requires_grad=True.*: give X.detach"),
    "sparse tensor": (T.to_sparse(), "torch.sparse_coo.*to_dense"),
    "bfloat16": (T.bfloat16(), r"torch.bfloat16.*double\(\)"),
    "no memory": (T.to("meta"), r"on meta"),
}


@pytest.mark.parametrize(("rows", "match"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_named_with_what_to_give(rows, match):
    with pytest.raises(TypeError, match=match):
        clustering().fit(rows)
    with pytest.raises(TypeError, match=match):
        clustering().fit(X).predict(rows)


@pytest.mark.parametrize("name", ["gradients", "sparse tensor", "annotated"])
def test_a_graph_that_cannot_be_read_is_named(name):
    with pytest.raises(TypeError, match=r"^affinity_matrix (is|must be) a"):
        clustering().fit(X, affinity_matrix=UNREADABLE[name][0])


@pytest.mark.parametrize(
    ("rows", "match"),
    [
        (FRAME[[]], r"X has no columns, got shape \(60, 0\)"),
        (
            FRAME.to_records(),
            r"fields \['index', 'a', .*structured_to_unstructured\(X\)",
        ),
    ],
    ids=["no columns", "records"],
)
def test_a_table_without_columns_or_with_fields_is_named(rows, match):
    with pytest.raises(ValueError, match=match):
        clustering().fit(rows)


def test_a_tensor_is_an_array():
    np.testing.assert_array_equal(
        clustering().fit(T).labels_, clustering().fit(X).labels_
    )


COLUMNS = {
    "text": (["x"] * 60, "not numbers: .*ColumnTransformer.*OneHotEncoder"),
    "categories": (pd.Categorical(["x", "y"] * 30), "category, not numbers"),
    "text and gaps": (["x", None] * 30, "not numbers"),
    "dates": ([pd.Timestamp("2020-01-01")] * 60, r"datetime64.*days since a date"),
    "durations": ([pd.Timedelta(days=1)] * 60, "timedelta64"),
}


@pytest.mark.parametrize(("column", "match"), COLUMNS.values(), ids=COLUMNS)
def test_a_column_without_numbers_is_named(column, match):
    with pytest.raises(ValueError, match=f"Column 'when' of X .*{match}"):
        clustering().fit(FRAME.assign(when=column))
    with pytest.raises(ValueError, match="Column 'when' of X"):
        clustering().fit(pd.DataFrame({"when": column}))


def test_a_column_that_fit_did_not_see_is_called_new_not_text():
    model = clustering().fit(FRAME)
    with pytest.raises(ValueError, match=r"unseen at fit time:\n- when"):
        model.predict(FRAME.assign(when="x"))
    with pytest.raises(ValueError, match="Column 'when' of X holds"):
        model.fit(FRAME.assign(when="x"))


def test_a_complex_column_raises_the_error_of_scikit_learn_without_a_warning():
    with pytest.raises(ValueError, match="Complex data not supported"):
        clustering().fit(FRAME.assign(wave=1j))


def test_sparse_columns_of_bools_are_numbers():
    kinds = pd.DataFrame({"color": list("rgb") * 40, "size": list("sml?") * 30})
    rows = pd.get_dummies(kinds, sparse=True)
    assert all(isinstance(dtype, pd.SparseDtype) for dtype in rows.dtypes)
    expected = sparse.csr_matrix(rows.to_numpy().astype(float))
    found = clustering().fit(rows)
    np.testing.assert_array_equal(found.labels_, clustering().fit(expected).labels_)
    np.testing.assert_array_equal(found.predict(rows), found.labels_)


class Kindless(enum.Enum):
    """Types of columns as polars has them, without an attribute kind."""

    FLOAT64 = "Float64"
    DATE = "Date"

    def __str__(self):
        return self.value


class Polars:
    """Like a data frame of polars."""

    def __init__(self, dtypes):
        self.columns, self.dtypes, self.shape = list("abcd"), dtypes, X.shape

    def __array__(self, dtype=None, copy=None):
        return X.astype(dtype or float)

    def __getitem__(self, rows):
        return self

    def __len__(self):
        return len(X)


def test_types_of_columns_need_no_kind():
    model = clustering().fit(Polars([Kindless.FLOAT64] * 4))
    np.testing.assert_array_equal(model.labels_, clustering().fit(X).labels_)
    dates = Polars([*[Kindless.FLOAT64] * 3, Kindless.DATE])
    with pytest.raises(ValueError, match="Column 'd' of X holds Date, not numbers"):
        clustering().fit(dates)


def test_a_table_of_arrow_is_a_data_frame():
    pyarrow = pytest.importorskip("pyarrow")
    arrow, labels = pyarrow.Table, clustering().fit(X).labels_
    model = clustering().fit(arrow.from_pandas(FRAME))
    assert list(model.feature_names_in_) == list("abcd")
    np.testing.assert_array_equal(model.labels_, labels)
    batch = pyarrow.RecordBatch.from_pandas(FRAME)
    np.testing.assert_array_equal(clustering().fit(batch).labels_, labels)
    for column, dtype in (("x", "string"), (pd.Timestamp("2020-01-01"), "timestamp")):
        rows = arrow.from_pandas(FRAME.assign(when=column))
        with pytest.raises(ValueError, match=f"Column 'when' of X holds .*{dtype}"):
            clustering().fit(rows)
        with pytest.raises(ValueError, match=r"unseen at fit time|Column 'when'"):
            model.predict(rows)
    with pytest.raises(ValueError, match="must be in the same order"):
        model.predict(arrow.from_pandas(FRAME[list("dcba")]))


def test_a_column_of_an_array_that_holds_no_numbers_is_named_by_position():
    mixed = X.astype(object)
    mixed[:, 2] = "Oslo"
    with pytest.raises(ValueError, match=r"Column 2 of X holds object"):
        clustering().fit(mixed)


def test_dates_are_not_numbers():
    rows = np.full((20, 3), "2020-01-01", dtype="M8[D]")
    with pytest.raises(ValueError, match=r"X holds datetime64\[D\], not numbers"):
        clustering().fit(rows)


class Raster:
    """Rows on disk that are read as masked arrays, as those of netCDF4 are."""

    def __init__(self, rows):
        self._rows, self.shape, self.dtype = rows, rows.shape, rows.dtype

    def __getitem__(self, rows):
        return self._rows[rows]


@pytest.mark.parametrize("container", [lambda rows: rows, Raster])
def test_masked_entries_are_missing_values(container):
    rows = np.ma.masked_less(np.where(np.arange(60)[:, None] == 40, -9999.0, X), -999)
    with pytest.raises(ValueError, match=r"X has 4 masked entries.* missing"):
        clustering().fit(container(rows))
    model = clustering().fit(container(np.ma.array(X)))
    np.testing.assert_array_equal(model.labels_, clustering().fit(X).labels_)
    with pytest.raises(ValueError, match="X has 4 masked entries"):
        model.predict(container(rows))


def test_masked_entries_of_a_graph_are_missing_values():
    W = np.ma.masked_equal(np.ones((60, 60)) + np.eye(60), 2.0)
    with pytest.raises(ValueError, match="affinity_matrix has 60 masked entries"):
        clustering().fit(X, affinity_matrix=W)


def test_a_name_that_occurs_twice_is_named():
    rows = FRAME.set_axis(list("abca"), axis=1)
    with pytest.raises(ValueError, match=r"X occur more than once: \['a'\]"):
        clustering().fit(rows)


class Names(enum.StrEnum):
    A = "a"
    B = "b"
    C = "c"
    D = "d"


@pytest.mark.parametrize(
    "names", [list(Names), [np.str_(name) for name in "abcd"]], ids=["enum", "numpy"]
)
def test_names_of_any_kind_of_string_are_kept(names):
    rows = FRAME.set_axis(pd.Index(names, dtype=object), axis=1)
    before = list(rows.columns)
    model = clustering().fit(rows)
    assert list(model.feature_names_in_) == list("abcd")
    np.testing.assert_array_equal(model.predict(FRAME), model.predict(rows))
    with pytest.raises(ValueError, match="must be in the same order"):
        model.predict(rows.iloc[:, ::-1])
    assert all(a is b for a, b in zip(rows.columns, before, strict=True))


@pytest.mark.parametrize(
    "model",
    [
        clustering(),
        clustering(affinity="rbf"),
        SpectralNetEmbedding(2, max_iter=3, **SMALL),
        AutoencoderTransformer(2, max_iter=3, **SMALL),
        SiameseTransformer(2, max_iter=3, **SMALL),
    ],
    ids=lambda model: type(model).__name__,
)
def test_nan_is_named_even_if_it_is_assumed_away(model):
    rows = X.copy()
    rows[3, 1] = np.nan
    with (
        sklearn.config_context(assume_finite=True),
        pytest.raises(ValueError, match="Input X contains NaN"),
    ):
        model.fit(rows)


@pytest.mark.parametrize("broken", [np.nan, np.ma.masked])
def test_codes_without_a_value_are_named_even_if_it_is_assumed_away(broken):
    model = AutoencoderTransformer(2, max_iter=3, **SMALL).fit(X)
    codes = np.ma.array(model.transform(X))
    codes[3, 1] = broken
    with (
        sklearn.config_context(assume_finite=True),
        pytest.raises(ValueError, match=r"X (contains NaN|has 1 masked)"),
    ):
        model.inverse_transform(codes)


def test_nan_in_a_graph_is_named_even_if_it_is_assumed_away():
    W = np.exp(-np.square(X @ X.T))
    W[2, 3] = np.nan
    with (
        sklearn.config_context(assume_finite=True),
        pytest.raises(ValueError, match="affinity_matrix contains NaN"),
    ):
        clustering().fit(X, affinity_matrix=W)


def test_whole_numbers_of_floats_are_positions():
    pairs = [[0.0, 1.0], [2.0, 3.0]]
    model = clustering().fit(X, must_link=pairs)
    expected = clustering().fit(X, must_link=np.array(pairs, dtype=int))
    np.testing.assert_array_equal(model.embedding_, expected.embedding_)
    for pair in ([[0.5, 1.0]], [[np.nan, 1.0]], [[np.inf, 1.0]]):
        with pytest.raises(ValueError, match=r"must_link .*integers|must_link has the"):
            clustering().fit(X, must_link=pair)


def with_features(W, laplacian):
    return clustering(laplacian=laplacian).fit(X, affinity_matrix=W)


def alone(W, laplacian):
    return clustering(laplacian=laplacian, affinity="precomputed").fit(W)


@cache
def labels_by_weights(unit, laplacian, container, fit):
    W = np.exp(-0.5 * np.square(X[:, None] - X).sum(axis=2))
    return fit(container(W * unit), laplacian).labels_


@pytest.mark.parametrize("fit", [with_features, alone])
@pytest.mark.parametrize("laplacian", ["normalized", "unnormalized"])
@pytest.mark.parametrize("unit", [1e-316, 1e-300, 1e-200, 1e300, 1e306, 1e307])
@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
def test_only_ratios_of_weights_matter(unit, laplacian, container, fit):
    expected = labels_by_weights(1.0, laplacian, container, fit)
    found = labels_by_weights(unit, laplacian, container, fit)
    np.testing.assert_array_equal(found, expected)
