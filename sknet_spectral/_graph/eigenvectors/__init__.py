"""The Laplacian of a graph, and its lowest eigenvectors."""
