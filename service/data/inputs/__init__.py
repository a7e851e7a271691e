"""From columns of values to a model's inputs, by the statistics of the train set alone."""
