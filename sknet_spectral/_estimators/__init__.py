"""The estimators: parameters, validation, and what a fit publishes."""
