"""The winner trained again, measured beside the baselines, and sitting the sealed test set."""
