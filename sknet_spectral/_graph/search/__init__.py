"""The search for the nearest neighbours of every row."""
