"""A fully connected network and its training: a pure function of data, hyperparameters and seed."""
