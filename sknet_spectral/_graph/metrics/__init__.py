"""Metrics: distances between rows, and the space in which each is the simplest."""
