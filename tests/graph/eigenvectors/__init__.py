"""Tests of the Laplacian and its eigenvectors."""
