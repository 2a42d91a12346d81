"""
Sparse rows: sentences by topic
===============================

:class:`~sklearn.feature_extraction.text.TfidfVectorizer` turns words into columns. The
rows stay sparse in the neighbour search and in the network. ``metric="cosine"``
compares words, not lengths.
"""

# %%
# Sentences of three topics
# -------------------------
#
# The example needs no download, because the sentences are made from short word lists.
# Each sentence has three words of its topic, one word of any topic, and eight words
# that all topics share.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import normalized_mutual_info_score
from sklearn.pipeline import make_pipeline

from sknet_spectral import SpectralNetClustering, SpectralNetEmbedding
from sknet_spectral.inspection import SpectralEmbeddingDisplay

topics = {
    "sky": "star planet orbit telescope galaxy moon comet light dust night signal",
    "sea": "ship harbour wave sailor tide anchor storm island coast net fish",
    "kitchen": "oven flour butter recipe salt pan onion bread spoon sugar taste",
}
shared = "the a of with near under old new small long we they saw found made said"


def sentences(n_samples, random_state):
    rng = np.random.default_rng(random_state)
    chosen = rng.integers(len(topics), size=n_samples)
    lists = [words.split() for words in topics.values()]
    texts = [
        " ".join(
            [
                *rng.choice(lists[topic], 3),
                rng.choice(np.concatenate(lists)),
                *rng.choice(shared.split(), 8),
            ]
        )
        for topic in chosen
    ]
    return texts, chosen


texts, topic = sentences(900, random_state=0)
print(texts[0])

# %%
# A pipeline from text to labels
# ------------------------------

model = make_pipeline(
    TfidfVectorizer(),
    SpectralNetClustering(3, metric="cosine", random_state=0),
)
labels = model.fit_predict(texts)
print(f"NMI with the topics: {normalized_mutual_info_score(topic, labels):.3f}")

new_texts, new_topic = sentences(300, random_state=1)
new_labels = model.predict(new_texts)
nmi = normalized_mutual_info_score(new_topic, new_labels)
print(f"NMI on sentences that came later: {nmi:.3f}")

# %%
# The map of the sentences
# ------------------------
#
# The new sentences are drawn over the training sentences.

embedding = make_pipeline(
    TfidfVectorizer(),
    SpectralNetEmbedding(n_components=2, metric="cosine", random_state=0),
).fit(texts)

SpectralEmbeddingDisplay.from_estimator(
    embedding[-1],
    embedding[:-1].transform(new_texts),
    y=np.array(list(topics))[new_topic],
)
plt.show()
