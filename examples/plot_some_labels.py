"""
A few known labels
==================

Known labels change the graph: rows with the same label are linked, and edges between
rows with different labels are removed. Everything else is computed as usual, and the
clusters follow the labels.
"""

# %%
# More and more labels
# --------------------
#
# ``partial_labels`` has a label for each row, or -1 if it is unknown. Accuracy is
# measured on training rows without a given label, and on rows never seen.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from sknet_spectral import SpectralNetClustering
from sknet_spectral.metrics import clustering_accuracy

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)

order = np.random.default_rng(0).permutation(len(y_train))
numbers = (0, 10, 20, 50, 100, 200)
unknown_scores, new_scores = [], []
for n_known in numbers:
    partial_labels = np.full(len(y_train), -1)
    partial_labels[order[:n_known]] = y_train[order[:n_known]]
    model = SpectralNetClustering(10, random_state=0)
    model.fit(X_train, partial_labels=partial_labels)
    unknown = partial_labels == -1
    accuracy = clustering_accuracy(y_train[unknown], model.labels_[unknown])
    unknown_scores.append(accuracy)
    new_scores.append(clustering_accuracy(y_test, model.predict(X_test)))
    print(
        f"{n_known:3} known: {unknown_scores[-1]:.3f} on the others, "
        f"{new_scores[-1]:.3f} on rows never seen"
    )

# %%
# A few dozen labels separate digits that the graph alone has joined.

figure, ax = plt.subplots(figsize=(7, 4.5), layout="constrained")
ax.plot(numbers, unknown_scores, "o-", label="training rows of unknown label")
ax.plot(numbers, new_scores, "s--", label="rows never seen")
ax.set(title="Digits", xlabel=f"known labels, of {len(y_train)} rows")
ax.set(ylabel="accuracy")
ax.legend()
plt.show()

# %%
# Pairs instead of labels
# -----------------------
#
# ``must_link`` and ``cannot_link`` contain pairs of rows, by position. Use them if you
# know that two rows belong together, or apart, but not to which class.

first, second = order[:300:2], order[1:300:2]
alike = y_train[first] == y_train[second]
pairs = np.column_stack([first, second])
model = SpectralNetClustering(10, random_state=0)
model.fit(X_train, must_link=pairs[alike], cannot_link=pairs[~alike])
print(f"{alike.sum()} must-link and {(~alike).sum()} cannot-link pairs:")
print(f"accuracy {clustering_accuracy(y_train, model.labels_):.3f}")
