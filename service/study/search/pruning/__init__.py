"""Which trials to stop early, told before they start, from the trials that have ended by then."""
