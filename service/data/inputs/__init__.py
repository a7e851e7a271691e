"""From columns of values to a network's inputs, by the statistics of the train set alone."""
