"""A kind of model that only tests know: all that a kind needs is in this room, and nothing else names it."""
