"""Tests of the map of rows to eigenvectors."""
