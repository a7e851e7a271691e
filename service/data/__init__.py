"""From a table to a network's inputs, by the train set alone, and what to see to before."""
