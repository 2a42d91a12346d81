"""The displays: what they draw, in which colours, and what they require."""

import sys
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.colors import same_color, to_rgb, to_rgba
from scipy import sparse
from sklearn.datasets import make_blobs
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknet_spectral import (
    AutoencoderTransformer,
    SiameseTransformer,
    SpectralNetClustering,
    SpectralNetEmbedding,
)
from sknet_spectral.inspection import (
    AffinityDisplay,
    ClusterSizesDisplay,
    EigenvalueDisplay,
    LossCurveDisplay,
    SpectralEmbeddingDisplay,
)
from tests.data import BRIEF, SMALL

DISPLAYS = [
    AffinityDisplay,
    ClusterSizesDisplay,
    EigenvalueDisplay,
    LossCurveDisplay,
    SpectralEmbeddingDisplay,
]
X, BLOB = make_blobs(120, centers=[[0, 0], [3, 0], [1.5, 2.6]], random_state=0)
X_NEW = X[:10] + 0.1


@pytest.fixture(scope="module")
def clustering():
    return SpectralNetClustering(3, n_components=5, n_neighbors=30, **BRIEF).fit(X)


@pytest.fixture(scope="module")
def embedding():
    return SpectralNetEmbedding(3, n_neighbors=30, **BRIEF).fit(X)


@pytest.fixture(scope="module")
def of_a_graph():
    W = np.kron(np.eye(2), np.ones((4, 4))) + 0.1
    return SpectralNetClustering(2, affinity="precomputed", **BRIEF).fit(W)


def colors_of(scatter):
    return [tuple(color) for color in scatter.get_facecolors()]


def legend_texts(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


# All displays


@pytest.mark.parametrize("cls", DISPLAYS)
def test_draws_on_new_axes_or_on_given_axes(cls, clustering):
    display = cls.from_estimator(clustering)
    assert display.ax_.figure is display.figure_
    assert display.ax_.get_xlabel()
    assert display.ax_.get_ylabel()
    figure, ax = pyplot.subplots()
    assert display.plot(ax=ax) is display
    assert display.ax_ is ax
    assert display.figure_ is figure


@pytest.mark.parametrize("cls", DISPLAYS)
def test_names_an_estimator_that_is_not_fitted(cls):
    with pytest.raises(NotFittedError, match="SpectralNetClustering"):
        cls.from_estimator(SpectralNetClustering())


@pytest.mark.parametrize("cls", DISPLAYS)
def test_says_how_to_install_matplotlib(cls, clustering, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    message = rf"{cls.__name__}.plot needs matplotlib.*sknet-spectral\[plot\]"
    with pytest.raises(ImportError, match=message):
        cls.from_estimator(clustering)


@pytest.mark.parametrize(
    ("cls", "attribute"),
    [
        (AffinityDisplay, "affinity_matrix_"),
        (ClusterSizesDisplay, "labels_"),
        (EigenvalueDisplay, "eigenvalues_"),
        (SpectralEmbeddingDisplay, "embedding_"),
    ],
)
def test_names_the_attribute_that_is_missing(cls, attribute):
    model = AutoencoderTransformer(2, max_iter=1, **SMALL).fit(X)
    message = f"{cls.__name__} needs an estimator with {attribute}, got Autoencoder"
    with pytest.raises(ValueError, match=message):
        cls.from_estimator(model)


def test_says_which_step_of_a_pipeline_to_pass(clustering):
    pipeline = make_pipeline(StandardScaler(), clustering)
    message = r"embedding_, got Pipeline: pass its last step, pipeline\[-1\]"
    with pytest.raises(ValueError, match=message):
        SpectralEmbeddingDisplay.from_estimator(pipeline)


@pytest.mark.parametrize("cls", DISPLAYS)
def test_fitting_is_not_changed(cls, clustering):
    before = clustering.embedding_.copy(), clustering.labels_.copy()
    cls.from_estimator(clustering)
    np.testing.assert_array_equal(clustering.embedding_, before[0])
    np.testing.assert_array_equal(clustering.labels_, before[1])


# SpectralEmbeddingDisplay


def test_clusters_are_scattered_one_by_one(clustering):
    display = SpectralEmbeddingDisplay.from_estimator(clustering)
    assert len(display.scatters_) == 3
    for cluster, scatter in enumerate(display.scatters_):
        members = clustering.embedding_[clustering.labels_ == cluster]
        np.testing.assert_allclose(scatter.get_offsets(), members[:, 1:3])
    assert len({colors_of(scatter)[0] for scatter in display.scatters_}) == 3
    assert legend_texts(display.ax_) == ["0", "1", "2"]
    assert display.ax_.get_legend().get_title().get_text() == "cluster"
    assert display.ax_.get_aspect() == 1


def test_axes_name_components_and_eigenvalues(clustering):
    display = SpectralEmbeddingDisplay.from_estimator(clustering, components=(3, 1))
    names = [f"{clustering.eigenvalues_[c]:.2g}" for c in (3, 1)]
    assert display.ax_.get_xlabel() == f"component 3 (eigenvalue {names[0]})"
    assert display.ax_.get_ylabel() == f"component 1 (eigenvalue {names[1]})"
    assert SpectralEmbeddingDisplay(embedding=np.eye(3)).plot().ax_.get_xlabel() == (
        "component 0"
    )


def test_y_replaces_the_clusters(clustering):
    species = np.array(["c", "a", "b"])[BLOB]
    display = SpectralEmbeddingDisplay.from_estimator(
        clustering, y=pd.Series(species, name="species")
    )
    assert legend_texts(display.ax_) == ["a", "b", "c"]
    assert display.ax_.get_legend().get_title().get_text() == "species"
    for label, scatter in zip("abc", display.scatters_, strict=True):
        members = clustering.embedding_[species == label]
        np.testing.assert_allclose(scatter.get_offsets(), members[:, 1:3])


@pytest.mark.parametrize("container", [list, pd.Categorical, np.asarray])
def test_categories_come_in_any_container(embedding, container):
    names = container([f"blob {number}" for number in BLOB])
    display = SpectralEmbeddingDisplay.from_estimator(embedding, y=names)
    assert legend_texts(display.ax_) == ["blob 0", "blob 1", "blob 2"]


def test_floats_are_drawn_on_a_scale(embedding):
    y = pd.Series(X[:, 0], name="abscissa")
    display = SpectralEmbeddingDisplay.from_estimator(embedding, y=y)
    (scatter,) = display.scatters_
    np.testing.assert_allclose(scatter.get_array(), X[:, 0])
    assert scatter.colorbar.ax.get_ylabel() == "abscissa"
    assert display.ax_.get_legend() is None


def test_no_labels_one_colour_no_legend(embedding):
    display = SpectralEmbeddingDisplay.from_estimator(embedding)
    (scatter,) = display.scatters_
    np.testing.assert_allclose(scatter.get_offsets(), embedding.embedding_[:, :2])
    assert len(set(colors_of(scatter))) == 1
    assert display.ax_.get_legend() is None


def test_new_rows_over_grey_training_rows(clustering):
    display = SpectralEmbeddingDisplay.from_estimator(clustering, X_NEW)
    old, *new = display.scatters_
    np.testing.assert_allclose(old.get_offsets(), clustering.embedding_[:, 1:3])
    red, green, blue, _ = colors_of(old)[0]
    assert red == green == blue
    labels = clustering.predict(X_NEW)
    Y_new = clustering.transform(X_NEW)
    for cluster, scatter in zip(np.unique(labels), new, strict=True):
        np.testing.assert_allclose(
            scatter.get_offsets(), Y_new[labels == cluster][:, 1:3]
        )
    expected = ["training rows", *np.unique(labels).astype(str)]
    assert legend_texts(display.ax_) == expected


def test_a_cluster_keeps_its_colour_among_new_rows(clustering):
    of_all = SpectralEmbeddingDisplay.from_estimator(clustering).scatters_
    last = X[clustering.labels_ == 2]
    display = SpectralEmbeddingDisplay.from_estimator(clustering, last)
    assert legend_texts(display.ax_) == ["training rows", "2"]
    assert colors_of(display.scatters_[1])[0] == colors_of(of_all[2])[0]


def test_new_rows_of_an_embedding(embedding):
    display = SpectralEmbeddingDisplay.from_estimator(embedding, X_NEW)
    assert legend_texts(display.ax_) == ["training rows", "new rows"]
    assert display.ax_.get_legend().get_title().get_text() == ""
    y = X_NEW[:, 0]
    display = SpectralEmbeddingDisplay.from_estimator(embedding, X_NEW, y=y)
    np.testing.assert_allclose(display.scatters_[1].get_array(), y)
    assert legend_texts(display.ax_) == ["training rows", "new rows"]


def test_training_rows_are_also_pale_on_dark_axes(embedding):
    with pyplot.style.context("dark_background"):
        display = SpectralEmbeddingDisplay.from_estimator(embedding, X_NEW)
    assert max(to_rgb(colors_of(display.scatters_[0])[0])) < 0.5


def test_three_components_in_space(clustering):
    display = SpectralEmbeddingDisplay.from_estimator(clustering, components=(1, 2, 3))
    assert display.ax_.name == "3d"
    assert display.ax_.get_zlabel() == "component 3"
    xs, ys, zs = display.scatters_[0]._offsets3d
    members = clustering.embedding_[clustering.labels_ == 0][:, 1:4]
    np.testing.assert_allclose(np.column_stack([xs, ys, zs]), members)


@pytest.mark.parametrize(
    ("components", "projection"), [((0, 1, 2), None), ((0, 1), "3d")]
)
def test_names_axes_that_do_not_fit(embedding, components, projection):
    ax = pyplot.figure().add_subplot(projection=projection)
    with pytest.raises(ValueError, match=r"ax must have projection=.*components=\[0"):
        SpectralEmbeddingDisplay.from_estimator(embedding, components=components, ax=ax)


@pytest.mark.parametrize(
    "components", [(0, 3), (-1, 0), (), (0, 1, 2, 0), (0.5, 1), (1.0, 2), (True, False)]
)
def test_names_components_that_are_not_there(embedding, components):
    with pytest.raises(ValueError, match=r"components=.* from 0 to 2"):
        SpectralEmbeddingDisplay.from_estimator(embedding, components=components)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([0, 1], "y has 2 labels, but there are 120 rows"),
        (np.zeros((120, 2)), "1d array"),
        (np.full(120, np.nan), "y contains NaN"),
        ([None, *["a"] * 119], "y must be all numbers or all strings, without gaps"),
        ([np.nan, *["a"] * 119], "y must be .* without gaps, got float, str"),
        (pd.Series([None, *["a"] * 119], dtype="string"), "y must be .* without gaps"),
        (pd.Series([None, *["a"] * 119], dtype=object), "y must be .* without gaps"),
        (pd.Categorical([None, *["a"] * 119]), "y must be .* without gaps"),
        (np.array([np.nan, *[1] * 119], dtype=object), "y contains NaN"),
        ("species", "y must be an array with a label for each row, got str"),
        ({0, 1}, "y must be an array .* got set"),
    ],
)
@pytest.mark.parametrize("cls", [SpectralEmbeddingDisplay, AffinityDisplay])
def test_names_labels_that_do_not_fit(cls, embedding, y, message):
    with pytest.raises(ValueError, match=message):
        cls.from_estimator(embedding, y=y)


def test_the_constant_component_is_left_out():
    Y = np.column_stack([np.ones(6), np.arange(6.0), np.arange(6.0) ** 2])
    scatter = SpectralEmbeddingDisplay(embedding=Y).plot().scatters_[0]
    np.testing.assert_array_equal(scatter.get_offsets(), Y[:, 1:])


def test_a_component_is_constant_even_if_isolated_rows_are_zero():
    Y = np.column_stack([np.ones(6), np.arange(6.0), np.arange(6.0) ** 2])
    Y = np.vstack([Y, np.zeros((2, 3))])
    scatter = SpectralEmbeddingDisplay(embedding=Y).plot().scatters_[0]
    np.testing.assert_array_equal(scatter.get_offsets(), Y[:, 1:])


def test_one_component_is_drawn_over_the_order_of_rows():
    Y = np.array([[0.3], [-0.5], [0.1], [0.2]])
    display = SpectralEmbeddingDisplay(
        embedding=Y[:3], new_embedding=Y[3:], eigenvalues=np.array([0.25])
    ).plot()
    old, new = display.scatters_
    np.testing.assert_array_equal(old.get_offsets(), [[3, 0.3], [0, -0.5], [1, 0.1]])
    np.testing.assert_array_equal(new.get_offsets(), [[2, 0.2]])
    assert "order" in display.ax_.get_xlabel()
    assert display.ax_.get_ylabel() == "component 0 (eigenvalue 0.25)"


@pytest.mark.parametrize("Y", [np.ones((5, 1)), np.zeros((5, 2))])
def test_constant_embeddings_have_their_rows_side_by_side(Y):
    (scatter,) = SpectralEmbeddingDisplay(embedding=Y).plot().scatters_
    np.testing.assert_array_equal(scatter.get_offsets()[:, 0], np.arange(5))


def test_no_category_is_grey_as_training_rows_are():
    Y = np.random.default_rng(0).normal(size=(40, 2))
    display = SpectralEmbeddingDisplay(embedding=Y, labels=np.arange(40)).plot()
    for scatter in display.scatters_:
        channels = colors_of(scatter)[0][:3]
        assert max(channels) - min(channels) > 0.2


def test_training_rows_are_pale_on_transparent_figures(embedding):
    with pyplot.rc_context({"figure.facecolor": "none", "axes.facecolor": "none"}):
        display = SpectralEmbeddingDisplay.from_estimator(embedding, X_NEW)
        assert min(to_rgb(colors_of(display.scatters_[0])[0])) > 0.7


@pytest.mark.parametrize("cls", DISPLAYS)
def test_displays_have_titles_but_keep_given_ones(cls, clustering):
    assert cls.from_estimator(clustering).ax_.get_title()
    _, ax = pyplot.subplots()
    ax.set_title("Mine")
    assert cls.from_estimator(clustering, ax=ax).ax_.get_title() == "Mine"


def test_every_eigenvalue_has_a_tick():
    display = EigenvalueDisplay(eigenvalues=np.linspace(0, 1, 14)).plot()
    assert display.ax_.get_xticks().tolist() == list(range(1, 15))


def test_forty_categories_differ_in_colour_or_marker():
    Y = np.random.default_rng(0).normal(size=(80, 2))
    display = SpectralEmbeddingDisplay(embedding=Y, labels=np.arange(80) % 40).plot()
    looks = {
        (colors_of(scatter)[0], scatter.get_paths()[0].vertices.tobytes())
        for scatter in display.scatters_
    }
    assert len(looks) == 40
    assert legend_texts(display.ax_) == [str(number) for number in range(40)]
    display.figure_.canvas.draw()
    legend = display.ax_.get_legend().get_window_extent()
    assert legend.y0 >= 0
    assert legend.x1 <= display.figure_.bbox.x1


def test_more_categories_are_drawn_on_a_scale():
    Y = np.random.default_rng(0).normal(size=(90, 2))
    names = np.array([f"{number:02}" for number in range(45)])
    display = SpectralEmbeddingDisplay(
        embedding=Y, labels=np.repeat(names[5:], 90 // 40 + 1)[:90], categories=names
    ).plot()
    (scatter,) = display.scatters_
    assert scatter.get_array().min() == 5
    assert scatter.get_clim() == (0, 44)
    ticks = [text.get_text() for text in scatter.colorbar.ax.get_yticklabels()]
    assert ticks == ["00", "09", "18", "26", "35", "44"]


def test_options_reach_the_scatter(clustering):
    display = SpectralEmbeddingDisplay.from_estimator(clustering, s=7, color="black")
    for scatter in display.scatters_:
        assert scatter.get_sizes().tolist() == [7]
        assert same_color(colors_of(scatter)[0], "black")


def test_shared_axes_can_be_drawn(clustering):
    figure, axes = pyplot.subplots(1, 2, sharex=True, sharey=True)
    for ax in axes:
        SpectralEmbeddingDisplay.from_estimator(clustering, ax=ax)
    figure.canvas.draw()
    assert axes[0].get_xlim() == axes[1].get_xlim()


# EigenvalueDisplay


def test_the_largest_gap_is_marked():
    eigenvalues = np.array([0.0, 0.01, 0.03, 0.4, 0.45])
    display = EigenvalueDisplay(eigenvalues=eigenvalues, n_clusters=2).plot()
    np.testing.assert_array_equal(display.line_.get_xdata(), [1, 2, 3, 4, 5])
    np.testing.assert_array_equal(display.line_.get_ydata(), eigenvalues)
    assert display.gap_.get_x() == 3
    assert display.gap_.get_width() == 1
    texts = legend_texts(display.ax_)
    assert texts == ["largest gap, after 3", "n_clusters_ = 2"]
    assert display.ax_.lines[0].get_xdata()[0] == 2.5


def test_eigenvalues_of_a_clustering(clustering):
    display = EigenvalueDisplay.from_estimator(clustering, color="black")
    np.testing.assert_array_equal(display.line_.get_ydata(), clustering.spectrum_)
    assert legend_texts(display.ax_)[1] == "n_clusters_ = 3"
    assert display.line_.get_color() == "black"


def test_an_embedding_also_shows_the_eigenvalue_of_the_constant(embedding):
    display = EigenvalueDisplay.from_estimator(embedding)
    np.testing.assert_array_equal(display.line_.get_ydata(), embedding.spectrum_)
    assert len(embedding.spectrum_) == 4
    assert len(legend_texts(display.ax_)) == 1


def test_one_eigenvalue_has_no_gap():
    display = EigenvalueDisplay(eigenvalues=np.zeros(1)).plot()
    assert display.gap_ is None
    assert display.ax_.get_legend() is None
    display.figure_.canvas.draw()
    low, high = display.ax_.get_xlim()
    ticks = display.ax_.get_xticks()
    assert ticks[(ticks >= low) & (ticks <= high)].tolist() == [1]


# AffinityDisplay


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix, sparse.csr_array])
def test_rows_of_the_matrix_are_sorted_by_cluster(container):
    W = np.arange(16.0).reshape(4, 4)
    display = AffinityDisplay(
        affinity_matrix=container(W), labels=np.array([1, 0, 1, 0])
    ).plot()
    order = [1, 3, 0, 2]
    np.testing.assert_array_equal(display.order_, order)
    np.testing.assert_array_equal(display.image_.get_array(), W[order][:, order])
    assert display.ax_.get_aspect() == 1
    ticks = display.ax_.get_yticks(), display.ax_.get_yticklabels()
    assert ticks[0].tolist() == [1, 3]
    assert [text.get_text() for text in ticks[1]] == ["0", "1"]
    assert {line.get_ydata()[0] for line in display.ax_.lines[::2]} == {2}


def test_many_rows_are_averaged_in_cells():
    rng = np.random.default_rng(0)
    n_samples = 1001
    W = sparse.random(n_samples, n_samples, 0.01, format="csr", random_state=rng)
    labels = rng.integers(3, size=n_samples)
    display = AffinityDisplay(affinity_matrix=W, labels=labels).plot()
    picture = display.image_.get_array()
    assert picture.shape == (500, 500)
    assert display.image_.colorbar.ax.get_ylabel() == "mean affinity"
    ordered = W.toarray()[display.order_][:, display.order_]
    cells = np.arange(n_samples) * 500 // n_samples
    for row, column in ((0, 0), (3, 499), (499, 250)):
        mean = ordered[cells == row][:, cells == column].mean()
        assert picture[row, column] == pytest.approx(mean)


def test_sixty_thousand_rows_need_no_dense_matrix():
    n_samples = 60_000
    i = np.arange(n_samples)
    ring = sparse.csr_matrix((np.ones(n_samples), (i, (i + 1) % n_samples)))
    display = AffinityDisplay(affinity_matrix=ring, labels=i // 6_000).plot()
    # 119 of the 120 edges from a cell's rows end in the cell.
    assert display.image_.get_array()[7, 7] == pytest.approx(119 / 120**2)
    assert display.image_.get_array()[7, 8] == pytest.approx(1 / 120**2)


def test_affinities_of_a_clustering(clustering):
    display = AffinityDisplay.from_estimator(clustering, cmap="Greens")
    order = np.argsort(clustering.labels_, kind="stable")
    W = clustering.affinity_matrix_.toarray()[order][:, order]
    np.testing.assert_allclose(display.image_.get_array(), W)
    assert display.image_.colorbar.ax.get_ylabel() == "affinity"
    assert display.image_.get_cmap().name == "Greens"


def test_affinities_of_an_embedding_need_y(embedding):
    with pytest.raises(ValueError, match=r"labels_, got SpectralNetEmbedding: give y"):
        AffinityDisplay.from_estimator(embedding)
    display = AffinityDisplay.from_estimator(embedding, y=pd.Series(BLOB, name="blob"))
    assert display.ax_.get_ylabel() == "blob"
    np.testing.assert_array_equal(display.order_, np.argsort(BLOB, kind="stable"))


@pytest.mark.parametrize("y", [None, BLOB])
def test_affinities_of_a_sample(y):
    model = SpectralNetClustering(3, max_samples=60, n_neighbors=20, **BRIEF).fit(X)
    display = AffinityDisplay.from_estimator(model, y=y)
    labels = (model.labels_ if y is None else y)[model.sample_indices_]
    assert display.order_.tolist() == np.argsort(labels, kind="stable").tolist()


def test_small_clusters_are_not_labelled_if_labels_would_overlap():
    labels = np.repeat(np.arange(100), 3)
    display = AffinityDisplay(affinity_matrix=np.eye(300), labels=labels).plot()
    display.figure_.canvas.draw()
    boxes = [text.get_window_extent() for text in display.ax_.get_yticklabels()]
    assert 10 < len(boxes) < 100
    for upper, lower in pairwise(boxes):
        assert upper.y0 >= lower.y1


def test_one_cluster_and_no_edge():
    display = AffinityDisplay(
        affinity_matrix=sparse.csr_matrix((4, 4)), labels=np.zeros(4, dtype=int)
    ).plot()
    assert not display.image_.get_array().any()
    assert not display.ax_.lines


# LossCurveDisplay


def test_losses_over_epochs(clustering):
    display = LossCurveDisplay.from_estimator(clustering, linewidth=3)
    losses = clustering.loss_curve_
    epochs = np.arange(1, len(losses) + 1)
    points = np.column_stack([epochs, losses])
    np.testing.assert_allclose(display.points_.get_offsets(), points)
    np.testing.assert_array_equal(display.line_.get_xdata(), epochs)
    assert display.ax_.get_yscale() == "log"
    assert legend_texts(display.ax_) == ["SpectralNetClustering"]
    assert display.line_.get_linewidth() == 3


def test_the_line_of_losses_does_not_zigzag():
    trend = np.geomspace(1.0, 0.01, 12)
    losses = trend * np.tile([1.3, 1.0 / 1.3], 6)
    line = LossCurveDisplay(loss_curve=losses).plot().line_.get_ydata()
    assert (np.diff(losses) > 0).any()
    assert (np.diff(line) < 0).all()
    np.testing.assert_allclose(line[1:-1], trend[1:-1])
    np.testing.assert_array_equal(line[[0, -1]], losses[[0, -1]])


def test_several_estimators_on_one_axes(embedding):
    models = [
        AutoencoderTransformer(2, max_iter=3, **SMALL).fit(X),
        SiameseTransformer(2, max_iter=2, **SMALL).fit(X),
    ]
    ax = LossCurveDisplay.from_estimator(embedding, name="map").ax_
    for model in models:
        LossCurveDisplay.from_estimator(model, ax=ax)
    names = ["map", "AutoencoderTransformer", "SiameseTransformer"]
    assert legend_texts(ax) == names
    assert len(ax.lines[1].get_xdata()) == 3
    assert len({to_rgba(line.get_color()) for line in ax.lines}) == 3
    assert len({line.get_linestyle() for line in ax.lines}) == 3


def test_an_empty_loss_curve_is_named(of_a_graph):
    message = "loss_curve_ of this SpectralNetClustering is empty"
    with pytest.raises(ValueError, match=message):
        LossCurveDisplay.from_estimator(of_a_graph)


@pytest.mark.parametrize(
    ("losses", "scale"), [([1.0, 0.0], "log"), ([0.0, 0.0], "linear"), ([0.5], "log")]
)
def test_losses_of_zero_and_a_single_epoch(losses, scale):
    display = LossCurveDisplay(loss_curve=losses).plot()
    assert display.ax_.get_yscale() == scale
    assert display.ax_.get_legend() is None
    np.testing.assert_array_equal(display.points_.get_offsets()[:, 1], losses)
    display.figure_.canvas.draw()
    assert all(tick == round(tick) for tick in display.ax_.get_xticks())


# ClusterSizesDisplay


def test_bars_are_the_sizes(clustering):
    display = ClusterSizesDisplay.from_estimator(clustering, color="black")
    sizes = [int((clustering.labels_ == cluster).sum()) for cluster in range(3)]
    assert [bar.get_height() for bar in display.bar_] == sizes
    assert [text.get_text() for text in display.ax_.texts] == list(map(str, sizes))
    assert same_color(display.bar_[0].get_facecolor(), "black")


@pytest.mark.parametrize(
    ("n_clusters", "numbered"), [(1, 1), (12, 12), (40, 40), (90, 0)]
)
def test_bars_fit_whatever_their_number(n_clusters, numbered):
    display = ClusterSizesDisplay(sizes=np.full(n_clusters, 100)).plot()
    assert len(display.bar_) == n_clusters
    assert len(display.ax_.texts) == numbered
    display.figure_.canvas.draw()
    low, high = display.ax_.get_xlim()
    ticks = [tick for tick in display.ax_.get_xticks() if low <= tick <= high]
    assert set(ticks) <= set(range(n_clusters))
    if n_clusters <= 12:
        assert ticks == list(range(n_clusters))
    boxes = [text.get_window_extent() for text in display.ax_.texts]
    for left, right in pairwise(boxes):
        assert left.x1 < right.x0


def test_graphs_alone_can_be_drawn(of_a_graph):
    for cls in (AffinityDisplay, ClusterSizesDisplay, EigenvalueDisplay):
        assert cls.from_estimator(of_a_graph).ax_.has_data()
    W_new = np.array([[1.0] * 4 + [0.1] * 4])
    display = SpectralEmbeddingDisplay.from_estimator(of_a_graph, W_new)
    assert len(display.scatters_) == 2
