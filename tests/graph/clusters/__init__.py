"""Tests of the clusters of a graph."""
