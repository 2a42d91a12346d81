"""Seconds of predictions."""

from .rows import Rows


class Predict(Rows):
    """Labels of new rows, and of one."""

    def setup(self, n_samples, n_features, n_clusters):
        super().setup(n_samples, n_features, n_clusters)
        self.model.set_params(max_iter=1).fit(self.X)

    def time_predict(self, *_):
        self.model.predict(self.X)

    def time_predict_one_row(self, *_):
        self.model.predict(self.X[:1])
