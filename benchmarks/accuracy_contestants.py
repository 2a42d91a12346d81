"""What is compared: models, and the space that each clusters.

A model is made from the spaces of a data set and a seed. Its constants are the same on
every data set, but for the cosine distance of sparse text.
"""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from accuracy_leiden import Leiden
from accuracy_spaces import Spaces, import_peer
from accuracy_spectralnet import SpectralNet
from sklearn.cluster import HDBSCAN, KMeans, SpectralClustering
from sklearn.mixture import GaussianMixture
from sklearn.pipeline import make_union

from sknet_spectral import AutoencoderTransformer, SpectralNetClustering


class Contestant(NamedTuple):
    """A model, the space that it clusters, and whether it takes too long.

    A fit of all rows is tried where that "may" be so, and left out where it is "known".
    """

    model: Callable[[Spaces], Any]
    space: str = "raw"
    slow: Literal["may", "known"] | None = None


def k_means(spaces):
    return KMeans(spaces.n_clusters, n_init=10, random_state=spaces.seed)


def spectral_clustering(spaces):
    import_peer("pyamg")
    return SpectralClustering(
        spaces.n_clusters,
        affinity="nearest_neighbors",
        n_neighbors=15,
        eigen_solver="amg",
        random_state=spaces.seed,
    )


def mixture(spaces):
    return GaussianMixture(spaces.n_clusters, random_state=spaces.seed)


def hdbscan(spaces):
    # A hundredth of the rows: the one number that has to be chosen, by no label.
    n_samples = spaces.raw.rows.shape[0]
    return HDBSCAN(min_cluster_size=n_samples // 100, min_samples=10, copy=True)


def leiden(spaces):
    return Leiden(spaces.n_clusters, spaces.metric, spaces.seed)


def spectralnet(spaces):
    return SpectralNet(spaces.n_clusters, spaces.seed, learned=False)


def spectralnet_learned(spaces):
    return SpectralNet(spaces.n_clusters, spaces.seed, learned=True)


def defaults(spaces, **parameters):
    return SpectralNetClustering(
        spaces.n_clusters,
        metric=spaces.metric,
        random_state=spaces.seed,
        **parameters,
    )


def auto_components(spaces):
    return defaults(spaces, n_components="auto")


def siamese(spaces):
    return defaults(spaces, n_components="auto", affinity="siamese")


def on_codes(spaces):
    # Of codes it is what a Pipeline of AutoencoderTransformer(10) and this would do.
    return SpectralNetClustering(
        spaces.n_clusters,
        n_components="auto",
        n_neighbors=10,
        random_state=spaces.seed,
    )


def graph_of_codes(spaces):
    # The first of its autoencoders is that of the codes above.
    autoencoders = [
        AutoencoderTransformer(10, random_state=spaces.seed + i) for i in range(2)
    ]
    return SpectralNetClustering(
        spaces.n_clusters,
        n_components="auto",
        n_neighbors=10,
        hidden_layer_sizes=(512, 512, 512),
        max_iter=40,
        affinity_transformer=make_union(*autoencoders),
        random_state=spaces.seed,
    )


CONTESTANTS = {
    "k-means": Contestant(k_means),
    "SpectralClustering": Contestant(spectral_clustering),
    "Leiden": Contestant(leiden),
    "UMAP + HDBSCAN": Contestant(hdbscan, "umap"),
    "UMAP + Gaussian mixture": Contestant(mixture, "umap"),
    "codes, UMAP + mixture": Contestant(mixture, "umap_of_codes"),
    "codes, k-means": Contestant(k_means, "codes"),
    "Siamese space, k-means": Contestant(k_means, "siamese"),
    "spectralnet": Contestant(spectralnet, slow="may"),
    "spectralnet, all nets": Contestant(spectralnet_learned, slow="known"),
    "defaults": Contestant(defaults),
    "auto components": Contestant(auto_components),
    "siamese, auto components": Contestant(siamese),
    "codes, auto components": Contestant(on_codes, "codes"),
    "graph of two codes": Contestant(graph_of_codes),
}
