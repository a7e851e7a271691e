"""The search, and the database that keeps it."""
