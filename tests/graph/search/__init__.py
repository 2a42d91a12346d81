"""Tests of the search for neighbours."""
