"""The affinity matrix: from rows, distances or kernels to weights of edges."""
