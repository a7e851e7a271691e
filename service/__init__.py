"""Data in, split, seal; the coordinator, storage, diagnosis, report and command line. Knows Optuna."""
