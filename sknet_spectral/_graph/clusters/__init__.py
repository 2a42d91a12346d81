"""The clusters of a graph: how many, which groups are too small, what a cut costs."""
