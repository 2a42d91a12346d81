"""Tests of the affinity matrix."""
