"""The winner as a file, and predicting with it; a model needs neither Optuna nor Ray."""
