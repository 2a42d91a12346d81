"""Networks: their layers, their state, and the map that they make of rows."""
