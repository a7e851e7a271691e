"""Which trial runs next, on what, and how it ends."""
