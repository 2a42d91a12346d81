"""The four objectives of training."""
