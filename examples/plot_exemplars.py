"""
Exemplars: what each cluster is
===============================

A cluster has a number, but no name. Its exemplars say what it is, and its least certain
rows say where it ends. This example shows both, for images and for texts.
"""

# %%
# Images
# ------
#
# ``exemplars_`` has the positions of up to ten training rows for each cluster, the most
# typical first. ``predict_proba`` says how sure each label is.

import inspect
import re

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.utils.discovery import all_estimators, all_functions

from sknet_spectral import SpectralNetClustering

X, _ = load_digits(return_X_y=True)
model = SpectralNetClustering(10, n_components="auto", random_state=0).fit(X)
probabilities = model.predict_proba(X)
certainty = probabilities.max(axis=1)


def least_certain_of(cluster):
    members = np.flatnonzero(model.labels_ == cluster)
    return members[np.argsort(certainty[members])[:10]]


def draw(ax, rows):
    images = [np.pad(X[row].reshape(8, 8), 1) for row in rows]
    ax.imshow(np.hstack(images), cmap="gray_r")
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)


figure, axes = plt.subplots(10, 2, figsize=(9, 5.6), layout="constrained")
figure.get_layout_engine().set(wspace=0.1)
axes[0, 0].set_title("exemplars")
axes[0, 1].set_title("least certain rows")
for cluster, (left, right) in enumerate(axes):
    draw(left, model.exemplars_[cluster])
    draw(right, least_certain_of(cluster))
    left.set_ylabel(cluster, rotation=0, ha="right", va="center")
plt.show()

# %%
# The number on the left is the number of the cluster, not a digit. The exemplars show
# which digit a cluster is, and the rows on the right show with which others it is
# confused.
#
# ``least_certain_`` has the rows that lie closest to a border, whatever their clusters.
# Below each row is the first exemplar of its most probable cluster, and of the next.

first, second = np.argsort(probabilities[model.least_certain_], axis=1).T[[-1, -2]]
exemplar = np.array([exemplars[0] for exemplars in model.exemplars_])
figure, axes = plt.subplots(3, 1, figsize=(8, 2.6), layout="constrained")
named = {
    "row": model.least_certain_,
    "first cluster": exemplar[first],
    "second cluster": exemplar[second],
}
for ax, (name, drawn) in zip(axes, named.items(), strict=True):
    draw(ax, drawn)
    ax.set_ylabel(name, rotation=0, ha="right", va="center")
plt.show()

# %%
# Texts
# -----
#
# scikit-learn ships with a corpus: the texts that document its classes and functions.
# A text has a title, which is the name of what it documents. Only texts with at least
# ten different words are used.

texts = {
    name: re.split(r"\n(?:Examples|References)\n", inspect.getdoc(documented) or "")[0]
    for name, documented in [*all_estimators(), *all_functions()]
}
vectorizer = TfidfVectorizer(
    stop_words="english",
    sublinear_tf=True,
    min_df=3,
    max_df=0.25,
    token_pattern="[a-z]{3,}",
)
rows = vectorizer.fit_transform(texts.values())
is_long = np.diff(rows.indptr) >= 10
rows, titles = rows[is_long], np.array(list(texts))[is_long]
print(f"{rows.shape[0]} texts, {rows.shape[1]} words")

topics = SpectralNetClustering(12, metric="cosine", random_state=0).fit(rows)
for cluster, exemplars in enumerate(topics.exemplars_):
    print(f"{cluster:2}: {', '.join(titles[exemplars[:3]])}")

# %%
# The titles of the exemplars are enough to give each cluster a name: scores of
# classifiers, support vector machines, covariances, selection of features and so on.
# The least certain texts belong to several subjects, or to none of these.

print(*titles[topics.least_certain_], sep="\n")

# %%
# Words
# -----
#
# The words of a cluster are those with a larger mean weight in its texts than in the
# others.

words = vectorizer.get_feature_names_out()
figure, axes = plt.subplots(3, 4, figsize=(9, 6), layout="constrained", sharex=True)
for cluster, ax in enumerate(axes.flat):
    is_inside = topics.labels_ == cluster
    excess = np.asarray(rows[is_inside].mean(axis=0) - rows[~is_inside].mean(axis=0))[0]
    largest = np.argsort(excess)[-6:]
    ax.barh(words[largest], excess[largest])
    ax.set_title(f"{cluster}: {is_inside.sum()} texts")
figure.supxlabel("weight above the mean of the other texts")
plt.show()
