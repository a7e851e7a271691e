"""Boosted trees: their hyperparameters and search space."""
