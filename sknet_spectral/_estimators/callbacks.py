"""Callbacks of scikit-learn, told of each epoch; from scikit-learn 1.9 on."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

try:
    from sklearn.callback import CallbackSupportMixin
except ImportError:  # an older scikit-learn has no callbacks
    CallbackSupportMixin = type("CallbackSupportMixin", (), {})


@contextmanager
def fit_task(estimator: Any, X: Any) -> Iterator[None]:
    """Tell the callbacks that `fit` begins, and that it ended.

    Parameters
    ----------
    estimator : estimator
        The estimator that is fitted.
    X : {ndarray, csr_matrix} of shape (n_samples, n_features)
        Its training rows.
    """
    if not hasattr(estimator, "_init_callback_context"):
        yield
        return
    context = estimator._init_callback_context(max_subtasks=None)
    context.call_on_fit_task_begin(estimator=estimator, X=X)
    yield
    context.call_on_fit_task_end(estimator=estimator, X=X)


def end_epoch(estimator: Any) -> bool:
    """Tell the callbacks of an epoch.

    Parameters
    ----------
    estimator : estimator
        The estimator that is fitted.

    Returns
    -------
    bool
        Whether a callback asks to stop.
    """
    context = getattr(estimator, "_callback_fit_ctx", None)
    if context is None:
        return False
    epoch = context.subcontext(task_name="epoch")
    epoch.call_on_fit_task_begin(estimator=estimator)
    return epoch.call_on_fit_task_end(estimator=estimator)
