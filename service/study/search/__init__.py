"""Which trial runs next, on what, and what becomes of it."""
