"""The version, apart so that a build reads it without torch."""

__version__ = "0.1.0.dev0"
