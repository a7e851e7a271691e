"""The user's own model as a kind of model: code that we did not write, at arm's length."""
