"""LossCurveDisplay: how the training went."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from ._colors import PALETTE
from ._display import Display, give_title, whole_numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LINE_STYLES = ("-", "--", "-.", ":")


class LossCurveDisplay(Display):
    """Mean loss of each epoch, on a logarithmic scale.

    Dots are the losses. The line is smoothed over three epochs, because successive
    epochs may alternate.

    To draw several estimators on the same axes, pass these as `ax`. Losses can be
    compared if the estimators minimise the same loss.

    Parameters
    ----------
    loss_curve : sequence of float
        Mean loss of each epoch.
    name : str, default=None
        Name in the legend. None makes no entry.

    Attributes
    ----------
    points_ : matplotlib PathCollection
        The losses against the epochs, which start from one.
    line_ : matplotlib Line2D
        The smoothed losses.
    ax_ : matplotlib Axes
        The axes.
    figure_ : matplotlib Figure
        The figure.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sknet_spectral import SpectralNetEmbedding
    >>> from sknet_spectral.inspection import LossCurveDisplay
    >>> X, _ = load_iris(return_X_y=True)
    >>> display = None
    >>> for width in (8, 64):
    ...     model = SpectralNetEmbedding(
    ...         hidden_layer_sizes=width, n_neighbors=30, max_iter=5, random_state=0
    ...     )
    ...     display = LossCurveDisplay.from_estimator(
    ...         model.fit(X), name=f"{width} units", ax=display and display.ax_
    ...     )
    >>> len(display.ax_.lines)
    2
    """

    def __init__(self, *, loss_curve: Sequence[float], name: str | None = None) -> None:
        self.loss_curve = loss_curve
        self.name = name

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        *,
        name: str | None = None,
        ax: Axes | None = None,
        **kwargs: Any,
    ) -> Self:
        """Draw the losses of a fitted estimator.

        Parameters
        ----------
        estimator : estimator
            A fitted estimator of this package.
        name : str, default=None
            Name in the legend. None uses the name of the class.
        ax : matplotlib Axes, default=None
            Where to draw, such as the `ax_` of another display. None makes a figure.
        **kwargs : dict
            Passed to matplotlib's `plot`.

        Returns
        -------
        LossCurveDisplay
            The display, already drawn.

        Raises
        ------
        NotFittedError
            If `fit` was not called.
        ValueError
            If the estimator has no losses, because nothing was trained.
        ImportError
            If matplotlib is not installed.
        """
        loss_curve = cls._attribute(estimator, "loss_curve_")
        if not len(loss_curve):
            raise ValueError(
                f"The loss_curve_ of this {type(estimator).__name__} is empty: only a "
                "graph was given, and no network was trained."
            )
        name = type(estimator).__name__ if name is None else name
        return cls(loss_curve=loss_curve, name=name).plot(ax=ax, **kwargs)

    def plot(self, *, ax: Axes | None = None, **kwargs: Any) -> Self:
        """Draw the losses.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw, such as the `ax_` of another display. None makes a figure.
        **kwargs : dict
            Passed to matplotlib's `plot`.

        Returns
        -------
        LossCurveDisplay
            The display.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        ax = self._open_axes(ax)
        n_before = len(ax.lines)
        style = {
            "color": PALETTE[n_before % len(PALETTE)],
            "linestyle": _LINE_STYLES[n_before % len(_LINE_STYLES)],
            "label": self.name,
            **kwargs,
        }
        epochs = np.arange(1, len(self.loss_curve) + 1)
        (self.line_,) = ax.plot(epochs, _smooth(self.loss_curve), **style)
        self.points_ = ax.scatter(
            epochs, self.loss_curve, s=12, alpha=0.5, color=self.line_.get_color()
        )
        ax.set(xlabel="epoch", ylabel="mean loss of the epoch")
        whole_numbers(ax.xaxis)
        # A logarithmic scale cannot show zero.
        if np.max(self.loss_curve) > 0:
            ax.set_yscale("log")
        give_title(ax, "Training")
        if self.name is not None:
            ax.legend(handlelength=3.0)
        return self


def _smooth(curve: Sequence[float]) -> np.ndarray:
    """Average each inner loss with its neighbours, which removes alternation."""
    losses = np.asarray(curve, dtype=float)
    weights = [0.25, 0.5, 0.25]
    smoothed = losses.copy()
    if len(losses) > 2:
        # On a logarithmic scale, the eye averages logarithms.
        positive = losses.min() > 0.0
        levels = np.log(losses) if positive else losses
        means = np.convolve(levels, weights, mode="valid")
        smoothed[1:-1] = np.exp(means) if positive else means
    return smoothed
