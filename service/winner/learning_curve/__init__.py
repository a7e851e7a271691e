"""How much more data would bring: the winner trained on parts of the train set."""
