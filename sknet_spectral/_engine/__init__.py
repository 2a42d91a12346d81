"""The engine: network, objectives and training. Never imports scikit-learn."""
