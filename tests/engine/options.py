"""The options of a training, with defaults that suit small tests."""

from sknet_spectral._engine.training.training_config import TrainingConfig
from sknet_spectral._persistence.checkpoint import NullCheckpoint


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
        "checkpoint": NullCheckpoint(),
    }
    return TrainingConfig(**defaults | changes)
