"""What the two transformers share: parameters, and the training of their network."""

from collections.abc import Callable
from numbers import Real
from typing import Any, Self

from sklearn.utils._param_validation import Interval

from .._engine.networks.network import StandardizedNetwork
from .._engine.training.training_config import TrainingConfig
from .._fit.options import unless_auto
from .._fit.progress import Run
from .._fit.seeds import draw_seeds
from .._persistence.checkpoint import open_checkpoint
from .._rows.opening import validate_rows
from .._rows.rows import Matrix
from .fitted_state import publish
from .network_estimator import NetworkEstimator
from .parameter_types import WholeNumbers, check_augment


class BaseTransformer(NetworkEstimator):
    """A network that maps rows to a space which it learns from rows alone."""

    _parameter_constraints: dict = {
        **NetworkEstimator._parameter_constraints,
        "n_components": [WholeNumbers(1)],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "augment": [callable, None],
    }

    def _validate(self, X: Any, *, ensure_min_samples: int = 1) -> Matrix:
        """Return the validated rows, and check the parameters of training."""
        X = validate_rows(self, X, ensure_min_samples=ensure_min_samples)
        self._check_training()
        check_augment(self.augment, X)
        return X

    def _begin(self, *data: Any) -> Run:
        """Draw the seeds of a fit, and open its checkpoint."""
        seeds = draw_seeds(self.random_state)
        return Run(seeds, open_checkpoint(self, *data), self._monitor())

    def _learn(
        self,
        X: Matrix,
        stage: str,
        automatic_epochs: int,
        train: Callable[[TrainingConfig], tuple[StandardizedNetwork, list[float]]],
        run: Run,
        **attributes: Any,
    ) -> Self:
        """Train a network, and set its fitted attributes and the given ones."""
        n_epochs = unless_auto(self.max_iter, automatic_epochs)
        with run.monitor.fit_task(X), run.monitor.bar(stage, n_epochs) as bar:
            options = self._training_options()
            network, loss_curve = train(
                options.config(n_epochs, self.batch_size, bar, run)
            )
        found = {
            "network_": network,
            "loss_curve_": loss_curve,
            "n_iter_": len(loss_curve),
            "_n_features_out": self.n_components,
        }
        publish(self, found | attributes)
        run.monitor.close(f"{self.n_components} components")
        return self
