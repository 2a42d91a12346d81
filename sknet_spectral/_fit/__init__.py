"""The fit, from rows to a map, as functions that take what they need."""
