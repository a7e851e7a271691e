"""What to see to in a table before a study of it: one concern a file."""
