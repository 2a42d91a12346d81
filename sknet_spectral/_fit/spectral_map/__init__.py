"""The map of rows to eigenvectors: graph, eigenvectors and network."""
