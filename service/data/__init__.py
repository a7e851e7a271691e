"""From a table to a model's inputs, by the train set alone, and what to see to before."""
