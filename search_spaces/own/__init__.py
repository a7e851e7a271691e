"""The user's own model: hyperparameters of any name, and their search space."""
