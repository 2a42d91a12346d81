"""Rows wherever they lie: in memory, on disk, or in a Dask collection."""
