"""Callbacks of scikit-learn, told of each epoch; from scikit-learn 1.9 on."""

from contextlib import contextmanager

try:
    from sklearn.callback import CallbackSupportMixin
except ImportError:  # an older scikit-learn has no callbacks
    CallbackSupportMixin = object


class EpochCallbacks(CallbackSupportMixin):
    """An estimator whose `fit` is a task, and each epoch a task within it."""

    @contextmanager
    def _fit_task(self, X):
        """Tell the callbacks that `fit` begins, and that it ended."""
        if CallbackSupportMixin is object:
            yield
            return
        context = self._init_callback_context(max_subtasks=None)
        context.call_on_fit_task_begin(estimator=self, X=X)
        yield
        context.call_on_fit_task_end(estimator=self, X=X)

    def _epoch_task(self):
        """Tell the callbacks of an epoch; return whether one asks to stop."""
        context = getattr(self, "_callback_fit_ctx", None)
        if context is None:
            return False
        epoch = context.subcontext(task_name="epoch")
        epoch.call_on_fit_task_begin(estimator=self)
        return epoch.call_on_fit_task_end(estimator=self)
