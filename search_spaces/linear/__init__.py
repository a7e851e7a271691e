"""Linear models: their hyperparameters and search space."""
