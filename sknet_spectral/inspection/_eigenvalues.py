"""EigenvalueDisplay: the spectrum of the graph, with its gap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from sknet_spectral._graph.clusters.eigengap import eigengap

from ._colors import PALETTE, mark_n_clusters
from ._display import Display, give_title, whole_number_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class EigenvalueDisplay(Display):
    """Eigenvalues of the Laplacian in ascending order, with the largest gap marked.

    A graph of k groups with few edges between them has k small eigenvalues and then a
    gap. All eigenvalues that the fit has computed are drawn, usually 22 with
    ``n_clusters="auto"``. If you set the number of clusters, ask for more components to
    see a gap after the last cluster.

    Parameters
    ----------
    eigenvalues : ndarray of shape (n_eigenvalues,)
        The lowest eigenvalues in ascending order, including the eigenvalue of the
        constant eigenvector.
    n_clusters : int, default=None
        Number of clusters, requested or found. None if there is none.

    Attributes
    ----------
    line_ : matplotlib Line2D
        The eigenvalues against their numbers, which start from one.
    gap_ : matplotlib Rectangle or None
        The largest gap. None if there is only one eigenvalue.
    ax_ : matplotlib Axes
        The axes.
    figure_ : matplotlib Figure
        The figure.

    See Also
    --------
    SpectralEmbeddingDisplay : The eigenvectors.

    References
    ----------
    von Luxburg, "A tutorial on spectral clustering", Statistics and Computing 17,
    2007, section 8.3.

    Examples
    --------
    >>> from sklearn.datasets import make_blobs
    >>> from sknet_spectral import SpectralNetClustering
    >>> from sknet_spectral.inspection import EigenvalueDisplay
    >>> X, _ = make_blobs(300, centers=[[0, 0], [4, 0], [2, 3]], random_state=0)
    >>> model = SpectralNetClustering(3, n_components=6, random_state=0).fit(X)
    >>> display = EigenvalueDisplay.from_estimator(model)
    >>> len(display.line_.get_xdata())
    6
    """

    def __init__(
        self, *, eigenvalues: np.ndarray, n_clusters: int | None = None
    ) -> None:
        self.eigenvalues = eigenvalues
        self.n_clusters = n_clusters

    @classmethod
    def from_estimator(
        cls, estimator: Any, *, ax: Axes | None = None, **kwargs: Any
    ) -> Self:
        """Draw the eigenvalues of a fitted estimator.

        An embedding leaves out the constant eigenvector, but its eigenvalue, zero, is
        drawn anyway. An estimator from a file of an earlier version has no `spectrum_`;
        the eigenvalues of its components are drawn.

        Parameters
        ----------
        estimator : SpectralNetClustering or SpectralNetEmbedding
            The estimator, fitted.
        ax : matplotlib Axes, default=None
            Where to draw. None makes a figure.
        **kwargs : dict
            Passed to matplotlib's `plot`.

        Returns
        -------
        EigenvalueDisplay
            The display, already drawn.

        Raises
        ------
        NotFittedError
            If `fit` was not called.
        ValueError
            If the estimator has no eigenvalues.
        ImportError
            If matplotlib is not installed.
        """
        eigenvalues = cls._attribute(estimator, "eigenvalues_")
        n_clusters = getattr(estimator, "n_clusters_", None)
        if n_clusters is None:
            eigenvalues = np.concatenate([[0.0], eigenvalues])
        spectrum = getattr(estimator, "spectrum_", eigenvalues)
        display = cls(eigenvalues=spectrum, n_clusters=n_clusters)
        return display.plot(ax=ax, **kwargs)

    def plot(self, *, ax: Axes | None = None, **kwargs: Any) -> Self:
        """Draw the eigenvalues.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw. None makes a figure.
        **kwargs : dict
            Passed to matplotlib's `plot`.

        Returns
        -------
        EigenvalueDisplay
            The display.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        ax = self._open_axes(ax)
        numbers = np.arange(1, len(self.eigenvalues) + 1)
        self.gap_ = None
        if len(numbers) > 1:
            k = eigengap(self.eigenvalues)
            style: dict[str, Any] = {"color": PALETTE[1], "alpha": 0.35, "linewidth": 0}
            self.gap_ = ax.axvspan(k, k + 1, label=f"largest gap, after {k}", **style)
        if self.n_clusters is not None:
            mark_n_clusters(ax, self.n_clusters, self.n_clusters + 0.5)
        style = {"color": PALETTE[0], "marker": "o", "markersize": 5, **kwargs}
        (self.line_,) = ax.plot(numbers, self.eigenvalues, **style)
        last = max(len(numbers), self.n_clusters or 0)
        ax.set(xlabel="number of the eigenvalue", ylabel="eigenvalue")
        ax.set_xlim(0.25, last + 0.75)
        whole_number_ticks(ax.xaxis, 1, last)
        give_title(ax, "Eigenvalues of the graph")
        if ax.get_legend_handles_labels()[0]:
            ax.legend(loc="upper left")
        return self
