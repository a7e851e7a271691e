"""What to see before trusting a run: checks of a network's training on the user's own train set."""
