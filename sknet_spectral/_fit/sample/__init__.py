"""The sample: the rows of the graph, what is known of them, and their space."""
