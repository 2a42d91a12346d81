"""Fitted estimators and unfinished fits in files."""
