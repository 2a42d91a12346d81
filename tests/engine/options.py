"""The options of a training, with defaults that suit small tests."""

from sknet_spectral._checkpoint import NotKept
from sknet_spectral._engine.training_config import TrainingConfig


def training_config(**changes):
    """The options, with some changes."""
    defaults = {
        "n_epochs": 60,
        "batch_size": 1024,
        "learning_rate": 2e-3,
        "tol": 0.0,
        "seed": 0,
        "device": "cpu",
        "progress": lambda losses: None,
        "checkpoint": NotKept(),
    }
    return TrainingConfig(**defaults | changes)
