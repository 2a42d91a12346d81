"""The graph: neighbours, affinities and the Laplacian. Never imports torch."""
