"""Preparation: fitted on the train set alone, and used for every other set."""
