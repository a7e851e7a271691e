"""One trial from request to outcome, whatever runs it."""
