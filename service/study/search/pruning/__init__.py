"""Which trials to stop early, decided before they start, from the trials that have ended by then."""
